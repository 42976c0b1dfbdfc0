// The secrets of one Region.
import { useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { Check } from "./form.js";
import { Badge, RoleText } from "./parts.js";
import { kStore, secretPath } from "./paths.js";
import { day, isReplica, regionOf, regionsText, replicasOf, statusOf } from "./world.js";

// As the search of the service: every word begins a word of name, description or tags.
function matches(secret, words) {
  const texts = [
    secret.Name,
    secret.Description ?? "",
    ...(secret.Tags ?? []).flatMap((tag) => [tag.Key, tag.Value]),
  ].map((text) => text.toLowerCase());
  return words.every((word) => texts.some((text) => text.includes(word)));
}

// The worst of a primary's replicas tells.
function Replicas({ secret }) {
  const entries = replicasOf(secret);
  if (entries.length === 0) return html`<span class="soft">–</span>`;
  const worst = ["Failed", "InProgress", "InSync"]
    .map((status) => entries.filter((entry) => entry.Status === status))
    .find((some) => some.length > 0);
  const { feel, sign, word } = statusOf((worst ?? entries)[0]);
  const share =
    worst?.length === entries.length ? "" : ` in ${worst?.length ?? 0} of ${entries.length}`;
  return html`<${Badge} feel=${feel} sign=${sign}
    >${`${word}${share || ` in ${regionsText(entries.length)}`}`}</${Badge}
  >`;
}

export function SecretsList({ ctx, region, search, onSearch }) {
  const { world } = ctx;
  const [planned, setPlanned] = useState(true);
  const here = regionOf(world, region);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const all = here?.secrets ?? [];
  const kept = all.filter((secret) => planned || !secret.DeletedDate);
  const shown = kept
    .filter((secret) => matches(secret, words))
    .sort((a, b) => (a.Name < b.Name ? -1 : 1));
  return html`<div>
    <div class="page-head">
      <h2 tabindex="-1">Secrets <span class="soft">(${shown.length})</span></h2>
      <a class="button primary" href=${`#${kStore}`}>Store a new secret</a>
    </div>
    <div class="tools-row">
      <input
        type="search"
        aria-label="Search secrets by name, description or tag"
        placeholder="Name, description or tag"
        value=${search}
        onInput=${(event) => onSearch(event.target.value)}
      />
      <${Check} checked=${planned} onCheck=${setPlanned}
        >Show secrets scheduled for deletion</${Check}
      >
    </div>
    ${
      here && !here.up && html`<p class="notice bad">${`${region} is down: it answers nobody.`}</p>`
    }
    ${
      shown.length > 0
        ? html`<div class="card">
            <table class="list stacked secrets">
              <thead>
                <tr>
                  <th scope="col">Secret name</th>
                  <th scope="col">Role</th>
                  <th scope="col">Replication</th>
                  <th scope="col">Last accessed</th>
                </tr>
              </thead>
              <tbody>
                ${shown.map(
                  (secret) =>
                    html`<tr key=${secret.ARN}>
                      <td class="name">
                        <a href=${`#${secretPath(region, secret.Name)}`}>${secret.Name}</a>
                        ${secret.Description && html`<div class="soft">${secret.Description}</div>`}
                        ${
                          secret.DeletedDate &&
                          html`<div>
                          <${Badge} feel="bad" sign="✗"
                            >${`Deletion on ${day(secret.DeletedDate)}`}</${Badge}
                          >
                        </div>`
                        }
                      </td>
                      <td class="whole" data-label="Role"><${RoleText} secret=${secret} /></td>
                      <td data-label="Replication">
                        ${
                          isReplica(secret)
                            ? html`<span class="soft">from ${secret.PrimaryRegion}</span>`
                            : html`<${Replicas} secret=${secret} />`
                        }
                      </td>
                      <td data-label="Last accessed" class="soft whole">
                        ${day(secret.LastAccessedDate) || "–"}
                      </td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
        : html`<div class="nothing">
            <p>
              ${
                words.length > 0
                  ? "No secret matches."
                  : all.length > kept.length
                    ? "Only secrets that are scheduled for deletion."
                    : `No secrets in ${region} yet.`
              }
            </p>
            ${
              words.length === 0 &&
              all.length === 0 &&
              html`<p class="soft">
                Store one, replicate it to two Regions, and then see what happens to it when
                something breaks.
              </p>`
            }
          </div>`
    }
  </div>`;
}
