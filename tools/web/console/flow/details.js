// One secret of one Region: everything about it, and what can be done with it.
import { useEffect, useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { Refusal, secretsManager, useCalls } from "./calls.js";
import { FailurePanel } from "./failure.js";
import { Badge, Facts, RoleText, Section } from "./parts.js";
import { kSecrets, secretPath } from "./paths.js";
import { Promote } from "./replica_dialogs.js";
import { Replication } from "./replication.js";
import { DeleteSecret, EditSecret } from "./secret_dialogs.js";
import { Policy, Rotation, Tags, Value, Versions } from "./sections.js";
import { day, instant, isReplica, keyText, regionOf, replicasOf, secretOf } from "./world.js";

function Overview({ ctx, region, secret, onOpen }) {
  const { refused, busy, send, forget } = useCalls(ctx.api);
  const restore = async () => {
    const call = secretsManager(region, "RestoreSecret", { SecretId: secret.ARN });
    if (await send(call)) ctx.watch(region, secret.Name, "Cancelled the deletion of");
  };
  const replica = isReplica(secret);
  return html`<${Section}
    title="Secret details"
    id="overview"
    actions=${html`<button type="button" onClick=${() => onOpen("edit")}>Edit</button> ${
        replica &&
        html`<button type="button" onClick=${() => onOpen("promote")}>
          Promote to standalone secret
        </button>`
      }
      ${
        secret.DeletedDate
          ? html`<button type="button" disabled=${Boolean(busy)} onClick=${restore}>
              Cancel deletion
            </button>`
          : html`<button type="button" onClick=${() => onOpen("delete")}>Delete secret</button>`
      }`}
  >
    <${Facts}
      rows=${[
        ["Secret name", html`<code>${secret.Name}</code>`],
        ["Secret ARN", html`<code>${secret.ARN}</code>`],
        ["Description", secret.Description],
        ["Encryption key", keyText(regionOf(ctx.world, region), secret.KmsKeyId)],
        [
          "Role",
          replica
            ? html`<${RoleText} secret=${secret} />${" of the "}<a
                  href=${`#${secretPath(secret.PrimaryRegion, secret.Name)}`}
                  >primary in ${secret.PrimaryRegion}</a
                >`
            : html`<${RoleText} secret=${secret} />`,
        ],
        ["Created", instant(secret.CreatedDate)],
        ["Last changed", instant(secret.LastChangedDate)],
        ["Last accessed", day(secret.LastAccessedDate)],
        [
          "Deletion",
          secret.DeletedDate &&
            html`<${Badge} feel="bad" sign="✗">${`on ${instant(secret.DeletedDate)}`}</${Badge}>`,
        ],
      ]}
    />
    <${Refusal} refused=${refused} onClose=${forget} />
  </${Section}>`;
}

// Somebody removed or renamed it, or followed an old address.
function Missing({ ctx, region, name }) {
  const elsewhere = ctx.world.regions.filter((one) => secretOf(ctx.world, one.name, name));
  return html`<div>
    <h2 tabindex="-1">${name}</h2>
    <div class="nothing">
      <p>There is no secret of this name in ${region} now.</p>
      ${
        elsewhere.length > 0 &&
        html`<p>
          ${"It is in "}
          ${elsewhere.map(
            (one, k) =>
              html`${k > 0 && ", "}<a key=${one.name} href=${`#${secretPath(one.name, name)}`}
                  >${one.name}</a
                >`,
          )}
        </p>`
      }
      <p><a href=${`#${kSecrets}`}>All secrets</a></p>
    </div>
  </div>`;
}

export function Details({ ctx, region, name, replica, onRetry }) {
  const [open, setOpen] = useState("");
  const secret = secretOf(ctx.world, region, name);
  useEffect(() => setOpen(""), [region, name]);
  if (!secret) return html`<${Missing} ctx=${ctx} region=${region} name=${name} />`;
  const close = () => setOpen("");
  const entry = replicasOf(secret).find((one) => one.Region === replica);
  const all = { ctx, region, secret };
  return html`<div class="details">
    <h2 tabindex="-1">${name} <span class="soft">in ${region}</span></h2>
    ${
      replica &&
      html`<${FailurePanel}
        ...${all}
        replica=${replica}
        onRetry=${() => entry && onRetry(region, secret, entry)}
      />`
    }
    ${
      secret.DeletedDate &&
      html`<p class="notice bad">
        This secret is scheduled for deletion: its value cannot be read.
      </p>`
    }
    <${Overview} ...${all} onOpen=${setOpen} />
    <${Replication} ...${all} onRetry=${onRetry} onPromote=${() => setOpen("promote")} />
    <${Value} key=${`value ${secret.ARN}`} ...${all} />
    <${Versions} secret=${secret} />
    <${Rotation} ...${all} />
    <${Policy} key=${`policy ${secret.ARN}`} ...${all} />
    <${Tags} ...${all} />
    ${open === "edit" && html`<${EditSecret} ...${all} onClose=${close} />`}
    ${open === "delete" && html`<${DeleteSecret} ...${all} onClose=${close} />`}
    ${open === "promote" && html`<${Promote} ...${all} onClose=${close} />`}
  </div>`;
}
