// What is broken right now, and how to mend it.
import { html } from "../../report/dom.js";
import { useTick } from "../tick.js";
import { Press } from "./actions.js";
import { since, spanWords } from "./clock.js";

export function FaultsInForce({ state, api, actions }) {
  const { world, link } = state;
  const { faults } = world;
  useTick(faults.length > 0 && !world.paused && link === "live");
  if (faults.length === 0) return null;
  const gone = since(state);
  const clear = (name, request) => actions.act(name, () => api.control({ clear_faults: request }));
  return html`<section class="w-faults" aria-label="Faults in force">
    <ul>
      ${faults.map((fault) => {
        const left = fault.left_ns === null ? null : Math.max(0, fault.left_ns - gone);
        const old = `${spanWords(fault.age_ns + gone)} old`;
        return html`<li key=${fault.id}>
          <span aria-hidden="true">⚡</span>
          <span class="w-fault-text" title=${fault.name}>${fault.text}</span>
          <span class="w-fault-age"
            >${left === null ? old : `${old}, ${spanWords(left)} left`}</span
          >
          <${Press}
            name=${`clear ${fault.id}`}
            actions=${actions}
            class="w-small"
            aria-label=${`Clear ${fault.text}`}
            onPress=${() => clear(`clear ${fault.id}`, { id: String(fault.id) })}
            >Clear<//
          >
        </li>`;
      })}
    </ul>
    ${
      faults.length > 1 &&
      html`<${Press}
        name="clear all"
        actions=${actions}
        class="w-small"
        onPress=${() => clear("clear all", {})}
        >Clear all ${faults.length}<//
      >`
    }
  </section>`;
}
