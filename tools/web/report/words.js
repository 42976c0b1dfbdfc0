// How the page speaks: times, kinds of events, good and bad values.

const kUnits = [
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
];

// "3.214 s"; microseconds where milliseconds would hide something.
export function timeText(ns) {
  const seconds = ns / 1e9;
  if (seconds >= 86400) return `${Math.floor(seconds / 86400)} d ${hms(seconds % 86400)}`;
  if (seconds >= 120) return hms(seconds);
  return `${seconds.toFixed(3)} s`;
}

function hms(seconds) {
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const millis = Math.floor((seconds - whole) * 1000);
  return `${parts.map(two).join(":")}.${String(millis).padStart(3, "0")}`;
}

export function durationText(ns) {
  for (const [size, unit] of kUnits) {
    if (ns >= size) return `${Number((ns / size).toPrecision(3))} ${unit}`;
  }
  return `${ns} ns`;
}

export const countText = (n, one, many = `${one}s`) => `${groups(n)} ${n === 1 ? one : many}`;

// 100 000, with a space that does not break.
export const groups = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");

// What an event says of itself, where no narrator has said it.
export function sentence(run, i) {
  const e = run.event(i);
  if (e.words) return e.words;
  const peer = run.regionName(e.peer);
  const rest = [e.verb, e.subject, e.outcome && `: ${e.outcome}`].filter(Boolean).join(" ");
  switch (e.kind) {
    case "ACTOR_STARTED":
      return e.verb === "restart" ? "restarts" : "starts";
    case "ACTOR_CRASHED":
      return `crashes; ${countText(e.number, "unsynced byte")}: ${e.outcome}`;
    case "MESSAGE_SENT":
      return `sends ${e.verb} #${e.number} to ${peer}`;
    case "MESSAGE_DELIVERED":
      return `gets ${e.verb} #${e.number} from ${peer}`;
    case "MESSAGE_DROPPED":
      return `${e.verb} #${e.number} from ${peer} is lost (${e.outcome})`;
    case "CALL_STARTED":
    case "SERVICE_CALL_STARTED":
      return `is asked for ${e.verb} ${e.subject}`.trim();
    case "CALL_ENDED":
    case "SERVICE_CALL_ENDED":
      return `answers ${e.verb}: ${e.outcome}`;
    case "FAULT_APPLIED":
    case "FAULT_HEALED": {
      const said = run.faultAt.get(i)?.words || `${e.verb} ${e.subject}`;
      return e.kind === "FAULT_HEALED" ? `over: ${said}` : said;
    }
    case "TIMER_FIRED":
      return "a timer fires";
    case "DISK_SYNCED":
      return `syncs ${countText(e.number, "byte")} of ${e.subject}: ${e.outcome}`;
    case "MACHINE_MOVED":
      return `${e.verb} → ${e.outcome}`;
    default:
      return `${kindText(e.kind)}: ${rest}`.replace(" :", ":");
  }
}

// An ARN's own part: "key/4371…-f244217e" of arn:aws:kms:us-west-2:123456789012:key/4371…
export function shortArn(text) {
  const parts = text.split(":");
  if (parts[0] !== "arn" || parts.length < 6) return text;
  return parts
    .slice(5)
    .join(":")
    .replace(/([0-9a-f]{8})-[0-9a-f-]{20,}([0-9a-f]{4})$/, "$1…$2");
}

const kKinds = {
  ACTOR_STARTED: "Region starts",
  ACTOR_CRASHED: "Region crashes",
  MESSAGE_SENT: "Message sent",
  MESSAGE_DELIVERED: "Message delivered",
  MESSAGE_DROPPED: "Message lost",
  TIMER_FIRED: "Timer",
  DISK_SYNCED: "Disk synced",
  FAULT_APPLIED: "Fault",
  FAULT_HEALED: "Fault healed",
  STEP: "Step of the scenario",
  CALL_STARTED: "Call",
  CALL_ENDED: "Answer",
  SERVICE_CALL_STARTED: "Call",
  SERVICE_CALL_ENDED: "Answer",
  KMS_CALL: "KMS call",
  STORE_COMMITTED: "Durable write",
  REPLICATION_STATUS: "Replication status",
  REPLICA_APPLIED: "Replica decides",
  PROMOTED: "Promotion",
  REPLICA_REMOVED: "Replica removed",
  SECRET_PURGED: "Secret gone",
  MACHINE_MOVED: "State machine",
  STORE_FAILED: "Store failed",
  STORE_REOPENED: "Store works again",
  ROTATION: "Rotation",
  KEY_CHANGED: "Key changes",
  REGION_OPT_STATUS: "Opt-in status",
  EXPECTATION_MET: "Expectation met",
  VIOLATION: "Violation",
};

export function kindText(kind) {
  return kKinds[kind] ?? kind.toLowerCase().replaceAll("_", " ");
}

// good, bad, doubt, or plain: how a value of a state or an outcome is painted.
export function tone(value) {
  if (/^(InSync|OK|ok|Enabled|ENABLED|up|Following|applied)\b/.test(value)) return "good";
  if (/^(InProgress|Pending|ENABLING|DISABLING|ignored|Replica\b.*Pending)/.test(value))
    return "doubt";
  if (
    /fail|denied|disabled|deletion|deleted|down|exception|error|refused|lost|loses|closed/i.test(
      value,
    )
  ) {
    return "bad";
  }
  if (/^(paused|slow)/.test(value)) return "doubt";
  return "plain";
}

export const kToneGlyph = { good: "✓", bad: "✗", doubt: "…", plain: "", fault: "⚡" };

export const kVerdicts = {
  HOLDS: ["good", "✓", "Holds"],
  BROKEN: ["bad", "✗", "Broken"],
  INCONCLUSIVE: ["doubt", "○", "Inconclusive"],
};
