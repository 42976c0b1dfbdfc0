// The page: verdict, overview, diagram, slider, panels, table; and which event they are about.
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { readAddress, writeAddress } from "./address.js";
import { Help, Steps, Views } from "./controls.js";
import { Diagram, gutterOf } from "./diagram.js";
import { html } from "./dom.js";
import { Verdict } from "./header.js";
import { useDark, useWidth } from "./hooks.js";
import { layoutRuns, windowAround } from "./layout.js";
import { LagPlot } from "./lag.js";
import { Legend } from "./legend.js";
import { Overview } from "./overview.js";
import { Crypto, Message, Properties, State, Story } from "./panels.js";
import { firstDifference } from "./run.js";
import { kMarksMost, selectMarks } from "./selection.js";
import { EventTable } from "./table.js";
import { groups, sentence, timeText } from "./words.js";

const kTabs = [
  ["story", "Story"],
  ["state", "State"],
  ["message", "Message"],
  ["crypto", "Crypto"],
  ["properties", "Properties"],
];
const signOf = (run) => (run.violations.length ? "✗" : "✓");
const kPixelsAnEvent = 17;
const kNarrowest = 280;
const kWindowedFrom = 10000;

function begin(run, twin) {
  const address = readAddress();
  const wanted = address.e === undefined ? -1 : run.indexOf(Number(address.e));
  const violation = run.violations[0]?.at ?? -1;
  const beginning = Math.max(0, run.story[0]?.at ?? 0);
  return {
    current: wanted >= 0 ? wanted : violation >= 0 ? violation : beginning,
    lane: run.regions.indexOf(address.l ?? ""),
    axis: address.a === "time" ? "time" : "causal",
    tab: kTabs.some(([key]) => key === address.t) ? address.t : "story",
    who: twin && ["twin", "both"].includes(address.w) ? address.w : "this",
    cone: violation >= 0 ? "violation" : "",
  };
}

export function App({ run: own, twin }) {
  const first = useMemo(() => begin(own, twin), []);
  const [current, setCurrent] = useState(first.current);
  const [lane, setLane] = useState(first.lane);
  const [axis, setAxis] = useState(first.axis);
  const [tab, setTab] = useState(first.tab);
  const [who, setWho] = useState(first.who);
  const [cone, setCone] = useState(first.cone);
  const [details, setDetails] = useState(false);
  const [span, setSpan] = useState(0);
  const [win, setWin] = useState(null);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(3);
  const [help, setHelp] = useState(false);
  const main = useRef(null);
  const panel = useRef(null);
  const left = useRef(null);
  const width = useWidth(main, kNarrowest);
  const dark = useDark();

  const run = who === "twin" && twin ? twin : own;
  const other = who === "both" ? twin : null;
  const layout = useMemo(
    () => layoutRuns(other ? [run, other] : [run], axis, details),
    [run, other, axis, details],
  );
  const place = layout.places[0];
  const room = Math.max(8, (width - gutterOf(width) - 10) / kPixelsAnEvent);
  const wish = span || (layout.width <= room * 1.6 ? layout.width + 1.5 : room);
  const view =
    win ?? windowAround(place[current], Math.min(wish, layout.width + 1.5), layout.width);
  const differs = useMemo(
    () => (twin && twin.meta.label !== "full run" ? firstDifference(own, twin) : -1),
    [own, twin],
  );

  // The window follows the current event when that leaves it.
  const goTo = (i, of = run, at = place) => {
    const next = Math.min(of.n - 1, Math.max(0, i));
    setCurrent(next);
    const margin = (view.to - view.from) * 0.04;
    if (win && (at[next] < win.from + margin || at[next] > win.to - margin)) {
      setWin(windowAround(at[next], win.to - win.from, layout.width));
    } else if (!win) {
      setWin(
        at[next] < view.from + margin || at[next] > view.to - margin
          ? windowAround(at[next], view.to - view.from, layout.width)
          : view,
      );
    }
  };
  const step = (by) => {
    let i = current;
    for (let left = Math.abs(by); left > 0; left -= 1) {
      let k = i + Math.sign(by);
      while (k >= 0 && k < run.n && !details && run.minor[k]) k += Math.sign(by);
      if (k < 0 || k >= run.n) break;
      i = k;
    }
    goTo(i);
  };
  const chooseWindow = (wanted) => {
    const size = Math.min(Math.max(wanted.to - wanted.from, 6), layout.width + 1.5);
    const from = Math.min(
      Math.max(wanted.from, -0.75),
      Math.max(-0.75, layout.width + 0.75 - size),
    );
    setSpan(size);
    setWin({ from, to: from + size });
  };
  const act = {
    go: goTo,
    step,
    play: () => setPlaying(!playing),
    speed: setSpeed,
    axis: (value) => {
      setAxis(value);
      setWin(null);
      setSpan(0);
    },
    cone: setCone,
    details: () => {
      setDetails(!details);
      setWin(null);
    },
    who: (value) => {
      if (!twin) return;
      const next = value === "twin" ? twin : own;
      if (next !== run) {
        // Back from a look at the other run, the reader is where they were.
        const back = left.current?.there === current ? left.current.here : -1;
        const there = back >= 0 ? back : next.lastAt(run.at[current]);
        left.current = { here: current, there };
        setCurrent(there);
      }
      setWho(value);
      setWin(null);
      setSpan(0);
    },
    zoom: (by) => {
      const size = Math.min(Math.max((view.to - view.from) * by, 6), layout.width + 1.5);
      setSpan(size);
      setWin(windowAround(place[current], size, layout.width, 0.5));
    },
    help: () => setHelp(!help),
    story: (by) => {
      const events = run.story.map((s) => s.at).filter((i) => i >= 0);
      const next = by > 0 ? events.find((i) => i > current) : events.findLast((i) => i < current);
      if (next !== undefined) goTo(next);
    },
  };

  useEffect(() => {
    if (!playing) return undefined;
    if (current >= run.n - 1) {
      setPlaying(false);
      return undefined;
    }
    const timer = setTimeout(() => step(1), 1000 / speed);
    return () => clearTimeout(timer);
  });

  useEffect(() => {
    writeAddress({
      e: who === "twin" ? "" : own.ids[current],
      l: lane >= 0 ? run.regions[lane] : "",
      a: axis === "time" ? "time" : "",
      t: tab === "story" ? "" : tab,
      w: who === "this" ? "" : who,
    });
  }, [current, lane, axis, tab, who]);

  const keys = useRef(null);
  keys.current = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target;
    const range = target.type === "range";
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) && !range) return;
    const moves = /^(Arrow|Home|End|Page)/.test(event.key);
    if (range && moves && !event.key.startsWith("Page")) return;
    if (target.closest("[role=tablist]") && moves) return;
    if (target.closest(".scroll, [role=tabpanel]") && /^(Page|Home|End)/.test(event.key)) return;
    if (event.key === " " && (target.tagName === "BUTTON" || target.tagName === "SUMMARY")) return;
    const nextWho = { this: "twin", twin: "both", both: "this" };
    const does = {
      ArrowRight: () => step(1),
      ArrowLeft: () => step(-1),
      Home: () => goTo(0),
      End: () => goTo(run.n - 1),
      PageDown: () => step(10),
      PageUp: () => step(-10),
      " ": act.play,
      n: () => act.story(1),
      p: () => act.story(-1),
      v: () => run.violations[0] && goTo(run.violations[0].at),
      c: () => setCone(cone ? "" : run.violations.length ? "violation" : "here"),
      C: () => setCone(cone === "here" ? "" : "here"),
      t: () => act.axis(axis === "time" ? "causal" : "time"),
      d: act.details,
      f: () => act.who(nextWho[who]),
      "+": () => act.zoom(1 / 1.6),
      "=": () => act.zoom(1 / 1.6),
      "-": () => act.zoom(1.6),
      0: () => act.zoom(Infinity),
      "?": act.help,
      Escape: () => setHelp(false),
    };
    const digit = kTabs[Number(event.key) - 1];
    const action = digit ? () => setTab(digit[0]) : does[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  useEffect(() => {
    const listen = (event) => keys.current(event);
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);

  const coneSet = useMemo(() => {
    if (cone === "here") return run.coneOf(current);
    if (cone !== "violation" || !run.violations.length) return null;
    return run.cone.size ? run.cone : run.coneOf(run.violations[0].at);
  }, [run, cone, cone === "here" ? current : 0]);
  const must = useMemo(() => new Set([current, ...run.violated]), [run, current]);
  const mustShow = details || !run.minor[current] ? run.violated : must;
  const picked = useMemo(
    () => selectMarks(run, place, layout.shown[0], view, mustShow),
    [run, layout, view.from, view.to, mustShow],
  );
  const otherCurrent = other ? other.lastAt(run.at[current]) : 0;
  const otherPicked = useMemo(
    () => other && selectMarks(other, layout.places[1], layout.shown[1], view, other.violated),
    [other, layout, view.from, view.to],
  );
  // One object as long as it says the same: the diagram redraws when it changes.
  const stable = useMemo(() => view, [view.from, view.to]);
  // The same function as long as the page lives, so that what does not change is not drawn again.
  const latest = useRef(null);
  latest.current = goTo;
  const pick = useCallback((i) => latest.current(i), []);
  const tabKey = (event) => {
    const at = kTabs.findIndex(([key]) => key === tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: kTabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = kTabs[(to + kTabs.length) % kTabs.length][0];
    setTab(next);
    document.getElementById(`tab-${next}`).focus();
  };

  const here = `${run.regionName(run.lane[current])} ${sentence(run, current)}`.trim();
  const about = (r, i) =>
    `Space-time diagram of ${r.regions.join(", ")}; event ${r.ids[i]} of ${r.ids[r.n - 1]} ` +
    "is current. The table of events below says the same in words.";
  const table = useMemo(
    () =>
      html`<${EventTable} run=${run} current=${current} details=${details} onPick=${pick} />`,
    [run, current, details],
  );
  const panels = {
    story: () => html`<${Story} run=${run} current=${current} onPick=${pick} box=${panel} />`,
    state: () =>
      html`<${State}
        run=${run}
        current=${current}
        lane=${lane}
        onLane=${setLane}
        onPick=${pick}
      />`,
    message: () => html`<${Message} run=${run} current=${current} onPick=${pick} />`,
    crypto: () => html`<${Crypto} run=${run} current=${current} onPick=${pick} />`,
    properties: () => html`<${Properties} run=${run} onPick=${pick} />
      <${LagPlot} run=${run} current=${current} />`,
  };
  return html` <${Verdict} run=${run} current=${current} onPick=${pick} />
    <main>
      ${
        run.n > kWindowedFrom &&
        html`<p class="notice" role="note">
          This run has ${groups(run.n)} events. The strip shows all of them; the diagram shows a
          window of it: drag in the strip, or zoom.
        </p>`
      }
      <div class="work">
        <section class="picture" ref=${main} aria-label="What happened, Region by Region">
          <${Views}
            axis=${axis}
            details=${details}
            cone=${cone}
            who=${who}
            act=${act}
            twinLabel=${twin ? twin.meta.label : ""}
            hasViolation=${run.violations.length > 0}
          />
          ${
            width > 0 &&
            html` <${Overview}
                run=${run}
                place=${place}
                width=${layout.width}
                win=${stable}
                current=${current}
                size=${width}
                theme=${dark}
                onWindow=${chooseWindow}
              />
              ${
                picked.drawn < picked.total &&
                html`<p class="notice small" role="note">
                  ${groups(picked.drawn)} of ${groups(picked.total)} marks of this window are drawn
                  (at most ${kMarksMost}), what matters most first. Zoom in to see all.
                </p>`
              }
              ${other && html`<h2 class="which">${signOf(run)} This run</h2>`}
              <${Diagram}
                id="a"
                run=${run}
                place=${place}
                layout=${layout}
                win=${stable}
                current=${current}
                cone=${coneSet}
                picked=${picked}
                width=${width}
                label=${about(run, current)}
                onPick=${pick}
                onWindow=${chooseWindow}
                differs=${run === own ? differs : -1}
              />
              ${
                other &&
                html`<h2 class="which">
                    ${signOf(other)} ${twin.meta.label}
                  </h2>
                  <${Diagram}
                    id="b"
                    run=${other}
                    place=${layout.places[1]}
                    layout=${layout}
                    win=${stable}
                    current=${otherCurrent}
                    cone=${null}
                    picked=${otherPicked}
                    width=${width}
                    label=${about(other, otherCurrent)}
                    onPick=${(i) => pick(run.lastAt(other.at[i]))}
                    onWindow=${chooseWindow}
                    differs=${differs < other.n ? differs : -1}
                  />`
              }`
          }
          <p class="now" aria-live=${playing ? "off" : "polite"}>
            <b>#${run.ids[current]}</b>${" "}
            <span class="soft">${timeText(run.at[current])}</span>${` ${here}`}
          </p>
          <${Steps} run=${run} current=${current} playing=${playing} speed=${speed} act=${act} />
          ${help && html`<${Help} onClose=${() => setHelp(false)} />`}
          <${Legend} run=${run} details=${details} />
        </section>
        <section class="side" aria-label="Explanations">
          <div role="tablist" aria-label="Panels" onKeyDown=${tabKey}>
            ${kTabs.map(
              ([key, text], k) =>
                html`<button
                  type="button"
                  role="tab"
                  id=${`tab-${key}`}
                  aria-controls="panel"
                  aria-selected=${tab === key ? "true" : "false"}
                  tabindex=${tab === key ? 0 : -1}
                  title=${`${text} (${k + 1})`}
                  onClick=${() => setTab(key)}
                >
                  ${text}
                </button>`,
            )}
          </div>
          <div role="tabpanel" id="panel" ref=${panel} tabindex="0" aria-labelledby=${`tab-${tab}`}>
            <h2 class="unseen">${kTabs.find(([key]) => key === tab)[1]}</h2>
            ${panels[tab]()}
          </div>
        </section>
      </div>
      <section class="all" aria-labelledby="all-events">
        <h2 id="all-events">All events</h2>
        ${table}
      </section>
    </main>
    <footer class="soft">
      Faultline emulates AWS Secrets Manager replication; it is not AWS. This file is complete: it
      loads nothing from anywhere.
    </footer>`;
}
