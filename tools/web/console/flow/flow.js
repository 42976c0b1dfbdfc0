// The left half: the service as its users see it.
import { html } from "../../report/dom.js";

export function Flow({ world }) {
  return html`<ul>
    ${world.regions.flatMap((region) =>
      region.secrets.map((secret) => html`<li>${`${region.name}: ${secret.Name}`}</li>`),
    )}
  </ul>`;
}
