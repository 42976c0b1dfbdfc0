// By how much replicas are behind their primaries: a line for each link, over the run's time.
import { useState } from "preact/hooks";
import { html } from "./dom.js";
import { durationText, timeText } from "./words.js";

const kWide = 600;
const kHigh = 46;

const changes = (n) => `${n} ${n === 1 ? "change" : "changes"}`;

// The largest lag, since when, and for how long the replica was behind at all.
export function lagWords(run, link) {
  let most = 0;
  let since = 0;
  let behind = 0;
  link.at.forEach((i, k) => {
    const until = k + 1 < link.at.length ? run.at[link.at[k + 1]] : run.meta.ended_ns;
    if (link.behind[k] > most) [most, since] = [link.behind[k], run.at[i]];
    if (link.behind[k] > 0) behind += Math.max(0, until - run.at[i]);
  });
  if (most === 0) return "is never behind";
  const last = link.behind[link.behind.length - 1];
  const end = last > 0 ? `; at the end still ${changes(last)}` : "";
  return (
    `is behind by ${changes(most)} at most, first at ${timeText(since)}; ` +
    `behind at all for ${durationText(behind)} in total${end}`
  );
}

function Line({ run, link, most, current }) {
  const end = Math.max(1, run.meta.ended_ns);
  const x = (ns) => ((Math.min(ns, end) / end) * kWide).toFixed(1);
  const y = (n) => (kHigh - 3 - (n / most) * (kHigh - 8)).toFixed(1);
  let path = `M0 ${y(0)}`;
  link.at.forEach((i, k) => {
    path += `H${x(run.at[i])}V${y(link.behind[k])}`;
  });
  path += `H${kWide}`;
  const now = x(run.at[current]);
  return html`<svg
    viewBox=${`0 0 ${kWide} ${kHigh}`}
    preserveAspectRatio="none"
    aria-hidden="true"
    class="lag-plot"
  >
    <path d=${`${path}V${y(0)}H0Z`} class="lag-area" />
    <path d=${path} class="lag-line" />
    <path d=${`M${now} 0V${kHigh}`} class="lag-now" />
  </svg>`;
}

// Drawn when it is opened.
export function LagPlot({ run, current }) {
  const [open, setOpen] = useState(false);
  if (!run.lag.length) return null;
  const most = run.lag.flatMap((link) => link.behind).reduce((a, b) => Math.max(a, b), 1);
  return html`<details class="lag" onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary>Replication lag</summary>
    ${
      open &&
      html`<p class="soft">
          How many changes each replica has not applied yet. All lines have one scale, up to
          ${` ${changes(most)}`}; the upright line is the current event.
        </p>
        <ul>
          ${run.lag.map(
            (link, k) =>
              html`<li key=${k}>
                <p>
                  <b>${run.regionName(link.primary)} → ${run.regionName(link.replica)}</b>
                  ${` ${link.secret} ${lagWords(run, link)}.`}
                </p>
                <${Line} run=${run} link=${link} most=${most} current=${current} />
              </li>`,
          )}
        </ul>`
    }
  </details>`;
}
