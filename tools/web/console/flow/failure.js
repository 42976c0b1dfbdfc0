// Why a replication has failed, in plain words: the causes that AWS documents. tests/web compares
// the sentences with those of `faultline explain`.
import { useEffect, useRef } from "preact/hooks";
import { html } from "../../report/dom.js";
import { StatusBadge } from "./parts.js";
import { secretPath } from "./paths.js";
import { NotEnabled } from "./regions.js";
import { keyOf, keyText, regionOf, replicasOf, secretOf } from "./world.js";

export const kReasons = [
  {
    id: "REASON-NAME",
    title: "The name is taken",
    message: /already exists in (this )?region/,
    what: "The Region has a secret of this name that is not a replica of this one.",
    why:
      "Two teams, or an earlier try, made a secret of their own there. Replication overwrites " +
      "nothing by default.",
    remedy:
      "Look at what is there. Then rename or delete it, or retry with " +
      "ForceOverwriteReplicaSecret, which destroys it.",
  },
  {
    id: "REASON-KMS",
    title: "KMS does not allow it",
    message: /Access to KMS is not allowed|kms:|is disabled|pending deletion|KMS key/,
    what: "The value could not be opened with the primary's key or sealed with the replica's.",
    why:
      "The caller needs kms:Decrypt on the primary's key, and kms:GenerateDataKey and " +
      "kms:Encrypt on the replica's; a key policy can take any of them away in one Region alone.",
    remedy: "Allow the key, or enable it, in the Region that the status names; then retry.",
  },
  {
    id: "REASON-REGION",
    title: "The Region is not enabled",
    message: /is not enabled for this account/,
    what: "The account has not enabled this opt-in Region, or has disabled it.",
    why: "The API takes the call anyway: whether a Region is enabled shows in the replica's status.",
    remedy: "Enable the Region (Account Management, minutes to hours), then retry.",
  },
  {
    id: "REASON-NETWORK",
    title: "A network error",
    message: /network error/,
    what: "The Region was asked several times, with growing waits, and did not answer.",
    why:
      "Silence does not say whether the other side is slow, dead or cut off, nor whether it has " +
      "the value.",
    remedy: "When the network is back, retry. Until then readers there get what the replica has.",
  },
];

// What happens beside the documented causes.
const kOthers = [
  {
    title: "A replica of another secret has the name",
    message: /currently replicated to .* with a different arn/,
    what: "The Region holds a replica of a different primary, perhaps of one that is gone.",
    why: "A replica belongs to its primary, and overwriting does not take it away.",
    remedy: "Promote that replica to a standalone secret, delete it there, then retry.",
  },
  {
    title: "The replica was promoted",
    message: /was promoted to a standalone secret/,
    what: "The Region has made its replica a secret of its own, which follows nobody.",
    why: "A promotion is decided in the replica's Region; the primary hears of it afterwards.",
    remedy: "Delete the replica from the list here. To have one again, overwrite the secret there.",
  },
  {
    title: "The Region was removed",
    message: /was removed from replication/,
    what: "The replica was removed while a change was still on its way to it.",
    why: "Removing a replica and changing its primary are two calls, and the wire keeps no order.",
    remedy: "Nothing, if it was meant. Otherwise replicate to the Region again.",
  },
];

// Undefined: none that is known.
export const reasonOf = (message) =>
  [...kReasons, ...kOthers].find((reason) => reason.message.test(message ?? ""));

// For a banner, where there is little room.
export const shortReason = (entry) =>
  reasonOf(entry.StatusMessage)?.title ?? entry.StatusMessage ?? "no reason was given";

function Reason({ reason }) {
  return html`<dl class="reason">
    <dt>What it means</dt>
    <dd>${reason.what}</dd>
    <dt>Why it comes about</dt>
    <dd>${reason.why}</dd>
    <dt>What to do</dt>
    <dd>${reason.remedy}</dd>
  </dl>`;
}

// What this world knows of the cause, beyond what AWS tells.
function Here({ ctx, reason, region, secret, entry }) {
  const { world } = ctx;
  const there = regionOf(world, entry.Region);
  if (reason?.id === "REASON-KMS") {
    const keys = [
      [region.name, region, secret.KmsKeyId, "opens it (kms:Decrypt)"],
      [entry.Region, there, entry.KmsKeyId, "seals it (kms:GenerateDataKey, kms:Encrypt)"],
    ];
    return html`<ul class="plain">
      ${keys.map(([name, where, id, does]) => {
        const key = keyOf(where, id);
        const trouble = key?.trouble || (key && key.state !== "Enabled" ? key.state : "");
        return html`<li key=${name}>
          ${`${name}: ${keyText(where, id)} ${does}: `}
          ${
            key
              ? html`<b class=${trouble ? "bad" : "good"}
                  >${trouble ? `✗ ${trouble}` : "✓ works now"}</b
                >`
              : html`<b class="bad">✗ there is no such key in this Region</b>`
          }
        </li>`;
      })}
    </ul>`;
  }
  if (reason?.id === "REASON-NAME") {
    const other = secretOf(world, entry.Region, secret.Name);
    return other
      ? html`<p>
          The other one:${" "}
          <a href=${`#${secretPath(entry.Region, secret.Name)}`}
            >${`${secret.Name} in ${entry.Region}`}</a
          >
        </p>`
      : html`<p class="good">✓ There is no such secret in ${entry.Region} now.</p>`;
  }
  if (reason?.id === "REASON-REGION") {
    return there?.enabled
      ? html`<p class="good">✓ ${entry.Region} is enabled now.</p>`
      : html`<${NotEnabled} ctx=${ctx} open />`;
  }
  const faults = world.faults.filter(
    (fault) => fault.regions.includes(entry.Region) || fault.regions.includes(region.name),
  );
  if (!there?.up) return html`<p class="bad">✗ ${entry.Region} is down.</p>`;
  return faults.length > 0
    ? html`<p>Faults in force here:</p>
        <ul class="plain">
          ${faults.map((fault) => html`<li key=${fault.id}>⚡ ${fault.text}</li>`)}
        </ul>`
    : html`<p class="good">✓ No fault concerns ${entry.Region} now.</p>`;
}

export function FailurePanel({ ctx, region, secret, replica, onRetry }) {
  const heading = useRef(null);
  const entry = replicasOf(secret).find((one) => one.Region === replica);
  useEffect(() => {
    heading.current?.focus();
    heading.current?.scrollIntoView({ block: "nearest" });
  }, [replica]);
  const close = html`<a class="button small" href=${`#${secretPath(region, secret.Name)}`}
    >Close</a
  >`;
  if (entry?.Status !== "Failed") {
    return html`<section class="card" aria-label=${`Replication to ${replica}`}>
      <div class="card-head">
        <h3 tabindex="-1" ref=${heading}>
          ${entry ? `Replication to ${replica}` : `${replica} has no replica of this secret`}
        </h3>
        ${close}
      </div>
      ${entry && html`<p><${StatusBadge} entry=${entry} />${` ${entry.StatusMessage ?? ""}`}</p>`}
    </section>`;
  }
  const reason = reasonOf(entry.StatusMessage);
  const others = kReasons.filter((one) => one !== reason);
  return html`<section class="card failure" aria-label=${`Replication to ${replica} failed`}>
    <div class="card-head">
      <h3 tabindex="-1" ref=${heading}>${`Replication to ${replica} failed`}</h3>
      ${close}
    </div>
    <p class="lead">
      ${reason?.title ?? "None of the documented causes"}
      ${reason && !reason.id && html`<span class="soft">${" (not a documented cause)"}</span>`}
    </p>
    <p class="hint">Status message, as DescribeSecret gives it:</p>
    <blockquote>${entry.StatusMessage || "(none)"}</blockquote>
    ${reason && html`<${Reason} reason=${reason} />`}
    <h4>In this world now</h4>
    <${Here} ...${{ ctx, reason, region: regionOf(ctx.world, region), secret, entry }} />
    <h4>What is left</h4>
    <p>
      What was replicated before stays readable in ${replica} until the replica is deleted. If no
      version ever arrived, there is no secret in ${replica}. Nothing is retried by itself.
    </p>
    <p class="row">
      <button type="button" class="primary" onClick=${onRetry}>Retry replication</button>
    </p>
    <details>
      <summary>${reason?.id ? "The other documented causes" : "The documented causes"}</summary>
      ${others.map(
        (one) =>
          html`<div key=${one.id}>
            <h4>${one.title}</h4>
            <${Reason} reason=${one} />
          </div>`,
      )}
    </details>
  </section>`;
}
