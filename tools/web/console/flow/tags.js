// Tags: pairs that a form changes, and what must be called to make a secret's tags be those.
import { html } from "../../report/dom.js";
import { useRows } from "./form.js";

export function TagRows({ tags, onTags, wrong }) {
  const box = useRows(tags.length, ".pair input:first-child");
  const change = (k, at, text) =>
    onTags(tags.map((tag, j) => (j === k ? tag.with(at, text) : tag)));
  return html`<div class="pairs" ref=${box}>
    ${tags.map(
      ([key, value], k) =>
        html`<div class="pair" key=${k}>
          <input
            type="text"
            aria-label=${`Key of tag ${k + 1}`}
            placeholder="Key"
            value=${key}
            autocomplete="off"
            onInput=${(event) => change(k, 0, event.target.value)}
          />
          <input
            type="text"
            aria-label=${`Value of tag ${k + 1}`}
            placeholder="Value"
            value=${value}
            autocomplete="off"
            onInput=${(event) => change(k, 1, event.target.value)}
          />
          <button
            type="button"
            class="remove"
            aria-label=${`Remove tag ${k + 1}`}
            onClick=${() => onTags(tags.filter((_, j) => j !== k))}
          >
            Remove
          </button>
        </div>`,
    )}
    <button type="button" onClick=${() => onTags([...tags, ["", ""]])}>Add tag</button>
    ${wrong && html`<p class="error" role="alert"><span aria-hidden="true">✗ </span>${wrong}</p>`}
  </div>`;
}

export const tagMembers = (tags) => tags.map(([Key, Value]) => ({ Key, Value }));

// [gone keys, tags to write]
export function tagChanges(before, after) {
  const old = new Map(before.map((tag) => [tag.Key, tag.Value]));
  const now = new Map(after);
  return [
    [...old.keys()].filter((key) => !now.has(key)),
    after.filter(([key, value]) => old.get(key) !== value),
  ];
}
