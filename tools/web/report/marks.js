// What an event looks like in the diagram: a shape as well as a colour, so that neither is needed
// to understand the other.
import { html } from "./dom.js";

const kShapes = {
  flag: "M0 0V-17M0 -17L12 -13L0 -9Z",
  bolt: "M2 -11L-6 2H-1L-3 11L6 -3H1Z",
  diamond: "M0 -5.5L5.5 0L0 5.5L-5.5 0Z",
  square: "M-4 -4H4V4H-4Z",
  triangle: "M-5 -4H5L0 5Z",
  up: "M-5 4H5L0 -5Z",
  cross: "M-4 -4L4 4M4 -4L-4 4",
  gone: "M-4.5 -4.5L4.5 4.5M0 -6.4A6.4 6.4 0 1 0 0.01 -6.4Z",
  tick: "M0 -4V4",
  check: "M-4.5 0L-1.5 3.5L4.5 -4",
  turn: "M4.5 -2.2A5 5 0 1 0 4.8 1.6M4.8 -5V-1.6H1.4",
  circle: "M0 -4.6A4.6 4.6 0 1 0 0.01 -4.6Z",
  small: "M0 -2.6A2.6 2.6 0 1 0 0.01 -2.6Z",
};

// kind → shape, class, what the legend calls it.
const kMarks = {
  ACTOR_STARTED: ["up", "hollow", "start or restart"],
  ACTOR_CRASHED: ["bolt", "full bad", "crash"],
  MESSAGE_SENT: ["small", "full", "message leaves or arrives"],
  MESSAGE_DELIVERED: ["small", "full", "message leaves or arrives"],
  MESSAGE_DROPPED: ["small", "hollow bad", "message is lost"],
  TIMER_FIRED: ["tick", "line", "timer, disk, state machine"],
  DISK_SYNCED: ["tick", "line", "timer, disk, state machine"],
  MACHINE_MOVED: ["tick", "line", "timer, disk, state machine"],
  FAULT_APPLIED: ["bolt", "full fault", "fault begins"],
  FAULT_HEALED: ["bolt", "hollow fault", "fault ends"],
  STEP: ["tick", "line", "step of the scenario"],
  CALL_STARTED: ["circle", "hollow", "call"],
  CALL_ENDED: ["circle", "full", "answer"],
  SERVICE_CALL_STARTED: ["circle", "hollow", "call"],
  SERVICE_CALL_ENDED: ["circle", "full", "answer"],
  KMS_CALL: ["diamond", "full key", "KMS call"],
  STORE_COMMITTED: ["square", "full", "durable write"],
  REPLICATION_STATUS: ["triangle", "hollow", "replication status"],
  REPLICA_APPLIED: ["triangle", "full", "replica applies or refuses"],
  PROMOTED: ["flag", "full accent", "promotion"],
  REPLICA_REMOVED: ["gone", "line bad", "removed or gone"],
  SECRET_PURGED: ["gone", "line bad", "removed or gone"],
  STORE_FAILED: ["bolt", "full bad", "store failed"],
  STORE_REOPENED: ["up", "full good", "store works again"],
  ROTATION: ["turn", "line", "rotation"],
  KEY_CHANGED: ["diamond", "hollow key", "key changes"],
  REGION_OPT_STATUS: ["circle", "hollow fault", "opt-in status"],
  EXPECTATION_MET: ["check", "line good", "expectation met"],
  VIOLATION: ["cross", "line bad", "violation"],
};

export const markOf = (kind) => kMarks[kind] ?? ["small", "full", "event"];

// Events that are kept when a window holds more than can be drawn: the lower the dearer.
export function rankOfKind(kind) {
  if (/VIOLATION|CRASHED|PROMOTED|REMOVED|PURGED|STORE_FAILED/.test(kind)) return 0;
  if (/FAULT|REPLICATION_STATUS|REPLICA_APPLIED|ROTATION|KEY_CHANGED|OPT_STATUS/.test(kind))
    return 1;
  if (/CALL|EXPECTATION|ACTOR|REOPENED/.test(kind)) return 2;
  return kind === "STORE_COMMITTED" ? 3 : 4;
}

export function Glyph({ kind, tone }) {
  const [shape, style] = markOf(kind);
  const paint = tone === "bad" ? `${style.split(" ")[0]} bad` : style;
  return html`<path class=${`mark ${paint}`} d=${kShapes[shape]} />`;
}

// Message types: a colour and a glyph each; the commonest come first, the eighth on share.
const kTypeShapes = ["circle", "square", "triangle", "diamond", "up", "gone", "turn", "cross"];

export function TypeGlyph({ index }) {
  const k = Math.min(index, kTypeShapes.length - 1);
  return html`<path class=${`type-mark m${k}`} d=${kShapes[kTypeShapes[k]]} />`;
}

export const typeClass = (index) => `m${Math.min(index, kTypeShapes.length - 1)}`;
