// In words: the newest sentences of the story, and one event as closely as the reader likes.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { Jump, kStorySigns, Message, State, StorySentence } from "../../report/panels.js";
import { Press } from "./actions.js";

const kSentences = 30;
// Spoken at most so often: a fast world would never stop talking.
const kSpeakMs = 1500;

export function Happened({ run, chosen, onPick }) {
  const newest = run.story.slice(-kSentences).reverse();
  const current = chosen === null ? -1 : run.indexOf(chosen);
  if (newest.length === 0) {
    return html`<p class="empty">
      Nothing yet that needs telling: no call, no fault, no change of status.
    </p>`;
  }
  return html`<ol class="story w-story" reversed>
    ${newest.map(
      (s) =>
        html`<${StorySentence}
          key=${`${s.event} ${s.text}`}
          run=${run}
          s=${s}
          here=${s.at >= 0 && s.at === current}
          onPick=${onPick}
        />`,
    )}
  </ol>`;
}

// The newest sentence, for eyes at once and for screen readers now and then.
// `quiet`: eyes see it elsewhere.
export function Newest({ run, quiet, onPick }) {
  const last = run?.story[run.story.length - 1];
  const text = last?.text ?? "";
  const event = last?.event ?? 0;
  const [spoken, setSpoken] = useState("");
  const latest = useRef(text);
  const free = useRef(0);
  latest.current = text;
  useEffect(() => {
    const wait = Math.max(0, free.current - performance.now());
    const timer = setTimeout(() => {
      free.current = performance.now() + kSpeakMs;
      setSpoken(latest.current);
    }, wait);
    return () => clearTimeout(timer);
  }, [text, event]);
  return html`${
      last &&
      !quiet &&
      html`<p class=${`w-newest ${last.tone}`}>
        <span class="sign" aria-hidden="true">${kStorySigns[last.tone] || "•"}</span>
        <span class="w-newest-text">${text}</span>
        <${Jump} run=${run} i=${last.at} onPick=${onPick} />
      </p>`
    }
    <p class="unseen" aria-live="polite">${spoken}</p>`;
}

export function EventPanel({ run, chosen, actions, canRewind, onPick, onRewind, onClose }) {
  const i = chosen === null ? -1 : run.indexOf(chosen);
  const [lane, setLane] = useState(null);
  useEffect(() => setLane(null), [chosen]);
  const body = useMemo(
    () =>
      i < 0
        ? null
        : html`<${Message}
              run=${run}
              current=${i}
              onPick=${onPick}
              origin="What you did, or the clock."
            />
            <h3 class="w-sub">The world right after it</h3>
            <${State}
              run=${run}
              current=${i}
              lane=${lane ?? run.lane[i]}
              onLane=${setLane}
              onPick=${onPick}
            />`,
    [run, i, lane],
  );
  if (i < 0) return html`<p class="empty">Choose an event in the strip, or a sentence.</p>`;
  return html`<div class="w-event">
    <div class="w-row w-event-acts">
      <${Press}
        name="rewind"
        actions=${actions}
        disabled=${!canRewind}
        title="The world as it was right after this event"
        onPress=${() => onRewind(run.ids[i])}
        ><span aria-hidden="true">◀◀ </span>Rewind to here<//
      >
      <button type="button" onClick=${onClose}>Close</button>
    </div>
    ${body}
  </div>`;
}
