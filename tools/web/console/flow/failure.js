// Why a replication has failed, in plain words, and what can be done in this world now.
import { useLayoutEffect, useRef } from "preact/hooks";
import { html } from "../../report/dom.js";
import { StatusBadge } from "./parts.js";
import { secretPath } from "./paths.js";
import { documentedReasons, reasonOf } from "./reasons.js";
import { NotEnabled } from "./regions.js";
import { keyOf, keyText, regionOf, replicasOf, secretOf } from "./world.js";

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
    ${
      reason.aws &&
      html`<dt>AWS says</dt>
        <dd>${reason.aws}</dd>`
    }
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
  useLayoutEffect(() => {
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
  const others = documentedReasons().filter((one) => one !== reason);
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
