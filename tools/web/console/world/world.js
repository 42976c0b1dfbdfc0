// The right half: what really happens, and what can be done about it.
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { useWidth } from "../../report/hooks.js";
import { Run } from "../../report/run.js";
import { Said, useActions } from "./actions.js";
import { Ask } from "./ask.js";
import { Broken } from "./broken.js";
import { Controls, useClock } from "./controls.js";
import { FaultsInForce } from "./faults.js";
import { EventPanel, Happened, Newest } from "./happened.js";
import { download, openReport, SavedNote } from "./keep.js";
import { Help, useKeys } from "./keys.js";
import { Palette, usePalette } from "./palette.js";
import { Regions } from "./regions.js";
import { eventBack, lostAfter } from "./rewind.js";
import { Strip, useStrip } from "./strip.js";
import { Tabs } from "./tabs.js";

// Before the server has said anything of a run.
const kBeginning = new Run({
  ...{ regions: [], strings: [""], messages: [], faults: [], state: [], crypto: [], story: [] },
  ...{ violations: [], cone: [] },
  events: { id: [], at: [], kind: [], actor: [], peer: [], cause: [], number: [] },
});
const kWide = 860;
const kBack = 10;

function Beginning() {
  return html`<section class="w-beginning" aria-labelledby="beginning">
    <h2 id="beginning">Nothing has happened yet. Try this first:</h2>
    <ol>
      <li>
        On the left choose <b>Store a new secret</b>, give it a value and a name, and replicate it
        to another Region.
      </li>
      <li>Watch the messages between the Regions appear here; choose one to see what is in it.</li>
      <li>
        <b>Break something</b> below, such as the link between the two, change the secret, and see
        what becomes of the replica.
      </li>
    </ol>
  </section>`;
}

function useRewind({ api, actions, run, onDone }) {
  const [ask, setAsk] = useState(null);
  const go = async (event) => {
    setAsk(null);
    const done = await actions.act(
      "rewind",
      () => api.control({ rewind: { event: String(event) } }),
      () => (event ? `Back at event ${event}; time stands still.` : "Back at the beginning."),
    );
    if (done) onDone();
  };
  const to = (event) => {
    const lost = run.n ? lostAfter(run, event) : "";
    if (lost) setAsk({ event, lost });
    else go(event);
  };
  const dialog =
    ask &&
    html`<${Ask}
      title=${ask.event ? `Rewind to event ${ask.event}?` : "Rewind to the beginning?"}
      text=${`What was done after it is forgotten: ${ask.lost}. Save the session to keep it.`}
      yes="Rewind and forget"
      onYes=${() => go(ask.event)}
      onNo=${() => setAsk(null)}
    />`;
  return [to, dialog];
}

export function World({ api, state, shown }) {
  const { world, hello } = state;
  const run = state.run ?? kBeginning;
  const pane = useRef(null);
  const width = useWidth(pane);
  const actions = useActions();
  const clock = useClock({ api, actions, world });
  const [chosen, setChosen] = useState(null);
  const [help, setHelp] = useState(false);
  const [saved, setSaved] = useState(null);
  const [tab, setTab] = useState("happened");
  const [side, setSide] = useState("break");
  const [palette, why] = usePalette(api, state.back);
  const wide = width >= kWide;
  const canRewind = !hello || hello.can_rewind;

  const choose = useCallback((id) => {
    setChosen(id);
    if (id !== null) setTab("event");
    else setTab((now) => (now === "event" ? "happened" : now));
  }, []);
  const drawn = run.n > 0;
  const strip = useStrip({ run, width, chosen, onChoose: choose });
  const latest = useRef(strip);
  latest.current = strip;
  const pick = useCallback((i) => latest.current.choose(i), []);
  const [rewind, dialog] = useRewind({ api, actions, run, onDone: () => strip.follow() });
  // An event that was rewound away is no longer there to look at.
  useEffect(() => {
    if (chosen !== null && run.n && chosen > run.ids[run.n - 1]) strip.follow();
  }, [run, chosen]);

  const back = () => rewind(eventBack(run, kBack));
  const save = async () => {
    const answer = await actions.act("save", () => api.control({ save_session: {} }));
    if (!answer?.saved) return;
    const file = answer.saved.file || "session.textproto";
    download(file, answer.saved.scenario);
    setSaved({ ...answer.saved, file });
  };
  useKeys(
    shown
      ? {
          " ": clock.toggle,
          s: () => clock.step(1),
          b: () => canRewind && world.events > 0 && back(),
          t: () => strip.setAxis(strip.axis === "time" ? "causal" : "time"),
          d: strip.setDetails,
          ArrowLeft: () => strip.step(-1),
          ArrowRight: () => strip.step(1),
          Home: () => strip.choose(0),
          End: strip.follow,
          Escape: strip.follow,
          "+": () => strip.zoom(1 / 1.6),
          "=": () => strip.zoom(1 / 1.6),
          "-": () => strip.zoom(1.6),
          "?": () => setHelp(true),
        }
      : {},
  );

  const happened = useMemo(
    () => html`<${Happened} run=${run} chosen=${chosen} onPick=${pick} />`,
    [run, chosen],
  );
  const faults = world.faults.length;
  const panels = {
    happened: ["What just happened", () => happened],
    event: [
      chosen === null ? "Event" : `Event #${chosen}`,
      () =>
        html`<${EventPanel}
          run=${run}
          chosen=${chosen}
          actions=${actions}
          canRewind=${canRewind}
          onPick=${pick}
          onRewind=${rewind}
          onClose=${strip.follow}
        />`,
    ],
    break: [
      faults ? `Break something (${faults} in force)` : "Break something",
      () =>
        html`<${Palette}
          world=${world}
          api=${api}
          actions=${actions}
          palette=${palette}
          why=${why}
        />`,
    ],
    regions: ["Regions", () => html`<${Regions} world=${world} api=${api} actions=${actions} />`],
  };
  const tabs = (names, value, onChange, label) =>
    html`<${Tabs}
      label=${label}
      tabs=${names.map((name) => [name, ...panels[name]])}
      value=${names.includes(value) ? value : names[0]}
      of=${value === "event" ? chosen : null}
      onChange=${onChange}
    />`;
  const empty = world.regions.every((region) => region.secrets.length === 0) && !run.story.length;
  return html`<div class="w-pane" ref=${pane}>
    <div class="w-top">
      <${Controls}
        state=${state}
        clock=${clock}
        actions=${actions}
        onBack=${back}
        onSave=${save}
        onReport=${() => openReport(api, actions)}
        onHelp=${() => setHelp(true)}
      />
      <${FaultsInForce} state=${state} api=${api} actions=${actions} />
      <${Broken} run=${run} onPick=${pick} />
      <${Said} actions=${actions} />
      ${saved && html`<${SavedNote} saved=${saved} onClose=${() => setSaved(null)} />`}
    </div>
    ${
      state.link !== "live" &&
      html`<p class="notice w-stale" role="note">
        This is the world as it was last heard of. It goes on here as soon as the server answers.
      </p>`
    }
    ${empty && html`<${Beginning} />`}
    ${drawn && width > 0 && html`<${Strip} run=${run} strip=${strip} width=${width} />`}
    <${Newest} run=${run} quiet=${tab === "happened"} onPick=${pick} />
    <div class=${`w-lower${wide ? " wide" : ""}`}>
      ${
        wide
          ? html`${tabs(["happened", "event"], tab, setTab, "What happened")}
            ${tabs(["break", "regions"], side, setSide, "What can be done")}`
          : tabs(["happened", "break", "regions", "event"], tab, setTab, "World")
      }
    </div>
    ${dialog} ${help && html`<${Help} onClose=${() => setHelp(false)} />`}
  </div>`;
}
