// Rotation as a form: when, and by which of the functions that every Region of this world has.
import { html } from "../../report/dom.js";
import { Check, Choice, NumberField, SelectField, TextField } from "./form.js";

// regions/rotation/functions.h tells what they do.
const kFunctions = [
  ["faultline-succeeds", "faultline-succeeds – a new password each time"],
  ["faultline-alternating-users", "faultline-alternating-users – two users in turn"],
  ["faultline-slow", "faultline-slow – every step takes long"],
  ["faultline-fails-create", "faultline-fails-create – fails in createSecret"],
  ["faultline-fails-set", "faultline-fails-set – fails in setSecret"],
  ["faultline-fails-test", "faultline-fails-test – fails in testSecret"],
  ["faultline-fails-finish", "faultline-fails-finish – fails in finishSecret"],
];

export const emptyRotation = () => ({
  on: false,
  kind: "days",
  days: "30",
  hours: "8",
  expression: "rate(10 days)",
  duration: "",
  now: true,
  lambda: kFunctions[0][0],
});

// Of a secret, as DescribeSecret tells it.
export function rotationOf(secret) {
  const rules = secret.RotationRules ?? {};
  const form = { ...emptyRotation(), on: true, duration: (rules.Duration ?? "").replace("h", "") };
  const rate = /^rate\((\d+) (day|hour)s?\)$/.exec(rules.ScheduleExpression ?? "");
  if (rules.AutomaticallyAfterDays) form.days = String(rules.AutomaticallyAfterDays);
  else if (rate) Object.assign(form, { kind: `${rate[2]}s`, [`${rate[2]}s`]: rate[1] });
  else if (rules.ScheduleExpression) {
    Object.assign(form, { kind: "expression", expression: rules.ScheduleExpression });
  }
  if (secret.RotationLambdaARN) form.lambda = secret.RotationLambdaARN.split(":").pop();
  return form;
}

function scheduleOf({ kind, days, hours, expression }) {
  if (kind === "expression") return expression;
  const [count, unit] = kind === "days" ? [days, "day"] : [hours, "hour"];
  return `rate(${count} ${unit}${Number(count) === 1 ? "" : "s"})`;
}

// Members of a RotateSecret.
export function rotationMembers(form, region, account) {
  return {
    RotationLambdaARN: `arn:aws:lambda:${region}:${account}:function:${form.lambda}`,
    RotationRules: {
      ScheduleExpression: scheduleOf(form),
      ...(form.duration ? { Duration: `${form.duration}h` } : {}),
    },
    RotateImmediately: form.now,
  };
}

export const rotationText = (rules) =>
  rules?.ScheduleExpression ??
  (rules?.AutomaticallyAfterDays ? `every ${rules.AutomaticallyAfterDays} days` : "");

export function RotationForm({ form, onForm, wrong, onStore }) {
  const set = (part) => onForm({ ...form, ...part });
  return html`<div class="rotation-form">
    <${Choice}
      legend="Schedule"
      value=${form.kind}
      onPick=${(kind) => set({ kind })}
      options=${[
        ["days", "Days"],
        ["hours", "Hours"],
        ["expression", "Schedule expression"],
      ]}
    />
    ${
      form.kind === "days" &&
      html`<${NumberField}
        label="Rotate every"
        unit="days"
        min="1"
        max="999"
        value=${form.days}
        onText=${(days) => set({ days })}
        error=${wrong.days}
      />`
    }
    ${
      form.kind === "hours" &&
      html`<${NumberField}
        label="Rotate every"
        unit="hours"
        min="4"
        max="999"
        value=${form.hours}
        onText=${(hours) => set({ hours })}
        error=${wrong.hours}
      />`
    }
    ${
      form.kind === "expression" &&
      html`<${TextField}
        label="Schedule expression"
        hint="rate(…) or cron(…), in UTC"
        mono
        value=${form.expression}
        onText=${(expression) => set({ expression })}
        error=${wrong.expression}
      />`
    }
    <${NumberField}
      label="Window duration"
      optional
      unit="hours"
      min="1"
      max="24"
      value=${form.duration}
      onText=${(duration) => set({ duration })}
      error=${wrong.duration}
    />
    <${Check} checked=${form.now} onCheck=${(now) => set({ now })}
      >Rotate immediately${onStore && " when the secret is stored"}</${Check}
    >
    <${SelectField}
      label="Lambda rotation function"
      hint="Simulated functions that every Region of this world has"
      value=${form.lambda}
      onPick=${(lambda) => set({ lambda })}
      options=${
        kFunctions.some(([name]) => name === form.lambda)
          ? kFunctions
          : [...kFunctions, [form.lambda, form.lambda]]
      }
    />
  </div>`;
}
