// What is asked of the server from the right half: shown as pressed at once, and what came of it in
// one place. The effect itself comes with the stream.
import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import { html } from "../../report/dom.js";

const kSigns = { bad: "✗ ", good: "✓ " };

export function useActions() {
  const [busy, setBusy] = useState(() => new Set());
  const [said, setSaid] = useState(null);
  const counts = useRef(new Map());
  const count = (name, by) => {
    const now = (counts.current.get(name) ?? 0) + by;
    counts.current.set(name, now);
    setBusy(new Set([...counts.current].filter(([, n]) => n > 0).map(([key]) => key)));
  };
  // Resolves to the answer, or to null when it was refused. `done` says in words what came of it.
  const act = useCallback(async (name, request, done) => {
    count(name, 1);
    try {
      const answer = await request();
      setSaid(done ? { tone: "good", text: done(answer) } : null);
      return answer ?? {};
    } catch (error) {
      setSaid({ tone: "bad", text: error.message });
      return null;
    } finally {
      count(name, -1);
    }
  }, []);
  return useMemo(() => ({ act, busy, said, hush: () => setSaid(null) }), [act, busy, said]);
}

// A button that shows that it was pressed until the server has answered.
export function Press({ name, actions, onPress, children, class: kind = "", ...rest }) {
  const pressed = actions.busy.has(name);
  return html`<button
    type="button"
    ...${rest}
    class=${`${kind}${pressed ? " w-pressed" : ""}`}
    aria-busy=${pressed ? "true" : undefined}
    onClick=${onPress}
  >
    ${children}
  </button>`;
}

export function Said({ actions }) {
  const { said, hush } = actions;
  return html`<div class="w-said-place" role="status">
    ${
      said &&
      html`<p class=${`w-said ${said.tone}`}>
        <span class="w-said-text"
          ><span aria-hidden="true">${kSigns[said.tone]}</span>${said.text}</span
        >
        <button type="button" class="w-plain" aria-label="Dismiss" onClick=${hush}>✕</button>
      </p>`
    }
  </div>`;
}
