// What leads from one event to another: messages, and causes that no message tells of.
import { html } from "./dom.js";
import { TypeGlyph, typeClass } from "./marks.js";
import { durationText } from "./words.js";

// Whether a message's name finds room; if so, it has it.
function free(view, left, y, text) {
  const right = left + text.length * 6;
  if (!view.roomy || right > view.right || left < view.left + 8) return false;
  if (view.names.some((t) => Math.abs(t.y - y) < 12 && t.left < right && t.right > left))
    return false;
  view.names.push({ left, right, y });
  return true;
}

// One line of a message: to where it arrived, or to where it was lost, or into the open.
export function Arrow({ run, message, view, plan, dim }) {
  const { x, place, right } = view;
  const from = plan.lanes[message.from];
  const to = plan.lanes[message.to];
  if (!from || !to) return null;
  const index = run.messageTypes.indexOf(message.type);
  const x1 = x(place[message.sent]);
  const y1 = from.line;
  const twice = message.got.length > 1;
  const paint = `${typeClass(index)}${message.delayed ? " delayed" : ""}${dim ? " dim" : ""}`;
  const lines = [];
  const title = `${message.type} from ${run.regions[message.from]} to ${run.regions[message.to]}`;
  const arrow = (x2, y2, head, more = "") => {
    const length = Math.hypot(x2 - x1, y2 - y1) || 1;
    const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
    const shift = more === "twin" ? 2.5 : 0;
    const [ox, oy] = [-dy * shift, dx * shift];
    const [tx, ty] = [x2 - dx * 5, y2 - dy * 5];
    lines.push(
      html`<path
        class=${`wire ${more === "open" ? "open" : ""}`}
        d=${`M${x1 + ox} ${y1 + oy}L${tx + ox} ${ty + oy}`}
      />`,
    );
    if (twice && more === "") {
      lines.push(
        html`<path
          class="wire"
          d=${`M${x1 + dy * 2.5} ${y1 - dx * 2.5}L${tx + dy * 2.5} ${ty - dx * 2.5}`}
        />`,
      );
    }
    if (head) {
      const [bx, by] = [tx - dx * 8, ty - dy * 8];
      lines.push(
        html`<path
          class="head"
          d=${`M${tx} ${ty}L${bx - dy * 4} ${by + dx * 4}L${bx + dy * 4} ${by - dx * 4}Z`}
        />`,
      );
    }
  };
  // Signs stand between the lanes, where nothing else does.
  const falls = to.line > from.line;
  const [open, shut] = falls
    ? [from.bottom, plan.lanes[message.from + 1].top + 6]
    : [plan.lanes[message.from - 1].bottom, from.top + 6];
  let end = [x1, y1];
  if (message.lost >= 0 && !message.got.length) {
    const stop = falls ? shut + 6 : open + 2;
    const reach = (stop - y1) / (to.line - y1);
    end = [x1 + (x(place[message.lost]) - x1) * reach, stop];
    arrow(end[0], end[1], false);
    lines.push(
      html`<path
        class="lost"
        transform=${`translate(${end[0]} ${end[1]})`}
        d="M-5 -5L5 5M-5 5L5 -5"
      />`,
    );
  } else if (!message.got.length) {
    end = [Math.min(right, x1 + 46), falls ? shut + 6 : open];
    arrow(end[0], end[1], false, "open");
  }
  message.got.forEach((i, k) => {
    arrow(x(place[i]), to.line, true, k ? "twin" : "");
    if (!k) end = [x(place[i]), to.line];
  });
  const gy = (open + shut) / 2 + (falls ? 0 : 6);
  const gx = x1 + ((end[0] - x1) * (gy - y1)) / (end[1] - y1 || 1);
  const fate =
    message.lost >= 0 && !message.got.length
      ? `, lost: ${message.why}`
      : twice
        ? ", arrives twice"
        : message.delayed
          ? `, late: ${durationText(message.latency)}`
          : "";
  return html`<g class=${`arrow ${paint}`}>
    <title>${title + fate}</title>
    ${lines}
    <g transform=${`translate(${gx} ${gy})`}><${TypeGlyph} index=${index} /></g>
    ${
      free(view, gx + 8, gy, message.type) &&
      html`<text class="arrow-label halo" x=${gx + 8} y=${gy + 4}>${message.type}</text>`
    }
  </g>`;
}

export function causePath(view, y, from, to) {
  const [x1, x2] = [view.x(view.place[from]), view.x(view.place[to])];
  const [y1, y2] = [y(from), y(to)];
  const low = y1 === y2 ? y1 + Math.min(24, 6 + Math.abs(x2 - x1) / 6) : (y1 + y2) / 2;
  return `M${x1} ${y1}Q${(x1 + x2) / 2} ${low} ${x2} ${y2}`;
}

// Links from cause to effect that no message tells of, and from a violation to its witnesses.
export function Causes({ run, view, y, events, cone }) {
  const links = [];
  for (const i of events) {
    const from = run.parents(i).filter((k) => run.lane[k] !== run.lane[i]);
    const violation = run.violations.find((v) => v.at === i);
    if (violation) from.push(...run.setOf(violation.witness));
    for (const k of new Set(from)) {
      if (run.messages[run.messageAt[i]]?.sent === k || !cone.has(i)) continue;
      links.push(html`<path class="cause" d=${causePath(view, y, k, i)} />`);
    }
  }
  return links;
}
