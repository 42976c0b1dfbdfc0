// The panels beside the diagram: what is so at the current event, and what it means.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { html } from "./dom.js";
import { isZero } from "./lanes.js";
import {
  countText,
  durationText,
  groups,
  kindText,
  kToneGlyph,
  sentence,
  shortArn,
  timeText,
  tone,
} from "./words.js";

export function Jump({ run, i, onPick, children }) {
  if (i < 0) return null;
  return html`<button
    type="button"
    class="jump"
    onClick=${() => onPick(i)}
    title=${`${timeText(run.at[i])} ${sentence(run, i)}`}
  >
    ${children ?? `#${run.ids[i]}`}
  </button>`;
}

// What the words say, too.
function Sign({ text }) {
  return text && html`<span class="sign" aria-hidden="true">${`${text}\u00a0`}</span>`;
}

// Words with a sign that says in black and white what the colour says.
export function Toned({ value }) {
  const feel = tone(value);
  return html`<span class=${`toned ${feel}`}
    ><${Sign} text=${kToneGlyph[feel]} />${value}</span
  >`;
}

export const kStorySigns = { plain: "", good: "✓", bad: "✗", fault: "⚡", doubt: "?" };

// One sentence of the story, and what it came of. `here`: the reader looks at it; `ahead`: it comes
// later.
export function StorySentence({ run, s, here, ahead, onPick }) {
  const because = s.because.map((id) => run.indexOf(id)).filter((i) => i >= 0);
  return html`<li class=${`${s.tone}${here ? " here" : ""}${ahead ? " ahead" : ""}`}>
    <button
      type="button"
      class="sentence"
      aria-current=${here ? "step" : undefined}
      disabled=${s.at < 0}
      onClick=${() => onPick(s.at)}
    >
      <span class="when">${s.at >= 0 ? timeText(run.at[s.at]) : ""}</span>
      <span
        ><${Sign} text=${kStorySigns[s.tone]} />${s.text}</span
      >
    </button>
    ${
      because.length > 0 &&
      html`<span class="because"
        >because of
        ${because.map((i) => html` <${Jump} run=${run} i=${i} onPick=${onPick} />`)}</span
      >`
    }
  </li>`;
}

export function Story({ run, current, onPick, box }) {
  const list = useRef(null);
  let here = -1;
  run.story.forEach((s, k) => {
    if (s.at >= 0 && s.at <= current) here = k;
  });
  useEffect(() => {
    const item = list.current?.children[here];
    const panel = box?.current;
    if (!item || !panel || panel.scrollHeight <= panel.clientHeight) return;
    const top = item.offsetTop - panel.offsetTop;
    if (top < panel.scrollTop || top + item.offsetHeight > panel.scrollTop + panel.clientHeight) {
      panel.scrollTop = top - panel.clientHeight / 3;
    }
  }, [here]);
  return html`<div>
    ${run.story.length === 0 &&
    html`<p class="empty">
      Nothing in this run needs telling: no call, no fault, no change of status.
    </p>`}
    <ol class="story" ref=${list}>
      ${run.story.map(
        (s, k) =>
          html`<${StorySentence}
            key=${k}
            run=${run}
            s=${s}
            here=${k === here}
            ahead=${s.at > current}
            onPick=${onPick}
          />`,
      )}
    </ol>
    ${(run.meta.reasons ?? []).map(
      (reason) => html`<${Reason} key=${reason.id} reason=${reason} />`,
    )}
    <${Closing} run=${run} onPick=${onPick} />
  </div>`;
}

// Of an id of `faultline explain`, as text for a Mermaid viewer.
function Picture({ text }) {
  const [said, say] = useState("Copy");
  if (!text) return null;
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => say("Copied"),
      () => say("Select the text, and copy it"),
    );
  return html`<details class="mermaid">
    <summary>Picture, as Mermaid text</summary>
    <button type="button" onClick=${copy}>${said}</button>
    <pre tabindex="0">${text}</pre>
  </details>`;
}

// Why replication failed, as AWS documents it.
function Reason({ reason }) {
  return html`<aside class="card reason">
    <h3>${reason.title}</h3>
    <p>${reason.what}</p>
    <p><b>Why</b> ${reason.why}</p>
    <p><b>What to do</b> ${reason.remedy}</p>
    ${reason.aws && html`<blockquote>${reason.aws}</blockquote>`}
    <${Picture} text=${reason.picture} />
  </aside>`;
}

// What it comes to.
function Closing({ run, onPick }) {
  if (run.violations.length === 0) {
    return run.meta.verdict === "HOLDS"
      ? html`<aside class="card good">
          <h3>✓ Everything that was expected held</h3>
          <p>
            No property of the service was broken in this run, and every expectation of the scenario
            was met.
          </p>
        </aside>`
      : null;
  }
  return run.violations.map(
    (v, k) =>
      html`<aside key=${k} class="card bad">
        <h3>✗ ${v.property ? `${v.property} ${v.title}` : "An expectation was not met"}</h3>
        ${v.sentence && v.sentence !== v.title && html`<p class="lead">${v.sentence}</p>`}
        ${v.found && html`<p><b>Found</b> ${v.found}</p>`}
        ${v.why && html`<p><b>Why it matters</b> ${v.why}</p>`}
        ${v.aws && html`<blockquote>${v.aws}</blockquote>`}
        <${Picture} text=${v.picture} />
        <p class="soft">
          At event <${Jump} run=${run} i=${v.at} onPick=${onPick} />
          ${v.at >= 0 && `, ${timeText(run.at[v.at])}`}
          ${v.witness.length > 0 && ", seen by"}
          ${[...run.setOf(v.witness)].map(
            (i) => html`${" "}<${Jump} run=${run} i=${i} onPick=${onPick} />`,
          )}
          ${v.where && html`${" · "}<code>${v.where}</code>`}
        </p>
      </aside>`,
  );
}

const kStateNames = {
  role: "Role",
  status: "Replica in",
  labels: "Labels",
  disk: "Disk",
  clock: "Clock",
  key: "Key",
  up: "Region",
  region: "Opt-in",
  sequence: "Last change of",
};

const kStateGone = {
  up: "up",
  disk: "all durable",
  key: "as it should be",
  status: "no replica",
  role: "no secret",
};

function stateText(what, value) {
  if (what === "disk" && /^\d+$/.test(value)) {
    return value === "0" ? "all durable" : `${groups(value)} bytes not yet durable`;
  }
  if (what === "clock" && isZero(value)) return "right";
  return value || kStateGone[what] || "–";
}

export function State({ run, current, lane, onLane, onPick }) {
  const now = useMemo(() => run.stateAt(current), [run, current]);
  const before = useMemo(() => (current ? run.stateAt(current - 1) : new Map()), [run, current]);
  const order = Object.keys(kStateNames);
  return html`<div>
    <p class="soft">
      After event #${run.ids[current]}; what it changed is marked. ${" "}<label class="inline"
        >Region${" "}
        <select value=${String(lane)} onChange=${(e) => onLane(Number(e.target.value))}>
          <option value="-1">all</option>
          ${run.regions.map((name, k) => html`<option value=${String(k)}>${name}</option>`)}
        </select></label
      >
    </p>
    ${run.regions.map((name, k) => {
      if (lane >= 0 && lane !== k) return null;
      const rows = [...now.entries()]
        .filter(([, c]) => c.lane === k && (c.value !== "" || c.at === current))
        .sort(
          ([, a], [, b]) => order.indexOf(a.what) - order.indexOf(b.what) || (a.of < b.of ? -1 : 1),
        );
      return html`<section key=${name} class="state">
        <h3>${name}</h3>
        ${rows.length === 0 && html`<p class="empty">Nothing yet.</p>`}
        <table>
          <tbody>
            ${rows.map(([key, c]) => {
              const old = before.get(key);
              const changed = c.at === current;
              return html`<tr key=${key} class=${changed ? "changed" : ""}>
                <th scope="row">
                  ${kStateNames[c.what] ?? c.what} ${c.of && html`<span class="of">${c.of}</span>`}
                </th>
                <td>
                  ${changed && html`<span class="now-tag">now</span>`}
                  <${Toned} value=${stateText(c.what, c.value)} />
                  ${changed &&
                  old &&
                  html`<span class="was">was ${stateText(c.what, old.value)}</span>`}
                </td>
                <td class="since"><${Jump} run=${run} i=${c.at} onPick=${onPick} /></td>
              </tr>`;
            })}
          </tbody>
        </table>
      </section>`;
    })}
  </div>`;
}

const kLate = ", far more than usual on this link";

function Facts({ rows }) {
  return html`<dl class="facts">
    ${rows
      .filter(
        ([, value]) => value !== "" && value !== null && value !== undefined && value !== false,
      )
      .map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
  </dl>`;
}

// `origin`: where what has no cause comes from.
export function Message({ run, current, onPick, origin = "The scenario itself." }) {
  const e = run.event(current);
  const message = run.messages[run.messageAt[current]];
  const reason = run.reasonAt(current);
  const jump = (i) => html`<${Jump} run=${run} i=${i} onPick=${onPick} />`;
  const said = (i) => `${run.regionName(run.lane[i])} ${sentence(run, i)}`;
  const line = (i) => html`<li>${jump(i)} <span>${said(i)}</span></li>`;
  const chain = useMemo(() => {
    const steps = [];
    for (let i = current; steps.length < 10;) {
      const [parent] = run.parents(i);
      if (parent === undefined) break;
      steps.push(parent);
      i = parent;
    }
    return steps;
  }, [run, current]);
  const effects = useMemo(() => run.children(current), [run, current]);
  return html`<div>
    <h3>#${e.id} ${kindText(e.kind)}</h3>
    <p>${run.regionName(e.lane)} ${sentence(run, current)}</p>
    ${
      message &&
      html`<h4>Message ${message.type}</h4>
        <${Facts}
          rows=${[
            ["From", run.regions[message.from]],
            ["To", run.regions[message.to]],
            [
              "Sent",
              message.sent >= 0 && html`${jump(message.sent)} ${timeText(run.at[message.sent])}`,
            ],
            [
              message.got.length > 1 ? "Arrived twice" : "Arrived",
              message.got.length > 0 &&
                message.got.map((i) => html`${jump(i)} ${timeText(run.at[i])} `),
            ],
            [
              "Took",
              message.latency !== undefined &&
                `${durationText(message.latency)}${message.delayed ? kLate : ""}`,
            ],
            ["Lost", message.lost >= 0 && html`${jump(message.lost)} ${message.why}`],
            ["Fate", !message.got.length && message.lost < 0 && "still on its way at the end"],
            ...(message.fields.length ? message.fields : run.contentOf(message)),
          ]}
        />`
    }
    <h4>Event</h4>
    <${Facts}
      rows=${[
        ["Time", timeText(e.at)],
        ["Region", run.regionName(e.lane)],
        ["Other region", run.regionName(e.peer)],
        ["What", e.verb],
        ["Of", e.subject],
        ["Number", Number(e.number) === 0 ? "" : String(e.number)],
        ["Outcome", e.outcome && html`<${Toned} value=${e.outcome} />`],
        ["Details", e.text],
        ["Digest", e.digest && html`<code>${e.digest}</code>`],
      ]}
    />
    ${reason && html`<${Reason} reason=${reason} />`}
    <h4>Because of</h4>
    ${chain.length === 0 && html`<p class="empty">${origin}</p>`}
    <ul class="chain">
      ${chain.map(line)}
    </ul>
    <h4>Led to</h4>
    ${effects.length === 0 && html`<p class="empty">Nothing.</p>`}
    <ul class="chain">
      ${effects.map(line)}
    </ul>
  </div>`;
}

const kCryptoMost = 60;

export function Crypto({ run, current, onPick }) {
  const last = run.crypto.findLastIndex((call) => call.at <= current);
  const first = Math.max(0, Math.min(last - kCryptoMost / 2, run.crypto.length - kCryptoMost));
  const rows = run.crypto.slice(first, first + kCryptoMost);
  return html`<div>
    <p class="soft">
      What each Region asks its KMS. Names and outcomes only: no key, no plaintext, no ciphertext is
      in this file.
    </p>
    ${run.crypto.length === 0 && html`<p class="empty">No call to KMS in this run.</p>`}
    ${run.crypto.length > rows.length &&
    html`<p class="soft">
      ${`${groups(rows.length)} of ${countText(run.crypto.length, "call")}, `}
      ${"around the current event."}
    </p>`}
    ${
      rows.length > 0 &&
      html`<table class="list">
        <thead>
          <tr>
            <th scope="col">Event</th>
            <th scope="col">Region, operation, outcome</th>
            <th scope="col">Key, context</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (call, k) =>
              html`<tr
                key=${first + k}
                class=${`${call.at === current ? "here" : ""}${call.at > current ? " ahead" : ""}`}
              >
                <td><${Jump} run=${run} i=${call.at} onPick=${onPick} /></td>
                <td class="break">
                  ${run.regionName(call.lane)}<br /><b>${call.operation}</b><br />
                  <${Toned} value=${call.outcome} />
                </td>
                <td class="break">
                  <code title=${call.key}>${shortArn(call.key)}</code
                  ><div class="soft" title=${call.context}>${shortArn(call.context)}</div>
                </td>
              </tr>`,
          )}
        </tbody>
      </table>`
    }
  </div>`;
}

export function Properties({ run, onPick }) {
  const all = run.meta.properties;
  const broken = new Map(run.violations.map((v) => [v.property, v.at]));
  const bad = all.filter((p) => p.broken).length;
  const idle = all.filter((p) => !p.broken && p.checks === 0).length;
  const groupsOf = [
    ["always", "Always", "checked after every event that could break it"],
    ["eventually", "Eventually", "must come true once the world has calmed down"],
  ];
  const words = {
    bad: (p) => html`broken${" "}
      <${Jump} run=${run} i=${broken.get(p.id) ?? -1} onPick=${onPick} />`,
    good: (p) => countText(p.checks, "check"),
    idle: () => "never exercised",
  };
  const rest = all.filter((p) => p.kind !== "always" && p.kind !== "eventually");
  return html`<div>
    <p>
      ${`${bad} broken, ${all.length - idle - bad} held, ${idle} never exercised: `}
      nothing in this run could have broken them.
    </p>
    ${[...groupsOf, ...(rest.length ? [["", "Others", ""]] : [])].map(([kind, title, meaning]) => {
      const members = kind ? all.filter((p) => p.kind === kind) : rest;
      if (!members.length) return null;
      return html`<section class="properties">
        <h3>${title}</h3>
        <p class="soft">${meaning}</p>
        <ul>
          ${members.map((p) => {
            const feel = p.broken ? "bad" : p.checks ? "good" : "idle";
            return html`<li key=${p.id} class=${feel}>
              <span class="sign" aria-hidden="true"
                >${{ bad: "✗", good: "✓", idle: "○" }[feel]}</span
              >
              <span
                ><b>${p.id}</b>${` ${p.title}`}${p.sentence && html`<span class="soft means">${p.sentence}</span>`}</span
              >
              <span class="count"
                >${words[feel](p)}</span
              >
            </li>`;
          })}
        </ul>
      </section>`;
    })}
  </div>`;
}
