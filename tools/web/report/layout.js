// Where events stand on the horizontal axis, in units of one event's width.
//
// time    every shown event has a column, columns follow the clock; between two instants there is a
//         gap that grows with the time between them, and by its logarithm past five usual gaps
//         (then `breaks` says so). Several runs share one axis: same instant, same place.
// causal  columns are Lamport's ranks: what happened before stands left, and only that.

export const kUsualGaps = 5;

export function layoutRuns(runs, axis, details) {
  const shown = runs.map((run) => (i) => details || run.minor[i] === 0);
  return axis === "causal" ? causal(runs, shown) : timed(runs, shown);
}

function usualGap(runs) {
  const gaps = [];
  for (const run of runs) {
    const step = Math.max(1, Math.floor(run.n / 5000));
    for (let i = step; i < run.n; i += step) {
      const gap = run.at[i] - run.at[i - 1];
      if (gap > 0) gaps.push(gap);
    }
  }
  gaps.sort((a, b) => a - b);
  return gaps[gaps.length >> 1] || 1;
}

function timed(runs, shown) {
  const usual = usualGap(runs);
  const places = runs.map((run) => new Float64Array(run.n));
  const next = runs.map(() => 0);
  const breaks = [];
  let u = 0;
  let last = null;
  for (;;) {
    let now = Infinity;
    runs.forEach((run, r) => {
      if (next[r] < run.n) now = Math.min(now, run.at[next[r]]);
    });
    if (now === Infinity) break;
    let columns = 0;
    const first = next.slice();
    runs.forEach((run, r) => {
      let count = 0;
      for (let i = first[r]; i < run.n && run.at[i] === now; i += 1) count += shown[r](i) ? 1 : 0;
      columns = Math.max(columns, count);
    });
    if (last !== null && columns) {
      const gaps = (now - last) / usual;
      const long = gaps > kUsualGaps;
      const end = u - 1;
      u += 0.4 * Math.min(gaps, kUsualGaps) + (long ? 0.35 * Math.log2(gaps / kUsualGaps) : 0);
      if (long && gaps > 20 * kUsualGaps) breaks.push({ u: (end + u) / 2, gap: now - last });
    }
    runs.forEach((run, r) => {
      let column = -1;
      let i = first[r];
      for (; i < run.n && run.at[i] === now; i += 1) {
        if (shown[r](i)) column += 1;
        places[r][i] = u + Math.max(0, column);
      }
      next[r] = i;
    });
    if (columns) {
      u += columns;
      last = now;
    }
  }
  return { axis: "time", places, breaks, width: Math.max(1, u), shown };
}

function causal(runs, shown) {
  let width = 1;
  const places = runs.map((run, r) => {
    const ranks = run.ranks;
    let top = 0;
    for (let i = 0; i < run.n; i += 1) top = Math.max(top, ranks[i]);
    const lanes = run.regions.length + 1;
    const count = new Int32Array(lanes);
    const seen = new Int32Array(lanes).fill(-1);
    const widths = new Int32Array(top + 2);
    const column = new Int32Array(run.n);
    // Events of one lane have ranks of their own, so a rank is as wide as one event, or nothing.
    for (let i = 0; i < run.n; i += 1) {
      const lane = run.lane[i] + 1;
      if (seen[lane] !== ranks[i]) count[lane] = 0;
      seen[lane] = ranks[i];
      if (!shown[r](i)) continue;
      column[i] = count[lane];
      count[lane] += 1;
      widths[ranks[i]] = Math.max(widths[ranks[i]], count[lane]);
    }
    const start = new Float64Array(top + 2);
    for (let rank = 1; rank <= top; rank += 1) start[rank + 1] = start[rank] + widths[rank];
    const place = new Float64Array(run.n);
    for (let i = 0; i < run.n; i += 1) place[i] = start[ranks[i]] + column[i];
    width = Math.max(width, start[top + 1]);
    return place;
  });
  return { axis: "causal", places, breaks: [], width, shown };
}

// A window of `span` units that holds `u`, within 0 … width.
export function windowAround(u, span, width, share = 0.6) {
  const whole = width + 1;
  if (span >= whole) return { from: -0.75, to: Math.max(span, whole) - 0.75 };
  const from = Math.min(Math.max(u - span * share, -0.75), whole - 0.25 - span);
  return { from, to: from + span };
}
