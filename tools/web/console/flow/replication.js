// "Replicate secret": where the replicas of a secret are, and how they are.
import { useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { Section, StatusBadge } from "./parts.js";
import { failurePath, secretPath } from "./paths.js";
import { AddRegions, DeleteReplica } from "./replica_dialogs.js";
import { day, isReplica, keyText, regionOf, replicasOf, secretOf } from "./world.js";

function Row({ ctx, region, secret, entry, onRetry, onDelete }) {
  const there = regionOf(ctx.world, entry.Region);
  const failed = entry.Status === "Failed";
  return html`<tr>
    <td>
      ${
        secretOf(ctx.world, entry.Region, secret.Name)
          ? html`<a href=${`#${secretPath(entry.Region, secret.Name)}`}>${entry.Region}</a>`
          : entry.Region
      }
      <div class="soft">${there?.long_name}</div>
    </td>
    <td data-label="Encryption key">${keyText(there, entry.KmsKeyId)}</td>
    <td data-label="Replication status">
      <${StatusBadge} entry=${entry} />
      ${entry.StatusMessage && html`<div class="message">${entry.StatusMessage}</div>`}
      ${
        failed &&
        html`<a href=${`#${failurePath(region, secret.Name, entry.Region)}`}
          >View details<span class="unseen">${` of ${entry.Region}`}</span></a
        >`
      }
    </td>
    <td data-label="Last accessed" class="soft">${day(entry.LastAccessedDate) || "–"}</td>
    <td class="buttons">
      ${
        failed &&
        html`<button type="button" class="small" onClick=${() => onRetry(region, secret, entry)}>
          Retry replication<span class="unseen">${` to ${entry.Region}`}</span>
        </button>`
      }
      <button type="button" class="small" onClick=${() => onDelete(entry)}>
        Delete replica<span class="unseen">${` in ${entry.Region}`}</span>
      </button>
    </td>
  </tr>`;
}

function OfReplica({ ctx, secret, onPromote }) {
  const primary = secretOf(ctx.world, secret.PrimaryRegion, secret.Name);
  const entry =
    primary && replicasOf(primary).find((one) => secret.ARN.includes(`:${one.Region}:`));
  return html`<${Section}
    title="Replicate secret"
    id="replicate"
    actions=${html`<a class="button" href=${`#${secretPath(secret.PrimaryRegion, secret.Name)}`}
      >Go to the primary</a
    >`}
  >
    <p>
      This secret is a replica of${" "}<a
        href=${`#${secretPath(secret.PrimaryRegion, secret.Name)}`}
        >${secret.Name} in ${secret.PrimaryRegion}</a
      >. It is read only: values, labels, tags and policy come from there. Its encryption key is its
      own.
    </p>
    ${
      entry
        ? html`<p>
            <${StatusBadge}
              entry=${entry}
            />${` as the primary sees it. ${entry.StatusMessage ?? ""}`}
          </p>`
        : html`<p class="notice bad">
            The primary does not know of this replica (any more). It can be read, and it can
            be${" "}
            <button type="button" class="as-link" onClick=${onPromote}>
              promoted to a standalone secret</button
            >.
          </p>`
    }
  </${Section}>`;
}

export function Replication({ ctx, region, secret, onRetry, onPromote }) {
  const [open, setOpen] = useState(null);
  if (isReplica(secret)) {
    return html`<${OfReplica} ctx=${ctx} secret=${secret} onPromote=${onPromote} />`;
  }
  const entries = replicasOf(secret);
  const close = () => setOpen(null);
  return html`<${Section}
    title="Replicate secret"
    id="replicate"
    actions=${html`<button type="button" onClick=${() => setOpen("add")}>Add Regions</button>`}
  >
    ${
      entries.length > 0
        ? html`<table class="list stacked replicas">
            <thead>
              <tr>
                <th scope="col">Region</th>
                <th scope="col">Encryption key</th>
                <th scope="col">Replication status</th>
                <th scope="col">Last accessed</th>
                <th scope="col"><span class="unseen">Actions</span></th>
              </tr>
            </thead>
            <tbody>
              ${entries.map(
                (entry) =>
                  html`<${Row}
                    key=${entry.Region}
                    ...${{ ctx, region, secret, entry, onRetry, onDelete: setOpen }}
                  />`,
              )}
            </tbody>
          </table>`
        : html`<p class="soft">No replicas: it is in ${region} only.</p>`
    }
    ${
      open === "add" &&
      html`<${AddRegions} ctx=${ctx} region=${region} secret=${secret} onClose=${close} />`
    }
    ${
      open?.Region &&
      html`<${DeleteReplica} ...${{ ctx, region, secret, entry: open, onClose: close }} />`
    }
  </${Section}>`;
}
