// "Store a new secret": four steps. What was typed stays, whichever way one goes, until it is
// stored or started anew.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { Refusal, secretsManager, sendAlone, useCalls } from "./calls.js";
import {
  checkDescription,
  checkName,
  checkPolicy,
  checkReplicas,
  checkRotation,
  checkTags,
} from "./check.js";
import { AsCli } from "./cli.js";
import { submits } from "./form.js";
import { kSecrets } from "./paths.js";
import { emptyRotation, rotationMembers } from "./rotation.js";
import { tagMembers } from "./tags.js";
import { checkValue, emptyValue, secretString } from "./value.js";
import { keyMember } from "./world.js";
import { ChooseType, Configure, Review, Rotation } from "./wizard_steps.js";

const kSteps = ["Choose secret type", "Configure secret", "Configure rotation", "Review"];

export const emptyDraft = () => ({
  step: 0,
  value: emptyValue(),
  key: "",
  name: "",
  description: "",
  tags: [],
  policy: "",
  replicas: [],
  overwrite: false,
  rotation: emptyRotation(),
});

const isTouched = (draft) => JSON.stringify({ ...draft, step: 0 }) !== JSON.stringify(emptyDraft());

// What is wrong with a step, by field; empty: go on.
function wrongIn(step, draft) {
  const found = [
    () => ({ value: checkValue(draft.value) }),
    () => ({
      name: checkName(draft.name),
      description: checkDescription(draft.description),
      tags: checkTags(draft.tags),
      policy: checkPolicy(draft.policy),
      replicas: checkReplicas(draft.replicas),
    }),
    () => checkRotation(draft.rotation),
    () => ({}),
  ][step]();
  return Object.fromEntries(Object.entries(found).filter(([, text]) => text));
}

// The calls that storing is made of. CreateSecret takes neither policy nor rotation.
export function storeCalls(draft, region, account, arn) {
  const create = secretsManager(region, "CreateSecret", {
    Name: draft.name || "NAME",
    ...(draft.description ? { Description: draft.description } : {}),
    ...keyMember(draft.key),
    SecretString: secretString(draft.value),
    ...(draft.tags.length ? { Tags: tagMembers(draft.tags) } : {}),
    ...(draft.replicas.length
      ? {
          AddReplicaRegions: draft.replicas.map((row) => ({
            Region: row.region || "REGION",
            ...keyMember(row.key),
          })),
        }
      : {}),
    ...(draft.replicas.length && draft.overwrite ? { ForceOverwriteReplicaSecret: true } : {}),
  });
  const SecretId = arn ?? create.body.Name;
  const rest = [];
  if (draft.policy.trim()) {
    rest.push(
      secretsManager(region, "PutResourcePolicy", { SecretId, ResourcePolicy: draft.policy }),
    );
  }
  if (draft.rotation.on) {
    rest.push(
      secretsManager(region, "RotateSecret", {
        SecretId,
        ...rotationMembers(draft.rotation, region, account),
      }),
    );
  }
  return [create, ...rest];
}

export function Wizard({ ctx, region, draft, onDraft }) {
  const form = useRef(null);
  const heading = useRef(null);
  const [tried, setTried] = useState(0);
  const [resumed, setResumed] = useState(() => isTouched(draft));
  const { busy, refused, send, forget } = useCalls(ctx.api);
  const { step } = draft;
  const last = step === kSteps.length - 1;
  const wrong = wrongIn(step, draft);
  const set = (part) => onDraft({ ...draft, ...part });

  // Whoever cannot go on is led to the first thing that is wrong. The focus moves as the page is
  // drawn: moved later, it would be taken from who has begun to type.
  useLayoutEffect(() => {
    if (tried) form.current?.querySelector(".wrong input, [aria-invalid], .error")?.focus();
  }, [tried]);
  const shown = useRef(step);
  useLayoutEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    heading.current?.focus();
    heading.current?.scrollIntoView({ block: "nearest" });
  }, [step]);

  const move = (to) => {
    setTried(0);
    forget();
    set({ step: to });
  };
  const store = async () => {
    const made = await send(storeCalls(draft, region, ctx.account)[0]);
    if (!made) return;
    ctx.watch(region, draft.name, "Stored");
    const account = made.ARN.split(":")[4];
    for (const call of storeCalls(draft, region, account, made.ARN).slice(1)) {
      const answer = await sendAlone(ctx.api, call);
      if (answer.refused) ctx.tell(answer.refused);
    }
    onDraft(emptyDraft());
    ctx.go(kSecrets);
  };
  const next = () => {
    if (Object.keys(wrong).length) setTried(tried + 1);
    else if (last) store();
    else move(step + 1);
  };
  const show = tried ? wrong : {};
  return html`<div class="wizard">
    <h2>Store a new secret <span class="soft">in ${region}</span></h2>
    <ol class="stepper" aria-label="Steps">
      ${kSteps.map(
        (title, k) =>
          html`<li key=${title} class=${k < step ? "done" : ""}>
            ${
              k < step
                ? html`<button type="button" class="as-link" onClick=${() => move(k)}>
                    <span class="number">${k + 1}</span>${title}
                  </button>`
                : html`<span aria-current=${k === step ? "step" : undefined}
                    ><span class="number">${k + 1}</span>${title}</span
                  >`
            }
          </li>`,
      )}
    </ol>
    ${
      resumed &&
      html`<p class="hint row">
        What you typed before is still here.
        <button
          type="button"
          class="as-link"
          onClick=${() => {
            onDraft(emptyDraft());
            setResumed(false);
          }}
        >
          Start anew
        </button>
      </p>`
    }
    <form ref=${form} onSubmit=${submits(next)} novalidate>
      <h3 tabindex="-1" ref=${heading}>${`Step ${step + 1}: ${kSteps[step]}`}</h3>
      ${step === 0 && html`<${ChooseType} ...${{ ctx, region, draft, set, wrong: show }} />`}
      ${step === 1 && html`<${Configure} ...${{ ctx, region, draft, set, wrong: show }} />`}
      ${step === 2 && html`<${Rotation} ...${{ draft, set, wrong: show }} />`}
      ${last && html`<${Review} ...${{ ctx, region, draft, onStep: move }} />`}
      <${Refusal} refused=${refused} />
      <${AsCli} calls=${storeCalls(draft, region, ctx.account || "ACCOUNT")} />
      <div class="decide wide">
        <button type="button" onClick=${() => ctx.go(kSecrets)}>Cancel</button>
        ${step > 0 && html`<button type="button" onClick=${() => move(step - 1)}>Back</button>`}
        <button type="submit" class="primary" disabled=${Boolean(busy)}>
          ${last ? (busy ? "Storing…" : "Store") : "Next"}
        </button>
      </div>
    </form>
  </div>`;
}
