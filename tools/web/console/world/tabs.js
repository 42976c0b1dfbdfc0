// Panels of which one is seen.
import { useEffect, useRef } from "preact/hooks";
import { html } from "../../report/dom.js";

// tabs  [name, title, drawing function]
// of    what the panel is about: another begins at its top
export function Tabs({ label, tabs, value, of, onChange }) {
  const box = useRef(null);
  useEffect(() => {
    box.current.scrollTop = 0;
  }, [value, of]);
  const key = (event) => {
    const at = tabs.findIndex(([name]) => name === value);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const [next] = tabs[(to + tabs.length) % tabs.length];
    onChange(next);
    document.getElementById(`w-tab-${next}`).focus();
  };
  const [, , draw] = tabs.find(([name]) => name === value);
  const panel = `w-panel-${tabs[0][0]}`;
  return html`<section class="w-box">
    <div role="tablist" class="w-tablist" aria-label=${label} onKeyDown=${key}>
      ${tabs.map(
        ([name, title]) =>
          html`<button
            key=${name}
            type="button"
            role="tab"
            id=${`w-tab-${name}`}
            aria-controls=${panel}
            aria-selected=${name === value ? "true" : "false"}
            tabindex=${name === value ? 0 : -1}
            onClick=${() => onChange(name)}
          >
            ${title}
          </button>`,
      )}
    </div>
    <div
      role="tabpanel"
      id=${panel}
      ref=${box}
      class="w-panel w-scroll"
      tabindex="0"
      aria-labelledby=${`w-tab-${value}`}
    >
      ${draw()}
    </div>
  </section>`;
}
