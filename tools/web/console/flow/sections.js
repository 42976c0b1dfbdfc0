// The cards below a secret's overview: value, versions, rotation, permissions, tags.
import { useEffect, useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { Refusal, secretsManager, useCalls } from "./calls.js";
import { AsCli } from "./cli.js";
import { Badge, Facts, Section } from "./parts.js";
import { rotationText } from "./rotation.js";
import { EditPolicy, EditRotation, EditTags, EditValue } from "./secret_dialogs.js";
import { ShownValue } from "./value.js";
import { instant, isReplica } from "./world.js";

const currentVersion = (secret) =>
  Object.entries(secret.VersionIdsToStages ?? {}).find(([, stages]) =>
    stages.includes("AWSCURRENT"),
  )?.[0];

export function Value({ ctx, region, secret }) {
  const [answer, setAnswer] = useState(null);
  const [editing, setEditing] = useState(false);
  const { busy, refused, send, forget } = useCalls(ctx.api);
  const call = secretsManager(region, "GetSecretValue", { SecretId: secret.ARN });
  // Nobody sees it who comes to the page later.
  useEffect(() => {
    const hide = () => document.hidden && setAnswer(null);
    document.addEventListener("visibilitychange", hide);
    return () => document.removeEventListener("visibilitychange", hide);
  }, []);
  const retrieve = async () => {
    const got = await send(call);
    if (got) setAnswer(got);
    return got;
  };
  const edit = async () => {
    if (answer || (await retrieve())) setEditing(true);
  };
  const valueless = !currentVersion(secret);
  const old = answer && currentVersion(secret) !== answer.VersionId;
  return html`<${Section}
    title="Secret value"
    id="value"
    actions=${html`${
      answer
        ? html`<button type="button" onClick=${() => setAnswer(null)}>Hide</button>`
        : html`<button type="button" disabled=${Boolean(busy)} onClick=${retrieve}>
            Retrieve secret value
          </button>`
    }
    ${
      !isReplica(secret) &&
      html`<button
        type="button"
        disabled=${Boolean(busy)}
        onClick=${valueless ? () => setEditing(true) : edit}
      >
        ${valueless ? "Set secret value" : "Edit"}
      </button>`
    }`}
  >
    ${
      answer
        ? html`<div role="status">
            <${ShownValue} answer=${answer} />
            <p class="hint">
              ${`Version ${answer.VersionId}, ${(answer.VersionStages ?? []).join(", ")}.`}
              ${old && " It is no longer the current one: retrieve again."} ${" "}Hidden again when
              you leave.
            </p>
          </div>`
        : html`<p class="soft masked">
            <span aria-hidden="true">••••••••••••</span
            ><span class="unseen">The value is hidden.</span>
          </p>`
    }
    <${Refusal} refused=${refused} onClose=${forget} />
    <${AsCli} calls=${[call]} />
    ${
      editing &&
      html`<${EditValue}
        ctx=${ctx}
        region=${region}
        secret=${secret}
        answer=${answer ?? {}}
        onClose=${() => {
          setEditing(false);
          setAnswer(null);
        }}
      />`
    }
  </${Section}>`;
}

const kStageOrder = ["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"];
const kStageFeel = { AWSCURRENT: "good", AWSPENDING: "doubt", AWSPREVIOUS: "plain" };

const rank = (stages) =>
  Math.min(...stages.map((stage) => (kStageOrder.indexOf(stage) + 4) % 4), 4);

export function Versions({ secret }) {
  const versions = Object.entries(secret.VersionIdsToStages ?? {}).sort(
    ([a, one], [b, other]) => rank(one) - rank(other) || (a < b ? -1 : 1),
  );
  return html`<${Section} title="Versions" id="versions">
    ${
      versions.length === 0
        ? html`<p class="soft">No version: the secret has no value yet.</p>`
        : html`<table class="list stacked">
            <thead>
              <tr>
                <th scope="col">Version ID</th>
                <th scope="col">Staging labels</th>
              </tr>
            </thead>
            <tbody>
              ${versions.map(
                ([id, stages]) =>
                  html`<tr key=${id}>
                    <td><code>${id}</code></td>
                    <td data-label="Staging labels" class="labels">
                      ${[...stages].sort().map(
                        (stage) =>
                          html`<${Badge} key=${stage} feel=${kStageFeel[stage] ?? "accent"}
                              >${stage}</${Badge}
                            >`,
                      )}
                    </td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }
  </${Section}>`;
}

export function Rotation({ ctx, region, secret }) {
  const [editing, setEditing] = useState(false);
  const { busy, refused, send, forget } = useCalls(ctx.api);
  const replica = isReplica(secret);
  const call = (operation) => secretsManager(region, operation, { SecretId: secret.ARN });
  const act = async (operation, verb) => {
    if (await send(call(operation))) ctx.watch(region, secret.Name, verb);
  };
  return html`<${Section}
    title="Rotation configuration"
    id="rotation"
    actions=${
      !replica &&
      html`${
          secret.RotationLambdaARN &&
          html`<button
            type="button"
            disabled=${Boolean(busy)}
            onClick=${() => act("RotateSecret", "Rotating")}
          >
            Rotate secret immediately
          </button>`
        }
        ${
          secret.RotationEnabled &&
          html`<button
            type="button"
            disabled=${Boolean(busy)}
            onClick=${() => act("CancelRotateSecret", "Turned off the rotation of")}
          >
            Turn off
          </button>`
        } <button type="button" onClick=${() => setEditing(true)}>Edit rotation</button>`
    }
  >
    <${Facts}
      rows=${[
        [
          "Rotation status",
          secret.RotationEnabled
            ? html`<${Badge} feel="good" sign="✓">Enabled</${Badge}>`
            : html`<span class="soft">Disabled</span>`,
        ],
        ["Schedule", rotationText(secret.RotationRules)],
        ["Window", secret.RotationRules?.Duration],
        ["Function", secret.RotationLambdaARN?.split(":").pop()],
        ["Last rotated", instant(secret.LastRotatedDate)],
        ["Next rotation", instant(secret.NextRotationDate)],
      ]}
    />
    ${replica && html`<p class="hint">Replicas are not rotated: their primary is.</p>`}
    <${Refusal} refused=${refused} onClose=${forget} />
    ${secret.RotationLambdaARN && !replica && html`<${AsCli} calls=${[call("RotateSecret")]} />`}
    ${
      editing &&
      html`<${EditRotation}
        ctx=${ctx}
        region=${region}
        secret=${secret}
        onClose=${() => setEditing(false)}
      />`
    }
  </${Section}>`;
}

const pretty = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

// The live state does not tell the policy: it is asked for.
export function Policy({ ctx, region, secret }) {
  const [policy, setPolicy] = useState(null);
  const [editing, setEditing] = useState(false);
  const { busy, refused, send, forget } = useCalls(ctx.api);
  const call = secretsManager(region, "GetResourcePolicy", { SecretId: secret.ARN });
  const look = async () => {
    const got = await send(call);
    if (got) setPolicy(got.ResourcePolicy ?? "");
    return got;
  };
  return html`<${Section}
    title="Resource permissions"
    id="policy"
    actions=${html`<button type="button" disabled=${Boolean(busy)} onClick=${look}>
        ${policy === null ? "Show" : "Show again"}
      </button>
      ${
        !isReplica(secret) &&
        html`<button
          type="button"
          disabled=${Boolean(busy)}
          onClick=${async () => (policy !== null || (await look())) && setEditing(true)}
        >
          Edit permissions
        </button>`
      }`}
  >
    ${
      policy === null
        ? html`<p class="soft">Who may use this secret, beside the identity policies.</p>`
        : policy
          ? html`<pre class="shown" tabindex="0">${pretty(policy)}</pre>`
          : html`<p class="soft">No resource policy.</p>`
    }
    <${Refusal} refused=${refused} onClose=${forget} />
    <${AsCli} calls=${[call]} />
    ${
      editing &&
      html`<${EditPolicy}
        ctx=${ctx}
        region=${region}
        secret=${secret}
        policy=${pretty(policy ?? "")}
        onClose=${() => setEditing(false)}
        onDone=${setPolicy}
      />`
    }
  </${Section}>`;
}

export function Tags({ ctx, region, secret }) {
  const [editing, setEditing] = useState(false);
  const tags = secret.Tags ?? [];
  return html`<${Section}
    title="Tags"
    id="tags"
    actions=${
      !isReplica(secret) &&
      html`<button type="button" onClick=${() => setEditing(true)}>Edit tags</button>`
    }
  >
    ${
      tags.length === 0
        ? html`<p class="soft">No tags.</p>`
        : html`<table class="list">
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col">Value</th>
              </tr>
            </thead>
            <tbody>
              ${tags.map(
                (tag) =>
                  html`<tr key=${tag.Key}>
                    <td>${tag.Key}</td>
                    <td>${tag.Value}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }
    ${
      editing &&
      html`<${EditTags}
        ctx=${ctx}
        region=${region}
        secret=${secret}
        onClose=${() => setEditing(false)}
      />`
    }
  </${Section}>`;
}
