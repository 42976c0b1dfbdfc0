// Which key encrypts: the Region's own, or one of the customer's; and how to come by one.
import { useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { Refusal, kms, useCalls } from "./calls.js";
import { AsCli } from "./cli.js";
import { Decide, Dialog, SelectField, TextField, submits } from "./form.js";
import { customerKeys, kDefaultKey, regionOf } from "./world.js";

const kManaged = kDefaultKey.replace("alias/", "");

// `value` is "" for the default key, else what a call names the key by.
export function KeyField({ ctx, region, value, onPick, label = "Encryption key", hint, withNew }) {
  const [making, setMaking] = useState(false);
  const keys = customerKeys(regionOf(ctx.world, region));
  // A key that was made a moment ago, or that the secret has from elsewhere.
  const missing = value && !keys.some((key) => key.value === value);
  return html`<div class="key-field">
    <${SelectField}
      label=${label}
      hint=${hint}
      value=${value}
      onPick=${onPick}
      options=${[
        ["", `${kManaged} (default)`],
        ...keys.map((key) => [key.value, key.label]),
        ...(missing ? [[value, value.replace(/^alias\//, "")]] : []),
      ]}
    />
    ${
      withNew &&
      html`<button
        type="button"
        class="as-link"
        disabled=${!region}
        onClick=${() => setMaking(true)}
      >
        Create a key…
      </button>`
    }
    ${
      making &&
      html`<${CreateKey}
        ctx=${ctx}
        region=${region}
        onClose=${() => setMaking(false)}
        onMade=${(alias) => {
          onPick(alias);
          setMaking(false);
        }}
      />`
    }
  </div>`;
}

function checkAlias(name) {
  if (!/^[a-zA-Z0-9/_-]+$/.test(name)) return "Letters, digits and / _ - only.";
  return /^aws\//.test(name) ? "Aliases that begin with aws/ are AWS's own." : "";
}

function CreateKey({ ctx, region, onClose, onMade }) {
  const [alias, setAlias] = useState("");
  const [description, setDescription] = useState("");
  const [made, setMade] = useState("");
  const { busy, refused, send } = useCalls(ctx.api);
  const wrong = alias && checkAlias(alias);
  const create = kms(region, "CreateKey", description ? { Description: description } : {});
  const name = (keyId) =>
    kms(region, "CreateAlias", { AliasName: `alias/${alias || "NAME"}`, TargetKeyId: keyId });
  const act = async () => {
    let keyId = made;
    if (!keyId) {
      keyId = (await send(create))?.KeyMetadata?.KeyId ?? "";
      setMade(keyId);
    }
    if (keyId && (await send(name(keyId)))) onMade(`alias/${alias}`);
  };
  return html`<${Dialog} title=${`Create a key in ${region}`} onClose=${onClose}>
    <form onSubmit=${submits(act)}>
      <p>
        A symmetric encryption key of this Region’s KMS. Who may use it is for its key policy to
        say; KMS gives it the default one.
      </p>
      <${TextField}
        label="Alias"
        hint="What you will choose it by"
        value=${alias}
        onText=${setAlias}
        error=${wrong}
        mono
      />
      <${TextField}
        label="Description"
        optional
        value=${description}
        onText=${setDescription}
      />
      ${made && html`<p class="hint">The key ${made} is there; it still needs its alias.</p>`}
      <${Refusal} refused=${refused} />
      <${AsCli} calls=${[create, name(made || "KEY-ID")]} />
      <${Decide}
        word="Create key"
        busy=${busy}
        disabled=${!alias || Boolean(wrong)}
        onClose=${onClose}
      />
    </form>
  </${Dialog}>`;
}
