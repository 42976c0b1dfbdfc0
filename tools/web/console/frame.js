// What stays: the header, and the two halves with the divider between them.
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../report/dom.js";
import { Flow } from "./flow/flow.js";
import { Header } from "./header.js";
import { World } from "./world/world.js";

const kTabsBelow = 900;
const kPlace = "faultline-divider";
// The right half is wide enough then for names beside its lanes, at 1280 px.
const kUsual = 44;
const kLeast = 30;
const kMost = 70;

function useNarrow() {
  const query = `(max-width: ${kTabsBelow - 1}px)`;
  const [narrow, setNarrow] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const change = () => setNarrow(list.matches);
    list.addEventListener("change", change);
    return () => list.removeEventListener("change", change);
  }, []);
  return narrow;
}

function Divider({ share, onShare }) {
  const drag = useRef(false);
  const set = (value) => onShare(Math.min(kMost, Math.max(kLeast, Math.round(value))));
  const move = (event) => {
    if (!drag.current) return;
    const box = event.currentTarget.parentNode.getBoundingClientRect();
    set(((event.clientX - box.left) / box.width) * 100);
  };
  const key = (event) => {
    const to = { ArrowLeft: share - 2, ArrowRight: share + 2, Home: kLeast, End: kMost }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    set(to);
  };
  return html`<div
    class="divider"
    role="separator"
    aria-orientation="vertical"
    aria-label="Width of the two halves"
    aria-valuemin=${kLeast}
    aria-valuemax=${kMost}
    aria-valuenow=${share}
    tabindex="0"
    onKeyDown=${key}
    onDblClick=${() => set(kUsual)}
    onPointerDown=${(event) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      drag.current = true;
    }}
    onPointerMove=${move}
    onPointerUp=${() => (drag.current = false)}
    onPointerCancel=${() => (drag.current = false)}
  ></div>`;
}

const kHalves = [
  ["flow", "The service"],
  ["world", "What really happens"],
];

export function Frame({ api, store, state, route, go }) {
  const narrow = useNarrow();
  const [half, setHalf] = useState("flow");
  const [share, setShare] = useState(() => Number(sessionStorage.getItem(kPlace)) || kUsual);
  const onShare = (value) => {
    setShare(value);
    sessionStorage.setItem(kPlace, String(value));
  };
  const tabKey = (event) => {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    event.preventDefault();
    const next = half === "flow" ? "world" : "flow";
    setHalf(next);
    document.getElementById(`half-tab-${next}`).focus();
  };
  const { world } = state;
  const hidden = (name) => narrow && half !== name;
  const panel = (name) =>
    narrow ? { role: "tabpanel", "aria-labelledby": `half-tab-${name}` } : {};
  return html`<${Header} store=${store} state=${state} />
    ${
      narrow &&
      html`<div class="half-tabs" role="tablist" aria-label="Halves" onKeyDown=${tabKey}>
        ${kHalves.map(
          ([name, text]) =>
            html`<button
              type="button"
              role="tab"
              id=${`half-tab-${name}`}
              aria-controls=${`half-${name}`}
              aria-selected=${half === name ? "true" : "false"}
              tabindex=${half === name ? 0 : -1}
              onClick=${() => setHalf(name)}
            >
              ${text}
            </button>`,
        )}
      </div>`
    }
    <main class="halves" style=${narrow ? {} : { "--share": `${share}%` }}>
      <section
        id="half-flow"
        class="half flow-half"
        aria-label="The service"
        hidden=${hidden("flow")}
        ...${panel("flow")}
      >
        ${
          world
            ? html`<${Flow} world=${world} api=${api} route=${route} go=${go} />`
            : html`<p class="waiting soft" role="status">Waiting for the server …</p>`
        }
      </section>
      ${!narrow && html`<${Divider} share=${share} onShare=${onShare} />`}
      <section
        id="half-world"
        class="half world-half"
        aria-label="What really happens"
        hidden=${hidden("world")}
        ...${panel("world")}
      >
        ${world && html`<${World} api=${api} state=${state} shown=${!hidden("world")} />`}
      </section>
    </main>`;
}
