// Time in the hands of the reader: run, pause, speeds, steps, back, ahead; and what stays of the
// session.
import { useEffect, useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { useTick } from "../tick.js";
import { Press } from "./actions.js";
import { nextIn, spanWords } from "./clock.js";

const kSpeeds = [
  ["x1/50", "slow motion ×1/50"],
  ["x1/20", "slow motion ×1/20"],
  ["real", "real time ×1"],
  ["x10", "×10"],
  ["x60", "×60"],
  ["x1000", "×1000"],
];
const kAhead = [
  ["1 min", 60e9],
  ["1 h", 3600e9],
  ["1 day", 86400e9],
  ["7 d", 7 * 86400e9],
];
const kWishMs = 3000;

export const normal = (clock) => (clock === "x1" ? "real" : clock);

// Run or pause as the reader wants it, until the server says how it is.
export function useClock({ api, actions, world }) {
  const [speed, setSpeed] = useState(world.paused ? "real" : normal(world.clock));
  const [wish, setWish] = useState(null);
  useEffect(() => setWish(null), [world.paused, world.clock]);
  useEffect(() => {
    if (!world.paused) setSpeed(normal(world.clock));
  }, [world.paused, world.clock]);
  useEffect(() => {
    if (wish === null) return undefined;
    const timer = setTimeout(() => setWish(null), kWishMs);
    return () => clearTimeout(timer);
  }, [wish]);
  const paused = wish?.paused ?? world.paused;
  const set = async (name, text) => {
    setWish({ paused: text === "manual" });
    const done = await actions.act(name, () => api.control({ set_clock: { text } }));
    if (!done) setWish(null);
    return done;
  };
  return {
    paused,
    speed,
    toggle: () => set("run", paused ? speed : "manual"),
    choose: (text) => {
      setSpeed(text);
      if (!paused) set("speed", text);
    },
    step: async (count = 1) => {
      if (!world.paused && !(await set("step", "manual"))) return;
      await actions.act("step", () => api.control({ step_events: { count } }));
    },
    advance: (name, ns) =>
      actions.act(`advance ${name}`, () => api.control({ advance_clock: { by_ns: String(ns) } })),
  };
}

function NextDue({ state }) {
  useTick(!state.world.paused && state.link === "live");
  const next = nextIn(state);
  return html`<p class="w-next soft">
    ${next === null ? "next: nothing is due" : html`next: <b>in ${spanWords(next)}</b>`}
  </p>`;
}

export function Controls({ state, clock, actions, onBack, onSave, onReport, onHelp }) {
  const { world, hello } = state;
  const { paused } = clock;
  const canRewind = !hello || hello.can_rewind;
  const known = kSpeeds.some(([text]) => text === clock.speed);
  const speeds = known ? kSpeeds : [...kSpeeds, [clock.speed, clock.speed]];
  return html`<div class="w-controls" role="group" aria-label="Time">
    <div class="w-row">
      <${Press}
        name="run"
        actions=${actions}
        class=${`w-run${paused ? " primary" : ""}`}
        aria-label=${paused ? "Run" : "Pause"}
        title=${paused ? "Let time go on (space)" : "Stop time (space)"}
        onPress=${clock.toggle}
        >${paused ? "▶ Run" : "❚❚ Pause"}<//
      >
      <${Press}
        name="step"
        actions=${actions}
        title="One event that you would care for, then stop (s)"
        onPress=${() => clock.step(1)}
        >Step<//
      >
      <${Press}
        name="rewind"
        actions=${actions}
        disabled=${!canRewind || world.events === 0}
        title=${canRewind ? "The world as it was ten events ago (b)" : hello.why_not}
        aria-label="Rewind 10 events"
        onPress=${onBack}
        >◀◀ 10<//
      >
      <label class="w-label"
        ><span class="unseen">Speed</span>
        <select value=${clock.speed} onChange=${(event) => clock.choose(event.target.value)}>
          ${speeds.map(([text, words]) => html`<option value=${text}>${words}</option>`)}
        </select></label
      >
      <${NextDue} state=${state} />
    </div>
    <div class="w-row">
      <span class="w-label soft" id="ahead">Ahead</span>
      <span class="choice" role="group" aria-labelledby="ahead">
        ${kAhead.map(
          ([name, ns]) =>
            html`<${Press}
              key=${name}
              name=${`advance ${name}`}
              actions=${actions}
              disabled=${!paused}
              title=${paused ? `Time goes ${name} ahead` : "Pause first"}
              onPress=${() => clock.advance(name, ns)}
              >${name}<//
            >`,
        )}
      </span>
      <span class="w-gap"></span>
      <${Press}
        name="save"
        actions=${actions}
        disabled=${!canRewind}
        title=${canRewind ? "What was done here, for faultline run to repeat" : hello.why_not}
        onPress=${onSave}
        >Save as scenario<//
      >
      <${Press}
        name="report"
        actions=${actions}
        disabled=${!canRewind || world.events === 0}
        title=${canRewind ? "The full report of the session so far, in a new tab" : hello.why_not}
        onPress=${onReport}
        >Report<//
      >
      <button type="button" title="Keys (?)" aria-label="Keyboard help" onClick=${onHelp}>?</button>
    </div>
  </div>`;
}
