// Fields of forms: label, hint, what is wrong, and how much room is left.
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { html } from "../../report/dom.js";

// `control` gets {id, "aria-describedby", "aria-invalid"} for the element itself.
export function Field({ label, optional, hint, error, count, most, control }) {
  const id = useId();
  const counted = most !== undefined && count !== undefined;
  const described = [hint && `${id}h`, error && `${id}e`, counted && `${id}c`].filter(Boolean);
  return html`<div class=${`field${error ? " wrong" : ""}`}>
    <label for=${id}
      >${label}${optional && html`<span class="soft">${" – "}<i>optional</i></span>`}</label
    >
    ${hint && html`<p class="hint" id=${`${id}h`}>${hint}</p>`}
    ${control({
      id,
      "aria-describedby": described.join(" ") || undefined,
      "aria-invalid": error ? "true" : undefined,
    })}
    ${
      counted &&
      html`<p class=${`hint count${count > most ? " over" : ""}`} id=${`${id}c`}>
        ${count} of ${most} characters
      </p>`
    }
    ${error && html`<p class="error" id=${`${id}e`}><span aria-hidden="true">✗ </span>${error}</p>`}
  </div>`;
}

export function TextField({ value, onText, type = "text", placeholder, mono, ...field }) {
  return html`<${Field}
    ...${field}
    control=${(attributes) =>
      html`<input
        ...${attributes}
        type=${type}
        class=${mono ? "mono" : undefined}
        value=${value}
        placeholder=${placeholder}
        autocomplete="off"
        autocapitalize="off"
        spellcheck=${false}
        onInput=${(event) => onText(event.target.value)}
      />`}
  />`;
}

export function AreaField({ value, onText, rows = 3, mono, placeholder, ...field }) {
  return html`<${Field}
    ...${field}
    control=${(attributes) =>
      html`<textarea
        ...${attributes}
        class=${mono ? "mono" : undefined}
        rows=${rows}
        value=${value}
        placeholder=${placeholder}
        autocomplete="off"
        spellcheck=${false}
        onInput=${(event) => onText(event.target.value)}
      ></textarea>`}
  />`;
}

export function NumberField({ value, onText, min, max, unit, ...field }) {
  return html`<${Field}
    ...${field}
    control=${(attributes) =>
      html`<span class="row"
        ><input
          ...${attributes}
          type="number"
          inputmode="numeric"
          min=${min}
          max=${max}
          step="1"
          value=${value}
          onInput=${(event) => onText(event.target.value)}
        />${unit}</span
      >`}
  />`;
}

export function SelectField({ value, onPick, options, children, ...field }) {
  return html`<${Field}
    ...${field}
    control=${(attributes) =>
      html`<select
        ...${attributes}
        value=${value}
        onChange=${(event) => onPick(event.target.value)}
      >
        ${children ?? options.map(([key, text]) => html`<option value=${key}>${text}</option>`)}
      </select>`}
  />`;
}

export function Check({ checked, onCheck, hint, children }) {
  const id = useId();
  return html`<div class="check">
    <input
      type="checkbox"
      id=${id}
      checked=${checked}
      aria-describedby=${hint ? `${id}h` : undefined}
      onChange=${(event) => onCheck(event.target.checked)}
    />
    <label for=${id}>${children}</label>
    ${hint && html`<p class="hint" id=${`${id}h`}>${hint}</p>`}
  </div>`;
}

// For lists of rows with a button that adds one: whoever adds a row is led into it, whoever removes
// one is not lost. `first` selects the first field of a row. Answers the ref of the list's element.
export function useRows(count, first) {
  const box = useRef(null);
  const before = useRef(count);
  useLayoutEffect(() => {
    const was = before.current;
    before.current = count;
    const here = document.activeElement;
    if (count > was && box.current?.contains(here)) {
      [...box.current.querySelectorAll(first)].at(-1)?.focus();
    }
    if (count < was && (!here || here === document.body || here.tagName === "DIALOG")) {
      box.current?.querySelector(":scope > button")?.focus();
    }
  }, [count]);
  return box;
}

// One of few, as radio buttons in a row.
export function Choice({ legend, value, onPick, options }) {
  const name = useId();
  return html`<fieldset class="radios">
    <legend>${legend}</legend>
    ${options.map(
      ([key, text]) =>
        html`<label key=${key}
          ><input
            type="radio"
            name=${name}
            checked=${value === key}
            onChange=${() => onPick(key)}
          />${text}</label
        >`,
    )}
  </fieldset>`;
}

// A question that must be answered before anything else; Escape and Cancel close it.
export function Dialog({ title, onClose, children }) {
  const id = useId();
  const box = useRef(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    box.current.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  return html`<dialog
    ref=${box}
    aria-labelledby=${id}
    onCancel=${(event) => {
      event.preventDefault();
      onClose();
    }}
  >
    <h3 id=${id}>${title}</h3>
    ${children}
  </dialog>`;
}

// The buttons below a form in a dialog. `word` says what will happen.
export function Decide({ word, danger, busy, disabled, onClose }) {
  return html`<div class="decide">
    <button type="button" onClick=${onClose}>Cancel</button>
    <button
      type="submit"
      class=${danger ? "danger" : "primary"}
      disabled=${disabled || Boolean(busy)}
    >
      ${busy ? "Asking…" : word}
    </button>
  </div>`;
}

export const submits = (act) => (event) => {
  event.preventDefault();
  act();
};
