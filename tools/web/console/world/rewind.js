// Where going back leads, and what it would lose.
import { countText } from "../../report/words.js";

const kNamed = 5;

// What was done by hand after an event, in words; "": nothing. All of it begins with a STEP.
export function lostAfter(run, id) {
  const steps = [];
  for (let i = run.n - 1; i >= 0 && run.ids[i] > id; i -= 1) {
    if (run.text("kind", i) === "STEP") steps.unshift(run.text("verb", i).replaceAll("_", " "));
  }
  if (steps.length === 0) return "";
  const named = steps.slice(0, kNamed).join(", ");
  return `${countText(steps.length, "step")} (${named}${steps.length > kNamed ? " …" : ""})`;
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
