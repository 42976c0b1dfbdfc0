// What can be done about replicas: add, retry, delete, promote.
import { useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { Refusal, secretsManager, useCalls } from "./calls.js";
import { AsCli } from "./cli.js";
import { Check, Decide, Dialog, TextField, submits } from "./form.js";
import { KeyField } from "./keys.js";
import { secretPath } from "./paths.js";
import { ReplicaRows, emptyRow } from "./regions.js";
import { keyMember, regionsText, replicasOf } from "./world.js";

// A dialog that is one call. `ready` says whether its form is complete.
export function CallDialog({
  ctx,
  title,
  call,
  word,
  danger,
  ready = true,
  onClose,
  onDone,
  children,
}) {
  const { busy, refused, send } = useCalls(ctx.api);
  const act = async () => {
    if (!ready) return;
    const answer = await send(call);
    if (!answer) return;
    onDone?.(answer);
    onClose();
  };
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <form onSubmit=${submits(act)} novalidate>
      ${children}
      <${Refusal} refused=${refused} />
      <${AsCli} calls=${[call]} />
      <${Decide} word=${word} danger=${danger} busy=${busy} disabled=${!ready} onClose=${onClose} />
    </form>
  </${Dialog}>`;
}

const kOverwrite = "Overwrite a secret with the same name in the destination Region";

export function AddRegions({ ctx, region, secret, onClose }) {
  const [rows, setRows] = useState([emptyRow()]);
  const [overwrite, setOverwrite] = useState(false);
  const ready = rows.length > 0 && rows.every((row) => row.region);
  const call = secretsManager(region, "ReplicateSecretToRegions", {
    SecretId: secret.ARN,
    AddReplicaRegions: rows.map((row) => ({
      Region: row.region || "REGION",
      ...keyMember(row.key),
    })),
    ...(overwrite ? { ForceOverwriteReplicaSecret: true } : {}),
  });
  return html`<${CallDialog}
    ctx=${ctx}
    title="Replicate secret to other Regions"
    call=${call}
    word=${`Replicate to ${regionsText(rows.length)}`}
    ready=${ready}
    onClose=${onClose}
    onDone=${() => ctx.watch(region, secret.Name, "")}
  >
    <${ReplicaRows}
      ctx=${ctx}
      home=${region}
      taken=${replicasOf(secret).map((entry) => entry.Region)}
      rows=${rows}
      onRows=${setRows}
      least=${1}
    />
    <${Check} checked=${overwrite} onCheck=${setOverwrite}>${kOverwrite}</${Check}>
  </${CallDialog}>`;
}

export function RetryReplication({ ctx, region, secret, entry, onClose }) {
  const [overwrite, setOverwrite] = useState(false);
  const [key, setKey] = useState(keyMember(entry.KmsKeyId).KmsKeyId ?? "");
  const call = secretsManager(region, "ReplicateSecretToRegions", {
    SecretId: secret.ARN,
    AddReplicaRegions: [
      { Region: entry.Region, ...(key ? { KmsKeyId: key } : defaultKeyMember(entry)) },
    ],
    ...(overwrite ? { ForceOverwriteReplicaSecret: true } : {}),
  });
  return html`<${CallDialog}
    ctx=${ctx}
    title=${`Retry replication to ${entry.Region}`}
    call=${call}
    word="Retry"
    onClose=${onClose}
    onDone=${() => ctx.watch(region, secret.Name, "")}
  >
    <p>${secret.Name} is sent to ${entry.Region} again, whole.</p>
    <p class="hint">Last time: ${entry.StatusMessage || "no reason was given"}</p>
    <${KeyField} ctx=${ctx} region=${entry.Region} value=${key} onPick=${setKey} withNew />
    <${Check}
      checked=${overwrite}
      onCheck=${setOverwrite}
      hint="It is destroyed, with all of its versions. For when the name is taken."
      >${kOverwrite}</${Check}
    >
  </${CallDialog}>`;
}

// Nothing said means: the key that it has. To go back to the default one it must be said.
const defaultKeyMember = (entry) =>
  keyMember(entry.KmsKeyId).KmsKeyId ? { KmsKeyId: "alias/aws/secretsmanager" } : {};

export function DeleteReplica({ ctx, region, secret, entry, onClose }) {
  const [typed, setTyped] = useState("");
  return html`<${CallDialog}
    ctx=${ctx}
    title=${`Delete the replica in ${entry.Region}`}
    call=${secretsManager(region, "RemoveRegionsFromReplication", {
      SecretId: secret.ARN,
      RemoveReplicaRegions: [entry.Region],
    })}
    word="Delete replica"
    danger
    ready=${typed.trim() === entry.Region}
    onClose=${onClose}
  >
    <p>
      ${secret.Name} is no longer replicated to ${entry.Region}, and is deleted there, without a
      recovery window. Readers there lose it.
    </p>
    <${TextField}
      label=${`Type ${entry.Region} to confirm`}
      mono
      value=${typed}
      onText=${setTyped}
    />
  </${CallDialog}>`;
}

export function Promote({ ctx, region, secret, onClose }) {
  const [typed, setTyped] = useState("");
  return html`<${CallDialog}
    ctx=${ctx}
    title="Promote to standalone secret"
    call=${secretsManager(region, "StopReplicationToReplica", { SecretId: secret.ARN })}
    word="Promote"
    danger
    ready=${[region, secret.Name].includes(typed.trim())}
    onClose=${onClose}
    onDone=${() => ctx.watch(region, secret.Name, "Promoted")}
  >
    <p>
      The replica in ${region} becomes a secret of its own: it can be written and rotated, and no
      longer follows${" "}
      <a href=${`#${secretPath(secret.PrimaryRegion, secret.Name)}`} onClick=${onClose}
        >the primary in ${secret.PrimaryRegion}</a
      >. Its ARN, versions, labels, tags, policy and key stay. This cannot be undone.
    </p>
    <${TextField}
      label=${`Type ${region} or ${secret.Name} to confirm`}
      mono
      value=${typed}
      onText=${setTyped}
    />
  </${CallDialog}>`;
}
