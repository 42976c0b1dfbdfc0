// What a property says is not so any more: it stays in sight, whatever happens later.
import { html } from "../../report/dom.js";
import { Jump } from "../../report/panels.js";

export function Broken({ run, onPick }) {
  if (run.violations.length === 0) return null;
  return html`<section class="w-broken" role="alert" aria-label="What is broken">
    ${run.violations.map(
      (v) =>
        html`<details key=${v.event}>
          <summary>
            <span aria-hidden="true">✗</span> <b>${`${v.property} ${v.title}`}</b>${`: ${v.found}`}
          </summary>
          <p>Seen at${" "}<${Jump} run=${run} i=${v.at} onPick=${onPick} />.</p>
          <p>${v.sentence}</p>
          <p>${v.why}</p>
          ${v.aws && html`<p class="soft">${`AWS, ${v.aws}`}</p>`}
        </details>`,
    )}
  </section>`;
}
