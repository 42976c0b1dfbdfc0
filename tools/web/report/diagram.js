// The space-time diagram of a window: a lane per region, time or causality to the right.
import { useMemo, useRef } from "preact/hooks";
import { html } from "./dom.js";
import { isBytes, isZero, kRow, lanePlan, segments, stripsOf, stripTone } from "./lanes.js";
import { Glyph, TypeGlyph, typeClass } from "./marks.js";
import { durationText, groups, kToneGlyph, sentence, timeText, tone } from "./words.js";

const kWide = 700;
const kGutter = 138;
const kLetter = 6.4;

export const gutterOf = (width) => (width >= kWide ? kGutter : 8);

const clip = (text, letters) =>
  text.length <= letters ? text : `${text.slice(0, Math.max(1, letters - 1))}…`;

function Bands({ run, view, plan, id }) {
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
    const row = [0, 1, 2].find((k) => !names.some((t) => t.y === base + k * 12 && t.from < ends && t.to > start));
    const y = base + row * 12;
    if (letters > 6 && row !== undefined) names.push({ y, from: start, to: ends });
    return html`<g key=${k} class="band">
      <title>${label}</title>
      ${areas.map(
        ([top, bottom]) => html`<rect x=${from} y=${top} width=${Math.max(2, to - from)}
          height=${bottom - top} fill=${covered ? "none" : `url(#hatch-${id})`} class="band-area" />`,
      )}
      ${letters > 6 && row !== undefined &&
      html`<text x=${start + 5} y=${y} class="band-label halo">${`⚡ ${clip(label, letters - 2)}`}</text>`}
    </g>`;
  });
}

function Strips({ run, lane, at, view, id }) {
  const { x, place, win, right, left, gutter } = view;
  const { rows, disk, up } = stripsOf(run)[lane];
  const parts = [];
  for (const part of up ? segments(up, place, win, 60) : []) {
    if (isZero(part.value) || part.value === "up") continue;
    parts.push(html`<rect class="down" x=${x(part.from)} y=${at.line - 5} height="10"
      width=${Math.max(2, Math.min(right, x(part.to)) - x(part.from))}><title>${part.value}</title></rect>`);
  }
  for (const part of disk ? segments(disk, place, win, 80) : []) {
    if (isZero(part.value) || !isBytes(part.value)) continue;
    const from = Math.max(left, x(part.from));
    parts.push(html`<rect class="unsynced" fill=${`url(#disk-${id})`} x=${from} y=${at.line + 5}
      width=${Math.max(3, Math.min(right, x(part.to)) - from)} height="5"
      ><title>${`not yet durable: ${part.value}`}</title></rect>`);
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
      parts.push(html`<g class=${`strip ${feel}`}>
        <title>${`${stripName(strip)}: ${part.value}`}</title>
        <rect x=${from} y=${y} width=${width} height="13" rx="2" />
        ${letters >= Math.min(4, text.length) &&
        html`<text x=${from + 4} y=${y + 10}>${clip(text, letters)}</text>`}
      </g>`);
    });
  });
  return parts;
}

function stripName(strip) {
  if (strip.what === "status") return strip.of.includes("→") ? strip.of : `→ ${strip.of}`;
  if (strip.what === "key") return strip.of.startsWith("key ") ? strip.of : `key ${strip.of}`.trim();
  return strip.what === "role" ? strip.of || "role" : strip.what;
}

// Whether a message's name finds room; if so, it has it.
function free(view, left, y, text) {
  const right = left + text.length * 6;
  if (!view.roomy || right > view.right || left < view.left + 8) return false;
  if (view.names.some((t) => Math.abs(t.y - y) < 12 && t.left < right && t.right > left)) return false;
  view.names.push({ left, right, y });
  return true;
}

// One line of a message: to where it arrived, or to where it was lost, or into the open.
function Arrow({ run, message, view, plan, dim }) {
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
    lines.push(html`<path class=${`wire ${more === "open" ? "open" : ""}`}
      d=${`M${x1 + ox} ${y1 + oy}L${tx + ox} ${ty + oy}`} />`);
    if (twice && more === "") {
      lines.push(html`<path class="wire" d=${`M${x1 + dy * 2.5} ${y1 - dx * 2.5}L${tx + dy * 2.5} ${ty - dx * 2.5}`} />`);
    }
    if (head) {
      const [bx, by] = [tx - dx * 8, ty - dy * 8];
      lines.push(html`<path class="head"
        d=${`M${tx} ${ty}L${bx - dy * 4} ${by + dx * 4}L${bx + dy * 4} ${by - dx * 4}Z`} />`);
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
    lines.push(html`<path class="lost" transform=${`translate(${end[0]} ${end[1]})`}
      d="M-5 -5L5 5M-5 5L5 -5" />`);
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
  const fate = message.lost >= 0 && !message.got.length ? `, lost: ${message.why}` : twice ? ", arrives twice" : message.delayed ? `, late: ${durationText(message.latency)}` : "";
  return html`<g class=${`arrow ${paint}`}>
    <title>${title + fate}</title>
    ${lines}
    <g transform=${`translate(${gx} ${gy})`}><${TypeGlyph} index=${index} /></g>
    ${free(view, gx + 8, gy, message.type) &&
    html`<text class="arrow-label halo" x=${gx + 8} y=${gy + 4}>${message.type}</text>`}
  </g>`;
}

function labelOf(run, i) {
  const kind = run.text("kind", i);
  const outcome = run.text("outcome", i);
  switch (kind) {
    case "CALL_STARTED":
    case "SERVICE_CALL_STARTED":
      return [2, run.text("verb", i)];
    case "CALL_ENDED":
    case "SERVICE_CALL_ENDED":
      return outcome === "OK" ? null : [1, outcome];
    case "KMS_CALL":
      return outcome === "OK" ? null : [1, `KMS: ${outcome}`];
    case "PROMOTED":
      return [0, "promoted"];
    case "ACTOR_CRASHED":
      return [0, "crash"];
    case "ACTOR_STARTED":
      return run.text("verb", i) === "restart" ? [1, "restart"] : null;
    case "REPLICA_APPLIED":
      return [run.text("verb", i) === "applied" ? 3 : 1, `${run.text("verb", i)} ${run.columns.number[i]}`];
    case "REPLICA_REMOVED":
      return [0, "removed"];
    case "SECRET_PURGED":
      return [0, "gone for good"];
    case "ROTATION":
      return [2, run.text("verb", i)];
    case "STORE_FAILED":
      return [0, "store failed"];
    default:
      return null;
  }
}

// Labels above the lanes' lines, in two rows; what finds no place stays away.
function Labels({ run, events, view, plan, cone }) {
  if (view.thin) return null;
  const wanted = [];
  for (const i of events) {
    const label = run.lane[i] >= 0 && labelOf(run, i);
    if (label) wanted.push({ i, rank: label[0] + (cone && !cone.has(i) ? 5 : 0), text: label[1] });
  }
  wanted.sort((a, b) => a.rank - b.rank || a.i - b.i);
  const taken = [];
  const placed = [];
  for (const { i, text } of wanted) {
    const left = view.x(view.place[i]) - 4;
    const right = left + text.length * kLetter + 8;
    if (right > view.right + 6 || left < view.left - 6) continue;
    const rows = run.text("kind", i) === "PROMOTED" ? [1] : [0, 1];
    const row = rows.find(
      (k) => !taken.some((t) => t.lane === run.lane[i] && t.k === k && t.left < right && t.right > left),
    );
    if (row === undefined) continue;
    taken.push({ lane: run.lane[i], k: row, left, right });
    const y = plan.lanes[run.lane[i]].line - 10 - row * 12;
    placed.push(html`<text key=${i} x=${left} y=${y}
      class=${`label halo${cone && !cone.has(i) ? " dim" : ""}`}>${text}</text>`);
  }
  return placed;
}

function Axis({ run, events, view, plan, layout }) {
  const { x, place, win, left, right } = view;
  const y = plan.axis;
  const marks = [];
  if (layout.axis === "causal") {
    return html`<text class="axis-label" x=${left} y=${y + 16}>← happened before · only order counts here, not time</text>`;
  }
  let free = left;
  let last = "";
  for (const i of events) {
    const at = x(place[i]);
    const text = timeText(run.at[i]);
    if (text === last || at < free || at > right - 40) continue;
    last = text;
    free = at + 84;
    marks.push(html`<g><path class="axis-tick" d=${`M${at} ${y}v5`} />
      <text class="axis-label" x=${at - 3} y=${y + 17}>${text}</text></g>`);
  }
  for (const { u, gap } of layout.breaks) {
    if (u < win.from || u > win.to) continue;
    const at = x(u);
    marks.push(html`<path class="axis-break" d=${`M${at - 3} ${y + 4}l2 -8M${at + 1} ${y + 4}l2 -8`}
      ><title>${`${durationText(gap)} without events`}</title></path>`);
  }
  return html`<path class="axis-line" d=${`M${left} ${y}H${right}`} />${marks}`;
}

function causePath(view, y, from, to) {
  const [x1, x2] = [view.x(view.place[from]), view.x(view.place[to])];
  const [y1, y2] = [y(from), y(to)];
  const low = y1 === y2 ? y1 + Math.min(24, 6 + Math.abs(x2 - x1) / 6) : (y1 + y2) / 2;
  return `M${x1} ${y1}Q${(x1 + x2) / 2} ${low} ${x2} ${y2}`;
}

// Links from cause to effect that no message tells of, and from a violation to its witnesses.
function Causes({ run, view, y, events, cone }) {
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

function drawStill({ run, view, plan, picked, cone, id, layout, differs }) {
  const { x, place, left, right, win } = view;
  const dim = (i) => (cone && !cone.has(i) ? " dim" : "");
  const y = (i) => (run.lane[i] >= 0 ? plan.lanes[run.lane[i]].line : plan.world);
  const inCone = (m) => !cone || (cone.has(m.sent) && m.got.some((i) => cone.has(i)));
  const inside = (i) => i >= 0 && place[i] >= win.from && place[i] <= win.to;
  return html`
    <${Bands} run=${run} view=${view} plan=${plan} id=${id} />
    <path class="world-line" d=${`M${left} ${plan.world}H${right}`} />
    ${run.violations.filter((v) => inside(v.at)).map(
      (v) => html`<path class="violation-line" d=${`M${x(place[v.at])} ${plan.world}V${plan.axis}`} />`,
    )}
    ${inside(differs) &&
    html`<g><path class="differs" d=${`M${x(place[differs]) - 6} 4V${plan.axis}`} />
      <text class="differs-label halo" y=${plan.axis - 2}
        x=${x(place[differs]) + (x(place[differs]) > right - 200 ? -10 : -2)}
        text-anchor=${x(place[differs]) > right - 200 ? "end" : "start"}>from here on the two runs differ</text></g>`}
    ${plan.lanes.map(
      (at, lane) => html`<path class="lane-line" d=${`M${left} ${at.line}H${right}`} />
        ${Strips({ run, lane, at, view, id })}`,
    )}
    ${run.calls.map((call) => {
      if (call.lane < 0) return null;
      const to = call.end >= 0 ? place[call.end] : place[call.begin] + 0.5;
      if (to < win.from || place[call.begin] > win.to || view.thin) return null;
      const bad = call.outcome && call.outcome !== "OK" ? " bad" : "";
      return html`<path class=${`call${bad}${dim(call.begin)}`}
        d=${`M${Math.max(left, x(place[call.begin]))} ${plan.lanes[call.lane].line}H${Math.min(right, x(to))}`} />`;
    })}
    ${cone && html`<${Causes} run=${run} view=${view} y=${y} events=${picked.events.filter((i) => cone.has(i) || run.violated.has(i))} cone=${cone} />`}
    ${[...picked.messages].sort((a, b) => Number(inCone(b)) - Number(inCone(a))).map((message) => {
      const faded = cone && !inCone(message);
      return html`<${Arrow} run=${run} message=${message} view=${view} plan=${plan} dim=${faded} />`;
    })}
    ${picked.events.map((i) => {
      const kind = run.text("kind", i);
      const feel = /CALL|KMS/.test(kind) && run.text("outcome", i) ? tone(run.text("outcome", i)) : "";
      const violation = run.violated.has(i);
      return html`<g key=${i} class=${`event${violation ? " violation" : ""}${dim(i)}`}
        transform=${`translate(${x(place[i])} ${y(i)})`}>
        <title>${`${run.label(i)}: ${run.regionName(run.lane[i])} ${sentence(run, i)}`}</title>
        ${violation && html`<circle r="8.5" class="violation-disc" />`}
        <${Glyph} kind=${kind} tone=${feel} />
      </g>`;
    })}
    <${Labels} run=${run} events=${picked.events} view=${view} plan=${plan} cone=${cone} />
    <${Axis} run=${run} events=${picked.events} view=${view} plan=${plan} layout=${layout} />`;
}

// Names at the left, and what is so at the current event.
function Heads({ run, state, plan, view }) {
  const wide = view.gutter > 20;
  return run.regions.map((name, lane) => {
    const at = plan.lanes[lane];
    const value = (what) => state.get(`${lane}\n${what}\n`)?.value ?? "";
    const words = [];
    const up = value("up");
    if (up && up !== "up") words.push(`${kToneGlyph[tone(up)]} ${up}`);
    if (!isZero(value("disk"))) {
      words.push(isBytes(value("disk")) ? `${groups(value("disk"))} B unsynced` : `✗ disk`);
    } else if (isBytes(value("disk"))) words.push("disk synced");
    if (!isZero(value("clock"))) words.push("… clock");
    const line = words.join(" · ");
    if (!wide) {
      return html`<text x=${view.left} y=${at.top + 8} class="region halo">${name}<tspan class="soft" dx="8"
        >${line}</tspan></text>`;
    }
    return html`<g><text x="10" y=${at.line - 2} class="region">${clip(name, 17)}</text>
      <text x="10" y=${at.line + 11} class="soft">${clip(line, 22)}</text>
      ${stripsOf(run)[lane].rows.map(
        (strip, row) => html`<text x=${view.left - 8} y=${at.strip + row * kRow + 10} class="soft"
          text-anchor="end">${clip(stripName(strip), 20)}<title>${stripName(strip)}</title></text>`,
      )}</g>`;
  });
}

export function Diagram(props) {
  const { run, place, layout, win, current, cone, picked, width, id, label, onPick, onWindow, differs } = props;
  const svg = useRef(null);
  const drag = useRef(null);
  const plan = useMemo(() => lanePlan(run), [run]);
  const gutter = gutterOf(width);
  const left = gutter;
  const right = width - 10;
  const x = (u) => left + ((u - win.from) / (win.to - win.from)) * (right - left);
  const pixelsAUnit = (right - left) / (win.to - win.from);
  const roomy = picked.messages.length <= 40 && width >= kWide;
  const view = { x, place, win, left, right, gutter, roomy, thin: pixelsAUnit < 2, names: [] };
  const still = useMemo(
    () => drawStill({ run, view, plan, picked, cone, id, layout, differs }),
    [run, place, win, cone, picked, width, differs],
  );
  const state = useMemo(() => run.stateAt(current), [run, current]);
  const laneY = (i) => (run.lane[i] >= 0 ? plan.lanes[run.lane[i]].line : plan.world);

  const pick = (event) => {
    const box = svg.current.getBoundingClientRect();
    const px = ((event.clientX - box.left) / box.width) * width;
    const py = ((event.clientY - box.top) / box.height) * plan.height;
    let best = -1;
    let least = Infinity;
    for (const i of picked.events) {
      const far = Math.abs(x(place[i]) - px) + 0.6 * Math.abs(laneY(i) - py);
      if (far < least) [best, least] = [i, far];
    }
    if (best >= 0) onPick(best);
  };
  const down = (event) => {
    if (event.button) return;
    drag.current = { x: event.clientX, win, moved: false };
  };
  const move = (event) => {
    const start = drag.current;
    if (!start || event.buttons === 0) return;
    const by = event.clientX - start.x;
    if (!start.moved && Math.abs(by) < 5) return;
    start.moved = true;
    const units = by / pixelsAUnit;
    onWindow({ from: start.win.from - units, to: start.win.to - units });
  };
  const up = (event) => {
    if (drag.current && !drag.current.moved) pick(event);
    drag.current = null;
  };
  const at = x(place[current]);
  const y = laneY(current);
  const seen = place[current] >= win.from && place[current] <= win.to;
  return html`<svg ref=${svg} class="diagram" role="img" aria-label=${label}
    viewBox=${`0 0 ${width} ${plan.height}`} width=${width} height=${plan.height}
    onPointerDown=${down} onPointerMove=${move} onPointerUp=${up}
    onPointerLeave=${() => (drag.current = null)}>
    <defs>
      <pattern id=${`hatch-${id}`} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="8" height="8" class="hatch-ground" /><path d="M0 0V8" class="hatch-line" /></pattern>
      <pattern id=${`disk-${id}`} width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M1 0V4" class="disk-line" /></pattern>
      <clipPath id=${`clip-${id}`}><rect x=${left - 8} y="0" width=${right - left + 18} height=${plan.height} /></clipPath>
    </defs>
    <g clip-path=${`url(#clip-${id})`}>
      ${seen && html`<path class="cursor" d=${`M${at} 2V${plan.axis}`} />`}
      ${seen && run.parents(current).map((k) => run.messages[run.messageAt[current]]?.sent !== k &&
        html`<path class="cause mine" d=${causePath(view, laneY, k, current)} />`)}
      ${still}
      ${seen && html`<circle class="cursor-ring" cx=${at} cy=${y} r="10" />`}
    </g>
    <${Heads} run=${run} state=${state} plan=${plan} view=${view} />
  </svg>`;
}
