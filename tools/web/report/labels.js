// Words in the diagram: what events are called, and the axis below.
import { html } from "./dom.js";
import { kLetter } from "./lane_state.js";
import { durationText, timeText } from "./words.js";

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
      return [
        run.text("verb", i) === "applied" ? 3 : 1,
        `${run.text("verb", i)} ${run.columns.number[i]}`,
      ];
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
export function Labels({ run, events, view, plan, cone }) {
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
      (k) =>
        !taken.some((t) => t.lane === run.lane[i] && t.k === k && t.left < right && t.right > left),
    );
    if (row === undefined) continue;
    taken.push({ lane: run.lane[i], k: row, left, right });
    const y = plan.lanes[run.lane[i]].line - 10 - row * 12;
    placed.push(
      html`<text
        key=${i}
        x=${left}
        y=${y}
        class=${`label halo${cone && !cone.has(i) ? " dim" : ""}`}
        >${text}</text
      >`,
    );
  }
  return placed;
}

export function Axis({ run, events, view, plan, layout }) {
  const { x, place, win, left, right } = view;
  const y = plan.axis;
  const marks = [];
  if (layout.axis === "causal") {
    return html`<text class="axis-label" x=${left} y=${y + 16}
      >← happened before · only order counts here, not time</text
    >`;
  }
  let free = left;
  let last = "";
  for (const i of events) {
    const at = x(place[i]);
    const text = timeText(run.at[i]);
    if (text === last || at < free || at > right - 40) continue;
    last = text;
    free = at + 84;
    marks.push(
      html`<g
        ><path class="axis-tick" d=${`M${at} ${y}v5`} />
        <text class="axis-label" x=${at - 3} y=${y + 17}>${text}</text></g
      >`,
    );
  }
  for (const { u, gap } of layout.breaks) {
    if (u < win.from || u > win.to) continue;
    const at = x(u);
    marks.push(
      html`<path class="axis-break" d=${`M${at - 3} ${y + 4}l2 -8M${at + 1} ${y + 4}l2 -8`}
        ><title>${`${durationText(gap)} without events`}</title></path
      >`,
    );
  }
  return html`<path class="axis-line" d=${`M${left} ${y}H${right}`} />${marks}`;
}
