// What was so in a lane while it lasted: faults as bands, states as strips.
import { html } from "./dom.js";
import { isBytes, isZero, kRow, segments, stripsOf, stripTone } from "./lanes.js";
import { kToneGlyph } from "./words.js";

// Of the labels' letters, in pixels.
export const kLetter = 6.4;

export const clip = (text, letters) =>
  text.length <= letters ? text : `${text.slice(0, Math.max(1, letters - 1))}…`;

export function Bands({ run, view, plan, id }) {
  const { x, place, win, right, left, gutter } = view;
  const taken = [];
  const names = [];
  const drawn = run.faults.filter((fault) => {
    const end = fault.end >= 0 ? place[fault.end] : Infinity;
    return fault.begin >= 0 && place[fault.begin] <= win.to && end >= win.from;
  });
  return drawn.map((fault, k) => {
    const from = Math.max(left, x(place[fault.begin]));
    const to = Math.min(right, fault.end >= 0 ? x(place[fault.end]) : right);
    const touched = fault.lanes.length ? fault.lanes : run.regions.map((_, lane) => lane);
    const upper = plan.lanes[Math.min(...touched)];
    const lower = plan.lanes[Math.max(...touched)];
    const label = fault.words || `${fault.kind} ${fault.name}`;
    const areas = fault.link
      ? [[upper.line, lower.line]]
      : touched.map((lane) => [plan.lanes[lane].top, plan.lanes[lane].bottom]);
    // Faults upon faults: one ground, and a label each as long as there is room.
    const same = taken.filter((t) => t.top === areas[0][0] && t.from < to && t.to > from);
    const covered = same.some((t) => t.from <= from && t.to >= to);
    taken.push({ top: areas[0][0], from, to });
    // Where names stand in the lanes, the label begins after them.
    const name = run.regions[Math.min(...touched)];
    const start = gutter > 20 || fault.link ? from : Math.max(from, left + name.length * 8 + 4);
    const letters = Math.min(label.length + 2, Math.floor((right - start - 8) / kLetter));
    const ends = start + letters * kLetter + 12;
    const base = (fault.link ? upper.bottom + 1 : areas[0][0]) + 10;
    const row = [0, 1, 2].find(
      (k) => !names.some((t) => t.y === base + k * 12 && t.from < ends && t.to > start),
    );
    const y = base + row * 12;
    if (letters > 6 && row !== undefined) names.push({ y, from: start, to: ends });
    return html`<g key=${k} class="band">
      <title>${label}</title>
      ${areas.map(
        ([top, bottom]) =>
          html`<rect
            x=${from}
            y=${top}
            width=${Math.max(2, to - from)}
            height=${bottom - top}
            fill=${covered ? "none" : `url(#hatch-${id})`}
            class="band-area"
          />`,
      )}
      ${
        letters > 6 &&
        row !== undefined &&
        html`<text x=${start + 5} y=${y} class="band-label halo"
          >${`⚡ ${clip(label, letters - 2)}`}</text
        >`
      }
    </g>`;
  });
}

export function Strips({ run, lane, at, view, id }) {
  const { x, place, win, right, left, gutter } = view;
  const { rows, disk, up } = stripsOf(run)[lane];
  const parts = [];
  for (const part of up ? segments(up, place, win, 60) : []) {
    if (isZero(part.value) || part.value === "up") continue;
    parts.push(
      html`<rect
        class="down"
        x=${x(part.from)}
        y=${at.line - 5}
        height="10"
        width=${Math.max(2, Math.min(right, x(part.to)) - x(part.from))}
        ><title>${part.value}</title></rect
      >`,
    );
  }
  for (const part of disk ? segments(disk, place, win, 80) : []) {
    if (isZero(part.value) || !isBytes(part.value)) continue;
    const from = Math.max(left, x(part.from));
    parts.push(
      html`<rect
        class="unsynced"
        fill=${`url(#disk-${id})`}
        x=${from}
        y=${at.line + 5}
        width=${Math.max(3, Math.min(right, x(part.to)) - from)}
        height="5"
        ><title>${`not yet durable: ${part.value}`}</title></rect
      >`,
    );
  }
  rows.forEach((strip, row) => {
    const y = at.strip + row * kRow;
    segments(strip, place, win, 80).forEach((part) => {
      const from = Math.max(left, x(part.from));
      const width = Math.max(1, Math.min(right, x(part.to)) - from - 1);
      const feel = stripTone(strip.what, part.value);
      const name = gutter > 20 ? "" : `${stripName(strip)} `;
      const text = `${kToneGlyph[feel]} ${name}${part.value}`.trim();
      const letters = Math.floor((width - 6) / 6.1);
      parts.push(
        html`<g class=${`strip ${feel}`}>
          <title>${`${stripName(strip)}: ${part.value}`}</title>
          <rect x=${from} y=${y} width=${width} height="13" rx="2" />
          ${
            letters >= Math.min(4, text.length) &&
            html`<text x=${from + 4} y=${y + 10}>${clip(text, letters)}</text>`
          }
        </g>`,
      );
    });
  });
  return parts;
}

export function stripName(strip) {
  if (strip.what === "status") return strip.of.includes("→") ? strip.of : `→ ${strip.of}`;
  if (strip.what === "key")
    return strip.of.startsWith("key ") ? strip.of : `key ${strip.of}`.trim();
  return strip.what === "role" ? strip.of || "role" : strip.what;
}
