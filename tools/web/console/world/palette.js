// Every fault of the catalogue: what it does, why one would try it, and a form for it.
import { useEffect, useMemo, useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { Press } from "./actions.js";
import { KeyOptions, Quick, RegionOptions, usualKey, usualPair } from "./quick.js";

// The catalogue does not change while the server lives.
export function usePalette(api, back) {
  const [palette, setPalette] = useState(null);
  const [why, setWhy] = useState("");
  useEffect(() => {
    let wanted = true;
    api.palette().then(
      (found) => {
        if (!wanted) return;
        setPalette(found);
        setWhy("");
      },
      (error) => wanted && setWhy(error.message),
    );
    return () => (wanted = false);
  }, [api, back]);
  return [palette, why];
}

const kHints = { duration: "250ms, 30s, 1h30m", ratio: "1/20" };

function Field({ field, value, values, world, onValue, id }) {
  const change = (event) => onValue(event.target.value);
  const empty = field.required ? null : html`<option value="">–</option>`;
  const region = values.region ?? values.from ?? "";
  if (field.type === "flag") {
    return html`<label class="w-flag"
      ><input
        type="checkbox"
        checked=${value === "yes"}
        onChange=${(event) => onValue(event.target.checked ? "yes" : "")}
      />${field.word}</label
    >`;
  }
  const select = (options) =>
    html`<select id=${id} value=${value} onChange=${change} required=${field.required}>
      ${empty}${options}
    </select>`;
  const text = (more) =>
    html`<input
      id=${id}
      type="text"
      value=${value}
      placeholder=${field.hint || kHints[field.type] || ""}
      required=${field.required}
      autocomplete="off"
      spellcheck="false"
      onInput=${change}
      ...${more}
    />`;
  const several = (options) =>
    html`<select
      id=${id}
      multiple
      size="4"
      onChange=${(event) => onValue([...event.target.selectedOptions].map((one) => one.value))}
    >
      ${options}
    </select>`;
  if (field.many && field.type === "region") {
    return html`<div class="w-field">
      <label for=${id}>${field.word} <span class="soft">(several; none: all)</span></label>
      ${several(html`<${RegionOptions} world=${world} />`)}
    </div>`;
  }
  const control = {
    region: () => select(html`<${RegionOptions} world=${world} />`),
    peer: () => select(html`<${RegionOptions} world=${world} not=${region} />`),
    key: () => select(html`<${KeyOptions} world=${world} region=${region} />`),
    choice: () => select(field.choices.map((one) => html`<option value=${one}>${one}</option>`)),
    number: () => text({ inputmode: "numeric", pattern: "-?[0-9]*" }),
  }[field.type];
  return html`<div class="w-field">
    <label for=${id}
      >${field.word}${!field.required && html`<span class="soft"> (optional)</span>`}</label
    >
    ${control ? control() : text({})}
  </div>`;
}

// What a form begins with: the Regions and keys that are there.
function firstValues(kind, world) {
  const [from, to] = usualPair(world);
  const values = {};
  const regions = kind.fields.filter((field) => field.type === "region" || field.type === "peer");
  for (const field of regions) {
    if (field.many || (!field.required && field.type !== "peer")) continue;
    values[field.word] = regions.length > 1 && field === regions[0] ? from : to;
  }
  for (const field of kind.fields) {
    if (!field.required) continue;
    if (field.type === "key") values[field.word] = usualKey(world, values.region ?? to);
    if (field.type === "duration") values[field.word] = field.hint || "10s";
    if (field.type === "choice") values[field.word] = field.choices[0] ?? "";
  }
  return values;
}

// What a field holds, as a list; several values in one field stand apart by commas or spaces.
function given(field, value) {
  if (Array.isArray(value)) return value;
  const text = (value ?? "").trim();
  if (!text) return [];
  return field.many ? text.split(/[\s,]+/) : [text];
}

export function wordsOf(kind, values) {
  const words = [kind.kind];
  for (const field of kind.fields) {
    for (const value of given(field, values[field.word])) {
      if (field.type === "flag") words.push(`--${field.word}`);
      else words.push(`--${field.word}`, value);
    }
  }
  if (kind.lasts && values.for?.trim()) words.push("--for", values.for.trim());
  return words;
}

const quoted = (word) => (/^[\w./:+-]+$/.test(word) ? word : `'${word}'`);

function Form({ kind, world, api, actions }) {
  const [values, setValues] = useState(() => firstValues(kind, world));
  const set = (word) => (value) => setValues({ ...values, [word]: value });
  const words = wordsOf(kind, values);
  const anyOf = kind.any_of ?? [];
  const lacks = anyOf.length > 0 && !anyOf.some((word) => values[word]?.length > 0);
  const name = `fault ${kind.kind}`;
  const submit = (event) => {
    event.preventDefault();
    actions.act(
      name,
      () => api.fault(words),
      () => `${kind.title}: done`,
    );
  };
  return html`<form class="w-form" onSubmit=${submit}>
    <p><b>What it does</b> ${kind.what}</p>
    ${kind.why && html`<p><b>Why try it</b> ${kind.why}</p>`}
    <div class="w-fields">
      ${kind.fields.map(
        (field) =>
          html`<${Field}
            key=${field.word}
            id=${`f-${kind.kind}-${field.word}`}
            field=${field}
            value=${values[field.word] ?? ""}
            values=${values}
            world=${world}
            onValue=${set(field.word)}
          />`,
      )}
      ${
        kind.lasts &&
        html`<div class="w-field">
          <label for=${`f-${kind.kind}-for`}>for <span class="soft">(optional)</span></label>
          <input
            id=${`f-${kind.kind}-for`}
            type="text"
            placeholder="30s; empty: until cleared"
            value=${values.for ?? ""}
            onInput=${(event) => set("for")(event.target.value)}
          />
        </div>`
      }
    </div>
    ${lacks && html`<p class="soft">Choose at least one of ${anyOf.join(", ")}.</p>`}
    <div class="w-row">
      <code class="w-words">faultline fault add ${words.map(quoted).join(" ")}</code>
      <span class="w-gap"></span>
      <button
        type="submit"
        disabled=${lacks}
        class=${`primary${actions.busy.has(name) ? " w-pressed" : ""}`}
        aria-busy=${actions.busy.has(name) ? "true" : undefined}
      >
        Apply
      </button>
    </div>
  </form>`;
}

const matches = (kind, group, wanted) =>
  `${kind.kind} ${kind.title} ${kind.what} ${kind.ids.join(" ")} ${group.name}`
    .toLowerCase()
    .includes(wanted);

export function Palette({ world, api, actions, palette, why }) {
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState("");
  const wanted = search.trim().toLowerCase();
  const groups = useMemo(
    () =>
      (palette?.groups ?? [])
        .map((group) => ({ ...group, kinds: group.kinds.filter((k) => matches(k, group, wanted)) }))
        .filter((group) => group.kinds.length > 0),
    [palette, wanted],
  );
  return html`<${Quick} world=${world} api=${api} actions=${actions} />
    <div class="w-search">
      <label for="fault-search">Every fault</label>
      <input
        id="fault-search"
        type="search"
        placeholder="Search: throttle, KMS-02, disk …"
        value=${search}
        onInput=${(event) => setSearch(event.target.value)}
      />
    </div>
    ${why && html`<p class="notice small" role="alert">${why}</p>`}
    ${palette && groups.length === 0 && html`<p class="empty">No fault has these words.</p>`}
    ${groups.map(
      (group) =>
        html`<section key=${group.name} class="w-group">
          <h3>${group.name}</h3>
          <ul>
            ${group.kinds.map((kind) => {
              const here = open === kind.kind;
              return html`<li key=${kind.kind} class=${here ? "open" : ""}>
                <button
                  type="button"
                  class="w-kind"
                  aria-expanded=${here ? "true" : "false"}
                  onClick=${() => setOpen(here ? "" : kind.kind)}
                >
                  <span>${kind.title}</span>
                  <span class="soft w-ids">${kind.ids.join(" ")}</span>
                </button>
                ${
                  here &&
                  html`<${Form} kind=${kind} world=${world} api=${api} actions=${actions} />`
                }
              </li>`;
            })}
          </ul>
        </section>`,
    )}`;
}
