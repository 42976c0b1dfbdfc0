// Time as the console tells it: what the server said, and what has gone by since.

// "real", "manual", "x60", "x1/20" → virtual seconds a second.
export function rateOf(clock) {
  const found = /^x(\d+)(?:\/(\d+))?$/.exec(clock);
  if (found) return Number(found[1]) / Number(found[2] ?? 1);
  return clock === "manual" ? 0 : 1;
}

// Virtual nanoseconds since the last word of the server.
export const since = ({ world, heardAt, link }) =>
  world.paused || link !== "live" ? 0 : (performance.now() - heardAt) * 1e6 * rateOf(world.clock);

export const nowOf = (state) => state.world.now_ns + since(state);

// "2026-11-24 16:06:41", as the world's own clock has it.
export function wallOf(state) {
  const at = Date.parse(state.world.wall);
  if (Number.isNaN(at)) return state.world.wall ?? "";
  return `${new Date(at + since(state) / 1e6).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

// Nanoseconds until the next thing that is due; null: nothing is.
export function nextIn(state) {
  const next = state.world.next_in_ns;
  return next === null || next === undefined ? null : Math.max(0, next - since(state));
}

export function clockName(world) {
  if (world.paused) return "paused";
  const rate = rateOf(world.clock);
  if (rate === 1) return "real time";
  return rate < 1 ? `slow motion ×1/${Math.round(1 / rate)}` : `×${rate}`;
}

const two = (number) => String(number).padStart(2, "0");

// "0:00:03.214", "6 d 23:00:00.000".
export function timeWords(ns) {
  const millis = Math.floor(ns / 1e6);
  const seconds = Math.floor(millis / 1000);
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor(seconds / 3600) % 24;
  const clock = `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${days ? `${days} d ` : ""}${clock}.${String(millis % 1000).padStart(3, "0")}`;
}

// The two largest parts: "6 d 23 h", "4 min 10 s", "250 ms".
export function spanWords(ns) {
  const parts = [
    [86400e9, "d"],
    [3600e9, "h"],
    [60e9, "min"],
    [1e9, "s"],
  ];
  const at = parts.findIndex(([size]) => ns >= size);
  if (at < 0) return ns >= 1e6 ? `${Math.round(ns / 1e6)} ms` : ns > 0 ? "less than 1 ms" : "0 s";
  const [size, name] = parts[at];
  const whole = Math.floor(ns / size);
  const next = parts[at + 1];
  const rest = next ? Math.floor((ns - whole * size) / next[0]) : 0;
  return `${whole} ${name}${rest ? ` ${rest} ${next[1]}` : ""}`;
}
