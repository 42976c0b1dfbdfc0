// The verdict in one bar: what came out, where, and the command that does it again.
import { useState } from "preact/hooks";
import { html } from "./dom.js";
import { Jump } from "./panels.js";
import { countText, groups, kVerdicts, timeText } from "./words.js";

// Pages of file:// have no clipboard to write to in some browsers: then the words are selected.
async function copy(text, element) {
  try {
    await navigator.clipboard.writeText(text);
    return "copied";
  } catch {
    getSelection().selectAllChildren(element);
    try {
      if (document.execCommand("copy")) return "copied";
    } catch {
      // Selected is all we can do.
    }
    return "selected";
  }
}

function counts(run) {
  const m = run.meta;
  const many = [
    countText(run.n ? run.ids[run.n - 1] : 0, "event"),
    countText(m.calls, "call"),
    countText(run.messages.length, "message"),
  ];
  return `${many.join(", ")}, ended at ${timeText(m.ended_ns)}`;
}

function broken(run, first, onPick) {
  const what = first.property ? `${first.property} ${first.title}` : first.sentence;
  const said = first.property ? "is violated" : "was not met";
  const when = first.at >= 0 ? `, ${timeText(run.at[first.at])}` : "";
  const more = run.violations.length - 1;
  const others = more ? `; and ${countText(more, "more violation")}` : "";
  return html`<b>${what || first.title}</b>${` ${said} at event `}<${Jump}
      run=${run}
      i=${first.at}
      onPick=${onPick}
    />${` of ${groups(run.ids[run.n - 1])}${when}${others}`}`;
}

export function Verdict({ run, current, onPick }) {
  const [copied, setCopied] = useState("");
  const m = run.meta;
  const [feel, sign, word] = kVerdicts[m.verdict] ?? ["plain", "", m.verdict];
  const first = run.violations[0];
  const onCopy = async (event) => {
    const said = await copy(m.command, event.currentTarget.parentNode.querySelector("code"));
    setCopied(said);
    setTimeout(() => setCopied(""), 2500);
  };
  void current;
  return html`<header class=${`top ${feel}`}>
    <div class="verdict">
      <p class="word"><span aria-hidden="true">${sign}</span> ${word}</p>
      <div class="what">
        ${m.label && html`<p class="run-label">${m.label}</p>`}
        <h1>${m.title || m.file || "A run"}</h1>
        <p>${first ? broken(run, first, onPick) : counts(run)}</p>
      </div>
    </div>
    <dl class="ids">
      <div>
        <dt>Scenario</dt>
        <dd title=${m.file}>${m.file.split("/").pop()}</dd>
      </div>
      <div>
        <dt>Seed</dt>
        <dd>${m.seed}</dd>
      </div>
      <div>
        <dt>Hash</dt>
        <dd><code title=${m.hash}>${m.hash.slice(0, 12)}…</code></dd>
      </div>
      ${
        m.build &&
        html`<div>
          <dt>Build</dt>
          <dd>${m.build}</dd>
        </div>`
      }
    </dl>
    <div class="again">
      <span class="soft">Repeat</span> <code>${m.command}</code>
      <button type="button" onClick=${onCopy}>Copy</button>
      <span role="status" class="soft">${copied}</span>
    </div>
    ${
      m.description &&
      html`<details class="about">
        <summary>What this scenario is about</summary>
        <p>${m.description}</p>
      </details>`
    }
  </header>`;
}
