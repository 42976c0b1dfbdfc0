// The four steps of "Store a new secret".
import { html } from "../../report/dom.js";
import { checkName, kDescriptionMost, kNameMost, nameAdvice } from "./check.js";
import { AreaField, Check, TextField } from "./form.js";
import { KeyField } from "./keys.js";
import { ReplicaRows } from "./regions.js";
import { RotationForm, rotationMembers, rotationText } from "./rotation.js";
import { TagRows } from "./tags.js";
import { ValueEditor, secretString } from "./value.js";
import { keyText, listed, regionOf } from "./world.js";

export function ChooseType({ ctx, region, draft, set, wrong }) {
  return html`<div class="cards">
    <section class="card">
      <h4>Secret value</h4>
      <${ValueEditor}
        value=${draft.value}
        onValue=${(value) => set({ value })}
        wrong=${wrong.value}
      />
    </section>
    <section class="card">
      <h4>Encryption</h4>
      <${KeyField}
        ctx=${ctx}
        region=${region}
        value=${draft.key}
        onPick=${(key) => set({ key })}
        hint="The KMS key that the value is encrypted with, in this Region"
        withNew
      />
    </section>
  </div>`;
}

export function Configure({ ctx, region, draft, set, wrong }) {
  // A character that no name may have is said at once; that a name is missing, only when asked.
  const nameWrong = draft.name ? checkName(draft.name) : wrong.name;
  return html`<div class="cards">
    <section class="card">
      <h4>Secret name and description</h4>
      <${TextField}
        label="Secret name"
        hint="Letters, digits and /_+=.@- , for example production/DBWest"
        mono
        value=${draft.name}
        onText=${(name) => set({ name })}
        error=${nameWrong}
        count=${draft.name.length}
        most=${kNameMost}
      />
      ${nameAdvice(draft.name) && html`<p class="hint doubt">${nameAdvice(draft.name)}</p>`}
      <${TextField}
        label="Description"
        optional
        value=${draft.description}
        onText=${(description) => set({ description })}
        error=${wrong.description}
        count=${draft.description.length}
        most=${kDescriptionMost}
      />
    </section>
    <section class="card">
      <h4>
        Tags <span class="soft">– <i>optional</i></span>
      </h4>
      <${TagRows} tags=${draft.tags} onTags=${(tags) => set({ tags })} wrong=${wrong.tags} />
    </section>
    <section class="card">
      <h4>
        Resource permissions <span class="soft">– <i>optional</i></span>
      </h4>
      <${AreaField}
        label="Resource policy (JSON)"
        hint="Who may do what with it; attached right after the secret is stored."
        rows=${draft.policy ? 8 : 2}
        mono
        value=${draft.policy}
        onText=${(policy) => set({ policy })}
        error=${wrong.policy}
      />
    </section>
    <section class="card">
      <h4>
        Replicate secret <span class="soft">– <i>optional</i></span>
      </h4>
      <p class="hint">
        A read-only copy in other Regions, encrypted with a key of theirs, that follows this one.
      </p>
      <${ReplicaRows}
        ctx=${ctx}
        home=${region}
        rows=${draft.replicas}
        onRows=${(replicas) => set({ replicas })}
        wrong=${Boolean(wrong.replicas)}
      />
      ${
        draft.replicas.length > 0 &&
        html`<${Check}
          checked=${draft.overwrite}
          onCheck=${(overwrite) => set({ overwrite })}
          hint="Without it, replication to a Region that has one fails."
          >Overwrite a secret with the same name in the destination Region</${Check}
        >`
      }
    </section>
  </div>`;
}

export function Rotation({ draft, set, wrong }) {
  const { rotation } = draft;
  return html`<div class="cards">
    <section class="card">
      <h4>Configure automatic rotation <span class="soft">– <i>optional</i></span></h4>
      <${Check}
        checked=${rotation.on}
        onCheck=${(on) => set({ rotation: { ...rotation, on } })}
        hint="The primary alone is rotated; its replicas get the new value by replication."
        >Automatic rotation</${Check}
      >
      ${
        rotation.on &&
        html`<${RotationForm}
          form=${rotation}
          onForm=${(form) => set({ rotation: form })}
          wrong=${wrong}
          onStore
        />`
      }
    </section>
  </div>`;
}

function Part({ title, step, onStep, rows }) {
  return html`<section class="card">
    <div class="card-head">
      <h4>${title}</h4>
      <button
        type="button"
        class="small"
        aria-label=${`Edit ${title}`}
        onClick=${() => onStep(step)}
      >
        Edit
      </button>
    </div>
    <dl class="facts">
      ${rows.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
  </section>`;
}

const none = html`<span class="soft">none</span>`;

export function Review({ ctx, region, draft, onStep }) {
  const { rotation } = draft;
  const size = new TextEncoder().encode(secretString(draft.value)).length;
  const key = (where, id) => keyText(regionOf(ctx.world, where), id);
  return html`<div class="cards">
    <${Part}
      title="Secret type"
      step=${0}
      onStep=${onStep}
      rows=${[
        [
          "Secret value",
          `${draft.value.form === "pairs" ? "key/value pairs" : "plaintext"}, ${size} bytes, hidden`,
        ],
        ["Encryption key", key(region, draft.key)],
      ]}
    />
    <${Part}
      title="Secret configuration"
      step=${1}
      onStep=${onStep}
      rows=${[
        ["Secret name", html`<code>${draft.name}</code>`],
        ["Description", draft.description || none],
        [
          "Tags",
          draft.tags.length
            ? listed(draft.tags.map(([name, value]) => (value ? `${name} = ${value}` : name)))
            : none,
        ],
        ["Resource policy", draft.policy.trim() ? `${draft.policy.length} characters` : none],
        ["Primary Region", region],
        [
          "Replicas",
          draft.replicas.length
            ? html`<ul class="plain">
                ${draft.replicas.map(
                  (row) =>
                    html`<li key=${row.region}>
                      ${`${row.region}, with ${key(row.region, row.key)}`}
                    </li>`,
                )}
              </ul>`
            : none,
        ],
        ...(draft.replicas.length
          ? [["Secrets of that name there", draft.overwrite ? "are overwritten" : "are kept"]]
          : []),
      ]}
    />
    <${Part}
      title="Rotation"
      step=${2}
      onStep=${onStep}
      rows=${
        rotation.on
          ? [
              ["Automatic rotation", "on"],
              ["Schedule", rotationText(rotationMembers(rotation, region, "").RotationRules)],
              ["Function", rotation.lambda],
              ["First rotation", rotation.now ? "as soon as it is stored" : "when it is due"],
            ]
          : [["Automatic rotation", "off"]]
      }
    />
  </div>`;
}
