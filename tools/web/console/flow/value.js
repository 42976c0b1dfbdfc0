// A secret's value while it is typed: key/value pairs, or plaintext; the same either way.
import { useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { bytesOf, kValueMost } from "./check.js";
import { AreaField, Choice, useRows } from "./form.js";

export const emptyValue = () => ({ form: "pairs", pairs: [["", ""]], text: "" });

// The pairs of a JSON object whose values are all strings; null: it is something else.
export function pairsOf(text) {
  try {
    const object = JSON.parse(text);
    if (object === null || typeof object !== "object" || Array.isArray(object)) return null;
    const pairs = Object.entries(object);
    return pairs.length > 0 && pairs.every(([, value]) => typeof value === "string") ? pairs : null;
  } catch {
    return null;
  }
}

export function valueOf(text) {
  const pairs = pairsOf(text);
  return { form: pairs ? "pairs" : "text", pairs: pairs ?? [["", ""]], text };
}

const named = (value) => value.pairs.filter(([key, text]) => key || text);

// What is stored.
export function secretString(value) {
  if (value.form === "text") return value.text;
  const pairs = named(value);
  return pairs.length ? JSON.stringify(Object.fromEntries(pairs)) : "";
}

export function checkValue(value) {
  if (value.form === "pairs") {
    const keys = named(value).map(([key]) => key);
    if (keys.includes("")) return "Every value needs a key.";
    if (new Set(keys).size < keys.length) return "A key is there twice.";
  }
  const size = bytesOf(secretString(value));
  if (size === 0) return "There is no value yet.";
  return size > kValueMost ? `${size} bytes: a value has at most ${kValueMost}.` : "";
}

export function ValueEditor({ value, onValue, wrong }) {
  const [why, setWhy] = useState("");
  const pick = (form) => {
    if (form === value.form) return;
    setWhy("");
    if (form === "text") return onValue({ ...value, form, text: secretString(value) });
    if (!value.text.trim()) return onValue({ ...value, form, pairs: [["", ""]] });
    const pairs = pairsOf(value.text);
    if (!pairs) return setWhy("This plaintext is no JSON object of texts: it stays plaintext.");
    return onValue({ ...value, form, pairs });
  };
  const size = bytesOf(secretString(value));
  return html`<div class="value-editor">
    <${Choice}
      legend="Enter the value as"
      value=${value.form}
      onPick=${pick}
      options=${[
        ["pairs", "Key/value pairs"],
        ["text", "Plaintext"],
      ]}
    />
    ${
      value.form === "pairs"
        ? html`<${Pairs} pairs=${value.pairs} onPairs=${(pairs) => onValue({ ...value, pairs })} />`
        : html`<${AreaField}
            label="Plaintext"
            rows=${5}
            mono
            value=${value.text}
            onText=${(text) => onValue({ ...value, text })}
          />`
    }
    <p class=${`hint${size > kValueMost ? " over" : ""}`}>
      ${`${size} of ${kValueMost} bytes`}${
        value.form === "pairs" && size > 0 && ", stored as a JSON object"
      }
    </p>
    ${
      (wrong || why) &&
      html`<p class="error" role="alert"><span aria-hidden="true">✗ </span>${wrong || why}</p>`
    }
  </div>`;
}

function Pairs({ pairs, onPairs }) {
  const box = useRows(pairs.length, ".pair input:first-child");
  const change = (k, at, text) =>
    onPairs(pairs.map((pair, j) => (j === k ? pair.with(at, text) : pair)));
  const input = (k, at, what) =>
    html`<input
      type="text"
      class="mono"
      aria-label=${`${what} ${k + 1}`}
      placeholder=${what}
      value=${pairs[k][at]}
      autocomplete="off"
      autocapitalize="off"
      spellcheck=${false}
      onInput=${(event) => change(k, at, event.target.value)}
    />`;
  return html`<div class="pairs" ref=${box}>
    ${pairs.map(
      (_, k) =>
        html`<div class="pair" key=${k}>
          ${input(k, 0, "Key")}${input(k, 1, "Value")}
          <button
            type="button"
            class="remove"
            aria-label=${`Remove pair ${k + 1}`}
            disabled=${pairs.length === 1}
            onClick=${() => onPairs(pairs.filter((__, j) => j !== k))}
          >
            Remove
          </button>
        </div>`,
    )}
    <button type="button" onClick=${() => onPairs([...pairs, ["", ""]])}>Add row</button>
  </div>`;
}

// A value that the service has given out. Always text.
export function ShownValue({ answer }) {
  if (answer.SecretString === undefined) {
    return html`<p class="hint">Binary, as base64:</p>
      <pre class="shown" tabindex="0">${answer.SecretBinary ?? ""}</pre>`;
  }
  const pairs = pairsOf(answer.SecretString);
  if (!pairs) return html`<pre class="shown" tabindex="0">${answer.SecretString}</pre>`;
  return html`<table class="list shown">
    <thead>
      <tr>
        <th scope="col">Key</th>
        <th scope="col">Value</th>
      </tr>
    </thead>
    <tbody>
      ${pairs.map(
        ([key, value]) =>
          html`<tr key=${key}>
            <td><code>${key}</code></td>
            <td><code>${value}</code></td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
