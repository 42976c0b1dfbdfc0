// What can be done to a secret itself: edit it, its value, tags, policy and rotation; delete it.
import { useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { Refusal, secretsManager, useCalls } from "./calls.js";
import {
  checkDescription,
  checkPolicy,
  checkRotation,
  checkTags,
  checkWindow,
  kDescriptionMost,
  kPolicyMost,
} from "./check.js";
import { AsCli } from "./cli.js";
import { AreaField, Decide, Dialog, NumberField, TextField, submits } from "./form.js";
import { KeyField } from "./keys.js";
import { CallDialog } from "./replica_dialogs.js";
import { RotationForm, rotationMembers, rotationOf } from "./rotation.js";
import { TagRows, tagChanges, tagMembers } from "./tags.js";
import { ValueEditor, checkValue, secretString, valueOf } from "./value.js";
import { instant, isReplica, kDefaultKey, keyMember } from "./world.js";

// `answer` is GetSecretValue's.
export function EditValue({ ctx, region, secret, answer, onClose }) {
  const [value, setValue] = useState(() => valueOf(answer.SecretString ?? ""));
  const wrong = checkValue(value);
  return html`<${CallDialog}
    ctx=${ctx}
    title="Edit secret value"
    call=${secretsManager(region, "PutSecretValue", {
      SecretId: secret.ARN,
      SecretString: secretString(value),
    })}
    word="Save"
    ready=${!wrong}
    onClose=${onClose}
    onDone=${() => ctx.watch(region, secret.Name, "Saved a new value of")}
  >
    <p class="hint">
      A new version becomes AWSCURRENT, the one before it AWSPREVIOUS; replicas get it by
      replication.
    </p>
    <${ValueEditor} value=${value} onValue=${setValue} />
  </${CallDialog}>`;
}

export function EditSecret({ ctx, region, secret, onClose }) {
  const before = keyMember(secret.KmsKeyId).KmsKeyId ?? "";
  const [description, setDescription] = useState(secret.Description ?? "");
  const [key, setKey] = useState(before);
  const replica = isReplica(secret);
  const wrong = checkDescription(description);
  const call = secretsManager(region, "UpdateSecret", {
    SecretId: secret.ARN,
    ...(!replica && description !== (secret.Description ?? "") ? { Description: description } : {}),
    ...(key !== before ? { KmsKeyId: key || kDefaultKey } : {}),
  });
  return html`<${CallDialog}
    ctx=${ctx}
    title=${replica ? "Edit encryption key" : "Edit description and encryption key"}
    call=${call}
    word="Save"
    ready=${!wrong && Object.keys(call.body).length > 1}
    onClose=${onClose}
    onDone=${() => ctx.watch(region, secret.Name, "Saved")}
  >
    ${
      !replica &&
      html`<${TextField}
        label="Description"
        optional
        value=${description}
        onText=${setDescription}
        error=${wrong}
        count=${description.length}
        most=${kDescriptionMost}
      />`
    }
    <${KeyField}
      ctx=${ctx}
      region=${region}
      value=${key}
      onPick=${setKey}
      hint="AWSCURRENT, AWSPENDING and AWSPREVIOUS are encrypted again; others keep theirs."
      withNew
    />
  </${CallDialog}>`;
}

export function EditTags({ ctx, region, secret, onClose }) {
  const [tags, setTags] = useState(() => (secret.Tags ?? []).map((tag) => [tag.Key, tag.Value]));
  const { busy, refused, send } = useCalls(ctx.api);
  const wrong = checkTags(tags);
  const [gone, written] = tagChanges(secret.Tags ?? [], tags);
  const calls = [
    ...(gone.length
      ? [secretsManager(region, "UntagResource", { SecretId: secret.ARN, TagKeys: gone })]
      : []),
    ...(written.length
      ? [secretsManager(region, "TagResource", { SecretId: secret.ARN, Tags: tagMembers(written) })]
      : []),
  ];
  const act = async () => {
    for (const call of calls) if (!(await send(call))) return;
    onClose();
  };
  return html`<${Dialog} title="Edit tags" onClose=${onClose}>
    <form onSubmit=${submits(act)} novalidate>
      <${TagRows} tags=${tags} onTags=${setTags} wrong=${tags.some(([key]) => key) && wrong} />
      <${Refusal} refused=${refused} />
      ${calls.length > 0 && html`<${AsCli} calls=${calls} />`}
      <${Decide}
        word="Save"
        busy=${busy}
        disabled=${Boolean(wrong) || calls.length === 0}
        onClose=${onClose}
      />
    </form>
  </${Dialog}>`;
}

// `policy` is what is attached now, "" for none. An empty text takes it away.
export function EditPolicy({ ctx, region, secret, policy, onClose, onDone }) {
  const [text, setText] = useState(policy);
  const wrong = checkPolicy(text);
  const call = text.trim()
    ? secretsManager(region, "PutResourcePolicy", { SecretId: secret.ARN, ResourcePolicy: text })
    : secretsManager(region, "DeleteResourcePolicy", { SecretId: secret.ARN });
  return html`<${CallDialog}
    ctx=${ctx}
    title="Edit resource permissions"
    call=${call}
    word=${text.trim() ? "Save" : "Delete policy"}
    danger=${!text.trim()}
    ready=${!wrong && text !== policy}
    onClose=${onClose}
    onDone=${() => onDone(text.trim() ? text : "")}
  >
    <${AreaField}
      label="Resource policy (JSON)"
      rows=${12}
      mono
      value=${text}
      onText=${setText}
      error=${wrong}
      count=${text.length}
      most=${kPolicyMost}
    />
  </${CallDialog}>`;
}

export function EditRotation({ ctx, region, secret, onClose }) {
  const [form, setForm] = useState(() => rotationOf(secret));
  const wrong = checkRotation(form);
  return html`<${CallDialog}
    ctx=${ctx}
    title="Edit rotation configuration"
    call=${secretsManager(region, "RotateSecret", {
      SecretId: secret.ARN,
      ...rotationMembers(form, region, ctx.account),
    })}
    word="Save"
    ready=${Object.keys(wrong).length === 0}
    onClose=${onClose}
    onDone=${() => ctx.watch(region, secret.Name, "Saved the rotation of")}
  >
    <${RotationForm} form=${form} onForm=${setForm} wrong=${wrong} />
  </${CallDialog}>`;
}

export function DeleteSecret({ ctx, region, secret, onClose }) {
  const [days, setDays] = useState("30");
  const wrong = checkWindow(days);
  return html`<${CallDialog}
    ctx=${ctx}
    title="Delete secret"
    call=${secretsManager(region, "DeleteSecret", {
      SecretId: secret.ARN,
      RecoveryWindowInDays: Number(days),
    })}
    word="Schedule deletion"
    danger
    ready=${!wrong}
    onClose=${onClose}
    onDone=${(answer) =>
      ctx.watch(
        region,
        secret.Name,
        `Deletion on ${instant(answer.DeletionDate)} is scheduled for`,
      )}
  >
    <p>
      ${secret.Name} cannot be read any more at once, and is deleted for good when its recovery
      window ends. Until then the deletion can be cancelled.
    </p>
    <${NumberField}
      label="Recovery window"
      hint="7 to 30 days of the world’s time"
      unit="days"
      min="7"
      max="30"
      value=${days}
      onText=${setDays}
      error=${wrong}
    />
  </${CallDialog}>`;
}
