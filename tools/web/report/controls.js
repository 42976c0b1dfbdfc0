// Slider and buttons: everything that moves through the run or changes how it is shown.
import { html } from "./dom.js";
import { sentence, timeText } from "./words.js";

function Choice({ label, value, options, onChange }) {
  return html`<fieldset class="choice">
    <legend class="unseen">${label}</legend>
    ${options.map(
      ([key, text, title]) =>
        html`<button
          type="button"
          aria-pressed=${value === key ? "true" : "false"}
          title=${title}
          onClick=${() => onChange(key)}
        >
          ${text}
        </button>`,
    )}
  </fieldset>`;
}

export function Steps({ run, current, playing, speed, act }) {
  const text =
    `event ${run.ids[current]} of ${run.ids[run.n - 1]}, ${timeText(run.at[current])}: ` +
    `${run.regionName(run.lane[current])} ${sentence(run, current)}`;
  return html`<div class="steps">
    <div class="buttons">
      <button
        type="button"
        onClick=${() => act.go(0)}
        aria-label="First event"
        title="First event (Home)"
      >
        |◀
      </button>
      <button
        type="button"
        onClick=${() => act.step(-1)}
        aria-label="Event before"
        title="Event before (←)"
      >
        ◀
      </button>
      <button
        type="button"
        onClick=${act.play}
        aria-label=${playing ? "Pause" : "Play"}
        title="Play or pause (space)"
      >
        ${playing ? "❚❚" : "▶ Play"}
      </button>
      <button
        type="button"
        onClick=${() => act.step(1)}
        aria-label="Next event"
        title="Next event (→)"
      >
        ▶
      </button>
      <button
        type="button"
        onClick=${() => act.go(run.n - 1)}
        aria-label="Last event"
        title="Last event (End)"
      >
        ▶|
      </button>
      <label class="inline"
        >Speed${" "}
        <select value=${String(speed)} onChange=${(e) => act.speed(Number(e.target.value))}>
          ${[
            [1, "1 a second"],
            [3, "3 a second"],
            [8, "8 a second"],
            [25, "25 a second"],
          ].map(([v, t]) => html`<option value=${String(v)}>${t}</option>`)}
        </select></label
      >
    </div>
    <input
      type="range"
      class="slider"
      min="0"
      max=${run.n - 1}
      step="1"
      value=${current}
      aria-label="Event"
      aria-valuetext=${text}
      onInput=${(e) => act.go(Number(e.target.value))}
    />
  </div>`;
}

export function Views({ axis, details, cone, who, twinLabel, hasViolation, act }) {
  const highlights = [
    ["", "All", "Nothing stands out (c)"],
    ["violation", "Why it broke", "What led to the violation (c)"],
    ["here", "Why this", "What led to the current event (shift c)"],
  ].filter(([key]) => hasViolation || key !== "violation");
  const own = twinLabel === "full run" ? "shrunk" : "this run";
  return html`<div class="views">
    <${Choice}
      label="Axis"
      value=${axis}
      onChange=${act.axis}
      options=${[
        ["causal", "Cause and effect", "What happened before stands left (t)"],
        ["time", "Time", "By the clock, long waits shortened (t)"],
      ]}
    />
    <${Choice}
      label="Highlight"
      value=${cone}
      onChange=${act.cone}
      options=${highlights}
    />
    ${
      twinLabel &&
      html`<${Choice}
        label="Run"
        value=${who}
        onChange=${act.who}
        options=${[
          ["this", own, "This run (f)"],
          ["twin", twinLabel, "The other run (f)"],
          ["both", "both", "One above the other (f)"],
        ]}
      />`
    }
    <button
      type="button"
      aria-pressed=${details ? "true" : "false"}
      title="Timers, disk and state machines, too (d)"
      onClick=${act.details}
    >
      Details
    </button>
    <fieldset class="choice">
      <legend class="unseen">Zoom</legend>
      <button
        type="button"
        aria-label="Zoom out"
        title="Zoom out (-)"
        onClick=${() => act.zoom(1.6)}
      >
        −
      </button>
      <button
        type="button"
        aria-label="Zoom in"
        title="Zoom in (+)"
        onClick=${() => act.zoom(1 / 1.6)}
      >
        +
      </button>
      <button type="button" title="The whole run (0)" onClick=${() => act.zoom(Infinity)}>
        Whole run
      </button>
    </fieldset>
    <button type="button" title="Keys (?)" onClick=${act.help} aria-label="Keyboard help">?</button>
  </div>`;
}

const kKeys = [
  ["← →", "event before, next event"],
  ["Home End", "first, last event"],
  ["PgUp PgDn", "ten events on, ten back"],
  ["n p", "next, previous sentence of the story"],
  ["v", "the first violation"],
  ["space", "play, pause"],
  ["c, shift c", "highlight why it broke; why this event"],
  ["t", "cause and effect, or time"],
  ["d", "details: timers, disk, state machines"],
  ["f", "this run, the other one, both"],
  ["+ − 0", "zoom in, out, whole run"],
  ["1 … 5", "Story, State, Message, Crypto, Properties"],
  ["?", "this list"],
];

export function Help({ onClose }) {
  return html`<section class="help" aria-label="Keyboard">
    <h2>Keyboard</h2>
    <dl>
      ${kKeys.map(
        ([keys, text]) =>
          html`<dt><kbd>${keys}</kbd></dt>
            <dd>${text}</dd>`,
      )}
    </dl>
    <button type="button" onClick=${onClose}>Close</button>
  </section>`;
}
