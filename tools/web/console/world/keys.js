// Keys of the right half, as in the report; they never take what somebody types.
import { useEffect, useRef } from "preact/hooks";
import { html } from "../../report/dom.js";

const kKeys = [
  ["space", "run, pause"],
  ["s", "step: one event"],
  ["b", "rewind 10 events"],
  ["← →", "event before, next event"],
  ["Home End", "first event of the strip, newest"],
  ["Escape", "let go of the event, follow the newest"],
  ["t", "cause and effect, or time"],
  ["d", "details: timers, disk, state machines"],
  ["+ −", "zoom in, out"],
  ["?", "this list"],
];

const kTyped = "input, select, textarea, [contenteditable]";
const kOwnKeys =
  "dialog, [role=dialog], [role=menu], [role=listbox], [role=tablist], [role=separator]";

function isFree(event) {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  if (document.querySelector("dialog[open]")) return false;
  if (!target.closest || target.closest(kTyped) || target.closest(kOwnKeys)) return false;
  if (key === " " && target.closest("button, summary, a")) return false;
  // Keys that move belong to the half that has the focus.
  if (target.closest("#half-flow") && /^(Arrow|Home|End|Escape)/.test(key)) return false;
  return !(target.closest(".w-scroll") && /^(Page|Home|End)/.test(key));
}

// does: key → function
export function useKeys(does) {
  const latest = useRef(does);
  latest.current = does;
  useEffect(() => {
    const listen = (event) => {
      const action = latest.current[event.key];
      if (!action || !isFree(event)) return;
      event.preventDefault();
      if (!event.repeat || /^Arrow/.test(event.key)) action();
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}

export function Help({ onClose }) {
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  return html`<dialog ref=${dialog} class="w-ask" aria-labelledby="keys-title" onClose=${onClose}>
    <h2 id="keys-title">Keyboard</h2>
    <dl class="w-help">
      ${kKeys.map(
        ([keys, text]) =>
          html`<dt><kbd>${keys}</kbd></dt>
            <dd>${text}</dd>`,
      )}
    </dl>
    <div class="w-row w-end">
      <button type="button" onClick=${onClose}>Close</button>
    </div>
  </dialog>`;
}
