// Small things that several places show.
import { html } from "../../report/dom.js";
import { isReplica, replicasOf, statusOf } from "./world.js";

// A word with a sign that says in black and white what the colour says.
export function Badge({ feel, sign, children }) {
  return html`<span class=${`badge ${feel}`}
    >${sign && html`<span aria-hidden="true">${`${sign}\u00a0`}</span>`}${children}</span
  >`;
}

export function StatusBadge({ entry }) {
  const { feel, sign, word } = statusOf(entry);
  return html`<${Badge} feel=${feel} sign=${sign}>${word}</${Badge}>`;
}

export function RoleText({ secret }) {
  if (isReplica(secret)) return html`<${Badge} feel="accent">Replica</${Badge}>`;
  if (replicasOf(secret).length > 0) return html`<${Badge} feel="plain">Primary</${Badge}>`;
  return html`<span class="soft">Standalone</span>`;
}

// A card of the details page: what it is about, its buttons, its content.
export function Section({ title, id, actions, children }) {
  return html`<section class="card" aria-labelledby=${id}>
    <div class="card-head">
      <h3 id=${id}>${title}</h3>
      ${actions && html`<div class="actions">${actions}</div>`}
    </div>
    ${children}
  </section>`;
}

export function Facts({ rows }) {
  return html`<dl class="facts">
    ${rows
      .filter(([, value]) => value !== "" && value !== undefined && value !== null)
      .map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
  </dl>`;
}
