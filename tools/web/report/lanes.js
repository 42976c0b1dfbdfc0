// A region's lane: its line, and under it what its state was, as strips.
import { tone } from "./words.js";

export const kRow = 15;
// Between two lanes: room for what messages and faults have to say.
const kOpen = 36;
const kRowsMost = 4;
const kOrder = ["role", "status", "region", "key", "clock", "disk", "up"];

// How a value is painted. What is said of a key, a clock or a disk is said because it is not as it
// should be.
export function stripTone(what, value) {
  const feel = tone(value);
  return feel === "plain" && ["key", "clock", "disk"].includes(what) ? "bad" : feel;
}

// What strips a lane has: those states that say something in this run.
export function stripsOf(run) {
  if (run.strips_) return run.strips_;
  const lanes = run.regions.map(() => new Map());
  for (const change of run.changes) {
    if (!kOrder.includes(change.what)) continue;
    const key = `${change.what}\n${change.of}`;
    const lane = lanes[change.lane];
    if (!lane) continue;
    if (!lane.has(key)) lane.set(key, { what: change.what, of: change.of, changes: [] });
    lane.get(key).changes.push(change);
  }
  run.strips_ = lanes.map((lane) => {
    const all = [...lane.values()];
    const rows = all
      .filter((strip) => worthARow(strip))
      .sort((a, b) => kOrder.indexOf(a.what) - kOrder.indexOf(b.what) || (a.of < b.of ? -1 : 1));
    return {
      rows: rows.slice(0, kRowsMost),
      left: rows.length - Math.min(rows.length, kRowsMost),
      disk: all.find(
        (strip) => strip.what === "disk" && strip.changes.some((c) => isBytes(c.value)),
      ),
      up: all.find((strip) => strip.what === "up"),
    };
  });
  return run.strips_;
}

function worthARow(strip) {
  const values = strip.changes.map((change) => change.value).filter((value) => value !== "");
  if (strip.what === "role" || strip.what === "status") return values.length > 0;
  if (strip.what === "key" || strip.what === "region")
    return values.some((v) => tone(v) !== "good");
  if (strip.what === "clock") return values.some((value) => !isZero(value));
  return strip.what === "disk" && values.some((value) => !isBytes(value));
}

// Bytes that are not durable yet are hatched under the lane's line; words have a strip.
export const isBytes = (value) => /^\d+$/.test(value);

export const isZero = (value) => value === "" || /^[+-]?0+(\s|$|[a-z])/.test(value);

// Where lanes lie, from the top; the world's own row comes first.
export function lanePlan(run) {
  const strips = stripsOf(run);
  let y = 26;
  const lanes = strips.map(({ rows }) => {
    const lane = { top: y, line: y + 48, strip: y + 63 };
    lane.bottom = lane.strip + Math.max(1, rows.length) * kRow + 2;
    y = lane.bottom + kOpen;
    return lane;
  });
  const axis = y - kOpen + 14;
  return { world: 14, lanes, height: axis + 22, axis };
}

// The parts of a strip within a window: from, to, value.
export function segments(strip, place, win, mostParts) {
  const parts = [];
  strip.changes.forEach((change, k) => {
    const from = place[change.at];
    const to = k + 1 < strip.changes.length ? place[strip.changes[k + 1].at] : Infinity;
    if (change.value === "" || to < win.from || from > win.to || to === from) return;
    const last = parts[parts.length - 1];
    if (last && last.value === change.value && last.to === from) last.to = to;
    else
      parts.push({ from: Math.max(from, win.from), to: Math.min(to, win.to), value: change.value });
  });
  if (parts.length <= mostParts) return parts;
  const step = Math.ceil(parts.length / mostParts);
  return parts.filter((_, k) => k % step === 0);
}
