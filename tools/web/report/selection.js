// What of a run is drawn in a window: everything, or, where that is more than a page can hold and a
// person can see, what matters most.
import { rankOfKind } from "./marks.js";

export const kMarksMost = 600;
const kMessagesMost = 200;
// A window this full is looked at for where things happen, not for each message.
const kCrowd = 6000;
const kMessagesInACrowd = 60;

const odd = (message) => message.lost >= 0 || message.got.length > 1 || message.delayed;

// `must` is drawn in any case.
export function selectMarks(run, place, shown, win, must) {
  let events = [];
  for (let i = 0; i < run.n; i += 1) {
    const u = place[i];
    if (u < win.from || u > win.to) continue;
    if (shown(i) || must.has(i)) events.push(i);
  }
  let messages = [];
  for (const message of run.messages) {
    if (message.sent < 0) continue;
    let end = place[message.sent];
    for (const i of message.got) end = Math.max(end, place[i]);
    if (message.lost >= 0) end = Math.max(end, place[message.lost]);
    if (place[message.sent] <= win.to && end >= win.from) messages.push(message);
  }
  const total = events.length + messages.length;
  if (total > kMarksMost) {
    messages = fewest(messages, total > kCrowd ? kMessagesInACrowd : kMessagesMost, (message) =>
      odd(message) ? 0 : 1,
    );
    const room = kMarksMost - messages.length;
    events = fewest(events, room, (i) =>
      must.has(i) || run.violated.has(i) ? -1 : rankOfKind(run.text("kind", i)),
    );
  }
  return { events, messages, total, drawn: events.length + messages.length };
}

// At most `most` of `all`, the dearest first, evenly among equals, in their old order.
function fewest(all, most, costOf) {
  if (all.length <= most) return all;
  const classes = new Map();
  all.forEach((one, k) => {
    const cost = costOf(one);
    if (!classes.has(cost)) classes.set(cost, []);
    classes.get(cost).push(k);
  });
  const kept = [];
  for (const cost of [...classes.keys()].sort((a, b) => a - b)) {
    const members = classes.get(cost);
    const room = most - kept.length;
    if (room <= 0) break;
    const step = Math.max(1, members.length / room);
    for (let k = 0; k < Math.min(room, members.length); k += 1) {
      kept.push(members[Math.floor(k * step)]);
    }
  }
  return kept.sort((a, b) => a - b).map((k) => all[k]);
}
