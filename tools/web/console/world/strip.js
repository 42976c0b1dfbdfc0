// The live space-time strip: the report's diagram over the recent run. It follows what is new
// until the reader scrolls back or chooses an event.
import { useMemo, useRef, useState } from "preact/hooks";
import { Diagram, gutterOf } from "../../report/diagram.js";
import { html } from "../../report/dom.js";
import { useDark } from "../../report/hooks.js";
import { layoutRuns, windowAround } from "../../report/layout.js";
import { Legend } from "../../report/legend.js";
import { Overview } from "../../report/overview.js";
import { selectMarks } from "../../report/selection.js";
import { groups } from "../../report/words.js";

const kPixelsAnEvent = 17;
const kLeastSpan = 6;
// Free at the right of the newest event, in events: what is on its way needs room.
const kMargin = 2.5;

export const lastShown = (run) => {
  for (let i = run.n - 1; i >= 0; i -= 1) if (!run.minor[i]) return i;
  return run.n - 1;
};

// The event that stands nearest to a place.
function nearest(run, layout, u) {
  let best = 0;
  let least = Infinity;
  for (let i = 0; i < run.n; i += 1) {
    const far = Math.abs(layout.places[0][i] - u);
    if (layout.shown[0](i) && far < least) [best, least] = [i, far];
  }
  return best;
}

const newestWindow = (layout, span) => {
  const end = Math.max(span - 0.75, layout.width - 1 + kMargin);
  return { from: end - span, to: end };
};

// Everything about what the strip shows, so that keys can move it, too.
export function useStrip({ run, width, chosen, onChoose }) {
  const [axis, setAxis] = useState("causal");
  const [details, setDetails] = useState(false);
  const [span, setSpan] = useState(0);
  // Scrolled back: this event, so far from the left edge. Null: the newest at the right edge.
  const [hold, setHold] = useState(null);

  const layout = useMemo(() => layoutRuns([run], axis, details), [run, axis, details]);
  const place = layout.places[0];
  const room = Math.max(8, (width - gutterOf(width) - 10) / kPixelsAnEvent);
  const wide = span || room;
  const at = chosen === null ? -1 : run.indexOf(chosen);
  const current = at >= 0 ? at : lastShown(run);
  const held = hold ? run.indexOf(hold.id) : -1;
  const newest = newestWindow(layout, wide);
  let from = newest.from;
  if (held >= 0) from = Math.min(newest.from, Math.max(-0.75, place[held] - hold.by));
  const win = useMemo(() => ({ from, to: from + wide }), [from, wide]);

  // Keeps a window where it is while events come and go.
  const keep = (start, size = wide) => {
    if (start >= newestWindow(layout, size).from - 0.01 && chosen === null) setHold(null);
    else {
      const i = nearest(run, layout, start + size / 2);
      setHold({ id: run.ids[i], by: place[i] - start });
    }
  };
  const choose = (i) => {
    if (i < 0 || i >= run.n) return;
    const margin = wide * 0.04;
    const inside = place[i] >= win.from + margin && place[i] <= win.to - margin;
    const start = inside ? win.from : windowAround(place[i], wide, layout.width, 0.5).from;
    setHold({ id: run.ids[i], by: place[i] - start });
    onChoose(run.ids[i]);
  };
  const follow = () => {
    setHold(null);
    onChoose(null);
  };
  return {
    axis,
    details,
    layout,
    win,
    current,
    following: held < 0,
    choose,
    follow,
    step: (by) => {
      let k = current + by;
      while (k >= 0 && k < run.n && !details && run.minor[k]) k += by;
      choose(k);
    },
    setAxis: (value) => {
      setAxis(value);
      setHold(chosen === null ? null : { id: chosen, by: wide / 2 });
    },
    setDetails: () => setDetails(!details),
    zoom: (by) => {
      const size = Math.min(
        Math.max(wide * by, kLeastSpan),
        Math.max(room, layout.width + kMargin),
      );
      setSpan(size);
      if (!(held < 0)) keep(win.from + (wide - size) / 2, size);
    },
    window: ({ from: start, to }) => {
      const size = Math.max(kLeastSpan, to - start);
      if (Math.abs(size - wide) > 0.01) setSpan(size);
      keep(Math.max(-0.75, start), size);
    },
  };
}

function StripTools({ strip, signs, onSigns }) {
  const axes = [
    ["causal", "Cause and effect", "What happened before stands left (t)"],
    ["time", "Time", "By the clock, long waits shortened (t)"],
  ];
  return html`<div class="w-tools">
    <span class="choice" role="group" aria-label="Axis">
      ${axes.map(
        ([key, text, title]) =>
          html`<button
            type="button"
            aria-pressed=${strip.axis === key ? "true" : "false"}
            title=${title}
            onClick=${() => strip.setAxis(key)}
          >
            ${text}
          </button>`,
      )}
    </span>
    <button
      type="button"
      aria-pressed=${strip.details ? "true" : "false"}
      title="Timers, disk and state machines, too (d)"
      onClick=${strip.setDetails}
    >
      Details
    </button>
    <span class="choice" role="group" aria-label="Zoom">
      <button
        type="button"
        aria-label="Zoom out"
        title="Zoom out (-)"
        onClick=${() => strip.zoom(1.6)}
      >
        −
      </button>
      <button
        type="button"
        aria-label="Zoom in"
        title="Zoom in (+)"
        onClick=${() => strip.zoom(1 / 1.6)}
      >
        +
      </button>
    </span>
    <button
      type="button"
      aria-expanded=${signs ? "true" : "false"}
      title="What the signs of this diagram mean"
      onClick=${onSigns}
    >
      Signs
    </button>
    <span class="w-gap"></span>
    <button
      type="button"
      aria-pressed=${strip.following ? "true" : "false"}
      title="Keep the newest events in sight (Escape)"
      onClick=${strip.follow}
    >
      ${strip.following ? "Following" : "Follow ▸▸"}
    </button>
  </div>`;
}

export function Strip({ run, strip, width }) {
  const dark = useDark();
  const [signs, setSigns] = useState(false);
  const { layout, win, current } = strip;
  const must = useMemo(() => new Set([current]), [current]);
  const picked = useMemo(
    () => selectMarks(run, layout.places[0], layout.shown[0], win, must),
    [run, layout, win, must],
  );
  // The same function as long as the strip lives, so that what does not change is not drawn again.
  const latest = useRef(strip);
  latest.current = strip;
  const steady = useMemo(
    () => ({
      pick: (i) => latest.current.choose(i),
      window: (wanted) => latest.current.window(wanted),
    }),
    [],
  );
  const label =
    `Space-time diagram of ${run.regions.join(", ")}; the newest event is ${run.ids[run.n - 1]}. ` +
    "What just happened, below, says the same in words.";
  const legend = useMemo(
    () => signs && html`<${Legend} run=${run} details=${strip.details} open=${true} />`,
    [signs, run, strip.details],
  );
  return html`<div class="w-strip">
    <${StripTools} strip=${strip} signs=${signs} onSigns=${() => setSigns(!signs)} />
    <${Overview}
      run=${run}
      place=${layout.places[0]}
      width=${layout.width}
      win=${win}
      current=${current}
      size=${width}
      theme=${dark}
      onWindow=${steady.window}
    />
    ${
      picked.drawn < picked.total &&
      html`<p class="notice small" role="note">
        ${`${groups(picked.drawn)} of ${groups(picked.total)} marks of this window are drawn.`}
      </p>`
    }
    <${Diagram}
      id="live"
      run=${run}
      place=${layout.places[0]}
      layout=${layout}
      win=${win}
      current=${current}
      cone=${null}
      picked=${picked}
      width=${width}
      label=${label}
      onPick=${steady.pick}
      onWindow=${steady.window}
      differs=${-1}
    />
    ${legend}
  </div>`;
}
