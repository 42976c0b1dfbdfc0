// Where going back leads, and what it would lose.
import { countText } from "../../report/words.js";

const kByHand = [
  [/^(CALL|SERVICE_CALL)_STARTED$/, "call"],
  [/^FAULT_(APPLIED|HEALED)$/, "change of faults", "changes of faults"],
  [/^STEP$/, "step"],
];

// What was done after an event, in words; "": nothing.
export function lostAfter(run, id) {
  const counts = new Map();
  for (let i = run.n - 1; i >= 0 && run.ids[i] > id; i -= 1) {
    const kind = run.text("kind", i);
    // What is asked while something else is being done is no step of its own.
    if (run.cause[i] >= 0 && run.ids[run.cause[i]] > id) continue;
    const found = kByHand.find(([pattern]) => pattern.test(kind));
    if (found) counts.set(found, (counts.get(found) ?? 0) + 1);
  }
  return [...counts].map(([[, ...names], n]) => countText(n, ...names)).join(" and ");
}

// The event after which the last `count` that a person cares for had not yet happened; 0: the
// beginning.
export function eventBack(run, count) {
  let left = count;
  for (let i = run.n - 1; i >= 0; i -= 1) {
    if (run.minor[i]) continue;
    left -= 1;
    if (left === 0) return i > 0 ? run.ids[i - 1] : Math.max(0, run.ids[0] - 1);
  }
  return run.n ? Math.max(0, run.ids[0] - 1) : 0;
}
