// What the signs of this run's diagram mean; only those that occur.
import { useMemo } from "preact/hooks";
import { html } from "./dom.js";
import { isBytes } from "./lanes.js";
import { Glyph, markOf, TypeGlyph, typeClass } from "./marks.js";

const kLost = html`<path class="wire" d="M1 8H24" />
  <path class="lost" d="M20 3l10 10M30 3l-10 10" />`;

const swatch = (kind, text) =>
  html`<li><span class=${`swatch ${kind}-swatch`} aria-hidden="true"></span>${text}</li>`;

export function Legend({ run, details, open = run.n <= 10000 }) {
  const marks = useMemo(() => {
    const found = new Map();
    const seen = new Set();
    for (let i = 0; i < run.n; i += 1) {
      if (seen.has(run.columns.kind[i]) || (!details && run.minor[i])) continue;
      seen.add(run.columns.kind[i]);
      const kind = run.text("kind", i);
      const name = markOf(kind)[2];
      if (!found.has(name)) found.set(name, kind);
    }
    return [...found];
  }, [run, details]);
  const line = (paint, path, text) =>
    html`<li>
      <svg width="34" height="16" viewBox="0 0 34 16" aria-hidden="true">
        <g class=${`arrow m0 ${paint}`}>${path}</g></svg
      >${text}
    </li>`;
  const some = (test) => run.messages.some(test);
  return html`<details class="legend" open=${open}>
    <summary>Signs</summary>
    <ul>
      ${marks.map(
        ([name, kind]) =>
          html`<li key=${name}>
            <svg width="20" height="20" viewBox="-10 -12 20 20" aria-hidden="true">
              <g transform=${kind === "PROMOTED" ? "translate(-4 6)" : ""}>
                <${Glyph} kind=${kind} />
              </g></svg
            >${name}
          </li>`,
      )}
      ${run.messageTypes.map(
        (type, k) =>
          html`<li key=${type}>
            <svg width="34" height="16" viewBox="0 0 34 16" aria-hidden="true">
              <g class=${`arrow ${typeClass(k)}`}>
                <path class="wire" d="M1 8H28" />
                <path class="head" d="M33 8L25 4V12Z" />
                <g transform="translate(11 8)"><${TypeGlyph} index=${k} /></g>
              </g></svg
            >${type}
          </li>`,
      )}
      ${some((m) => m.delayed) && line("delayed", html`<path class="wire" d="M1 8H33" />`, "late")}
      ${some((m) => m.got.length > 1) &&
      line("", html`<path class="wire" d="M1 6H33M1 10H33" />`, "arrives twice")}
      ${some((m) => m.lost >= 0) && line("", kLost, "lost")}
      ${run.faults.length > 0 && swatch("band", "while a fault lasts")}
      ${run.changes.some((c) => c.what === "disk" && isBytes(c.value)) &&
      swatch("disk", "written, not yet durable")}
    </ul>
  </details>`;
}
