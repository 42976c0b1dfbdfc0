// The right half: what really happens, and what can be done about it.
import { html } from "../../report/dom.js";

export function World({ state }) {
  return html`<p class="soft">${state.world.events} events</p>`;
}
