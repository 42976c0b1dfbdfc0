// What the page is, which world it shows, what time it is there, and whether it is heard of.
import { useEffect, useState } from "preact/hooks";
import { html } from "../report/dom.js";
import { useTick } from "./tick.js";
import { clockName, nowOf, timeWords, wallOf } from "./world/clock.js";

function Link({ store, state }) {
  const { link, retryAt, back } = state;
  useTick(link === "waiting" || link === "gone");
  const [news, setNews] = useState(false);
  useEffect(() => {
    if (!back) return undefined;
    setNews(true);
    const timer = setTimeout(() => setNews(false), 6000);
    return () => clearTimeout(timer);
  }, [back]);
  const left = Math.max(0, Math.ceil(((retryAt ?? 0) - performance.now()) / 1000));
  const says = {
    connecting: ["doubt", "…", "connecting"],
    live: ["good", "●", news ? "live again" : "live"],
    waiting: ["doubt", "…", "reconnecting"],
    gone: ["bad", "✗", "the server has gone"],
    refused: ["bad", "✗", "refused"],
  }[link];
  return html`<p class="link">
    <span class=${`link-state ${says[0]}`} role="status"
      ><span aria-hidden="true">${`${says[1]} `}</span>${says[2]}</span
    >
    ${
      (link === "waiting" || link === "gone") &&
      html`<span class="soft">${left ? `again in ${left} s` : "now"}</span>
        <button type="button" onClick=${() => store.tryNow()}>Try now</button>`
    }
  </p>`;
}

function Clock({ state }) {
  const { world } = state;
  useTick(Boolean(world) && !world.paused && state.link === "live");
  if (!world) return null;
  return html`<p class="clock">
    <span class="time" title="Virtual time since the beginning">${timeWords(nowOf(state))}</span>
    <span class="soft wall" title="What the world's wall clock shows">${wallOf(state)}</span>
    <span class=${`clock-name${world.paused ? " paused" : ""}`}>${clockName(world)}</span>
  </p>`;
}

export function Header({ store, state }) {
  const { hello } = state;
  return html`<header class="head">
    <div class="name">
      <h1>Secrets replication emulator <span class="not">– not AWS</span></h1>
      <p class="soft about-run">
        ${
          hello &&
          [
            hello.scenario,
            `port ${hello.port}`,
            `seed ${hello.seed}`,
            `account ${hello.account}`,
            hello.build || hello.version,
          ]
            .filter(Boolean)
            .join(" · ")
        }
      </p>
    </div>
    <${Clock} state=${state} />
    <${Link} store=${store} state=${state} />
  </header>`;
}
