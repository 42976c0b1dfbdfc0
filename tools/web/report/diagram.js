// The space-time diagram of a window: a lane per region, time or causality to the right.
import { useMemo, useRef } from "preact/hooks";
import { Arrow, causePath, Causes } from "./arrows.js";
import { html } from "./dom.js";
import { Axis, Labels } from "./labels.js";
import { Bands, clip, Strips, stripName } from "./lane_state.js";
import { isBytes, isZero, kRow, lanePlan, stripsOf } from "./lanes.js";
import { Glyph } from "./marks.js";
import { groups, kToneGlyph, sentence, tone } from "./words.js";

const kWide = 700;
const kGutter = 138;

export const gutterOf = (width) => (width >= kWide ? kGutter : 8);

function drawStill({ run, view, plan, picked, cone, id, layout, differs }) {
  const { x, place, left, right, win } = view;
  const dim = (i) => (cone && !cone.has(i) ? " dim" : "");
  const y = (i) => (run.lane[i] >= 0 ? plan.lanes[run.lane[i]].line : plan.world);
  const inCone = (m) => !cone || (cone.has(m.sent) && m.got.some((i) => cone.has(i)));
  const inside = (i) => i >= 0 && place[i] >= win.from && place[i] <= win.to;
  return html` <${Bands} run=${run} view=${view} plan=${plan} id=${id} />
    <path class="world-line" d=${`M${left} ${plan.world}H${right}`} />
    ${run.violations
      .filter((v) => inside(v.at))
      .map(
        (v) =>
          html`<path
            class="violation-line"
            d=${`M${x(place[v.at])} ${plan.world}V${plan.axis}`}
          />`,
      )}
    ${
      inside(differs) &&
      html`<g
        ><path class="differs" d=${`M${x(place[differs]) - 6} 4V${plan.axis}`} />
        <text
          class="differs-label halo"
          y=${plan.axis - 2}
          x=${x(place[differs]) + (x(place[differs]) > right - 200 ? -10 : -2)}
          text-anchor=${x(place[differs]) > right - 200 ? "end" : "start"}
          >from here on the two runs differ</text
        ></g
      >`
    }
    ${plan.lanes.map(
      (at, lane) =>
        html`<path class="lane-line" d=${`M${left} ${at.line}H${right}`} />
          ${Strips({ run, lane, at, view, id })}`,
    )}
    ${run.calls.map((call) => {
      if (call.lane < 0) return null;
      const to = call.end >= 0 ? place[call.end] : place[call.begin] + 0.5;
      if (to < win.from || place[call.begin] > win.to || view.thin) return null;
      const bad = call.outcome && call.outcome !== "OK" ? " bad" : "";
      return html`<path
        class=${`call${bad}${dim(call.begin)}`}
        d=${`M${Math.max(left, x(place[call.begin]))} ${y(call.begin)}H${Math.min(right, x(to))}`}
      />`;
    })}
    ${cone &&
    html`<${Causes} run=${run} view=${view} y=${y} events=${picked.events} cone=${cone} />`}
    ${[...picked.messages]
      .sort((a, b) => Number(inCone(b)) - Number(inCone(a)))
      .map((message) => {
        const faded = cone && !inCone(message);
        return html`<${Arrow}
          run=${run}
          message=${message}
          view=${view}
          plan=${plan}
          dim=${faded}
        />`;
      })}
    ${picked.events.map((i) => {
      const kind = run.text("kind", i);
      const feel =
        /CALL|KMS/.test(kind) && run.text("outcome", i) ? tone(run.text("outcome", i)) : "";
      const violation = run.violated.has(i);
      return html`<g
        key=${i}
        class=${`event${violation ? " violation" : ""}${dim(i)}`}
        transform=${`translate(${x(place[i])} ${y(i)})`}
      >
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
      return html`<text x=${view.left} y=${at.top + 8} class="region halo"
        >${name}<tspan class="soft" dx="8">${line}</tspan></text
      >`;
    }
    return html`<g
      ><text x="10" y=${at.line - 2} class="region">${clip(name, 17)}</text>
      <text x="10" y=${at.line + 11} class="soft">${clip(line, 22)}</text>
      ${stripsOf(run)[lane].rows.map(
        (strip, row) =>
          html`<text
            x=${view.left - 8}
            y=${at.strip + row * kRow + 10}
            class="soft"
            text-anchor="end"
            >${clip(stripName(strip), 20)}<title>${stripName(strip)}</title></text
          >`,
      )}</g
    >`;
  });
}

export function Diagram(props) {
  const {
    run,
    place,
    layout,
    win,
    current,
    cone,
    picked,
    width,
    id,
    label,
    onPick,
    onWindow,
    differs,
  } = props;
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
  return html`<svg
    ref=${svg}
    class="diagram"
    role="img"
    aria-label=${label}
    viewBox=${`0 0 ${width} ${plan.height}`}
    width=${width}
    height=${plan.height}
    onPointerDown=${down}
    onPointerMove=${move}
    onPointerUp=${up}
    onPointerLeave=${() => (drag.current = null)}
  >
    <defs>
      <pattern
        id=${`hatch-${id}`}
        width="8"
        height="8"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width="8" height="8" class="hatch-ground" />
        <path d="M0 0V8" class="hatch-line" />
      </pattern>
      <pattern
        id=${`disk-${id}`}
        width="4"
        height="4"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <path d="M1 0V4" class="disk-line" />
      </pattern>
      <clipPath id=${`clip-${id}`}>
        <rect x=${left - 8} y="0" width=${right - left + 18} height=${plan.height} />
      </clipPath>
    </defs>
    <g clip-path=${`url(#clip-${id})`}>
      ${seen && html`<path class="cursor" d=${`M${at} 2V${plan.axis}`} />`}
      ${
        seen &&
        run
          .parents(current)
          .map(
            (k) =>
              run.messages[run.messageAt[current]]?.sent !== k &&
              html`<path class="cause mine" d=${causePath(view, laneY, k, current)} />`,
          )
      }
      ${still} ${seen && html`<circle class="cursor-ring" cx=${at} cy=${y} r="10" />`}
    </g>
    <${Heads} run=${run} state=${state} plan=${plan} view=${view} />
  </svg>`;
}
