// Choosing Regions: one to look at, and those that get replicas.
import { html } from "../../report/dom.js";
import { Refusal, account, useCalls } from "./calls.js";
import { SelectField, useRows } from "./form.js";
import { KeyField } from "./keys.js";
import { regionGroups, regionOf, regionsText } from "./world.js";

function RegionOptions({ world, without = [], none }) {
  return html`${none && html`<option value="">${none}</option>`}
  ${regionGroups(world).map(
    (group) =>
      html`<optgroup key=${group.title} label=${group.title}>
        ${group.regions.map(
          (region) =>
            html`<option
              key=${region.name}
              value=${region.name}
              disabled=${!region.enabled || without.includes(region.name)}
            >
              ${`${region.name}  ${region.long_name}`}
            </option>`,
        )}
      </optgroup>`,
  )}`;
}

export function RegionPicker({ world, value, onPick }) {
  return html`<label class="region-picker"
    >Region${" "}
    <select value=${value} onChange=${(event) => onPick(event.target.value)}>
      <${RegionOptions} world=${world} /></select
  ></label>`;
}

const kOptWords = {
  DISABLED: "not enabled",
  ENABLING: "being enabled…",
  DISABLING: "being disabled…",
};

// Regions that cannot be chosen yet, each with the button that changes that.
export function NotEnabled({ ctx, open }) {
  const { busy, refused, send } = useCalls(ctx.api);
  const regions = ctx.world.regions.filter((region) => !region.enabled);
  if (regions.length === 0) return null;
  return html`<details class="not-enabled" open=${open}>
    <summary>${`A Region is missing? ${regionsText(regions.length)} not enabled`}</summary>
    <p class="hint">
      A Region that the account has not enabled cannot hold a replica. Enabling takes minutes to
      hours of the world’s time.
    </p>
    <ul>
      ${regions.map(
        (region) =>
          html`<li key=${region.name}>
            <span><b>${region.name}</b>${` ${region.long_name}`}</span>
            <span class="soft">${kOptWords[region.status] ?? region.status}</span>
            <button
              type="button"
              class="small"
              disabled=${Boolean(busy) || region.status !== "DISABLED"}
              aria-label=${`Enable ${region.name}`}
              onClick=${() => send(account("EnableRegion", region.name))}
            >
              Enable
            </button>
          </li>`,
      )}
    </ul>
    <${Refusal} refused=${refused} />
  </details>`;
}

export const emptyRow = () => ({ region: "", key: "" });

// A row for each replica: its Region and its key. `taken` are Regions that have one already.
export function ReplicaRows({ ctx, home, taken = [], rows, onRows, wrong, least = 0 }) {
  const box = useRows(rows.length, ".replica-row > .field select");
  const change = (k, row) => onRows(rows.map((old, j) => (j === k ? { ...old, ...row } : old)));
  return html`<div class="replica-rows" ref=${box}>
    ${rows.map((row, k) => {
      const others = rows.filter((_, j) => j !== k).map((other) => other.region);
      const where = row.region || `Region ${k + 1}`;
      return html`<div class="replica-row" key=${k} role="group" aria-label=${`Replica ${k + 1}`}>
        <${SelectField}
          label="AWS Region"
          value=${row.region}
          onPick=${(region) => change(k, { region, key: "" })}
          error=${wrong && !row.region ? "Choose a Region." : ""}
        >
          <${RegionOptions}
            world=${ctx.world}
            without=${[home, ...taken, ...others.filter(Boolean)]}
            none="Choose a Region"
          />
        </${SelectField}>
        <${KeyField}
          ctx=${ctx}
          region=${row.region}
          value=${row.key}
          onPick=${(key) => change(k, { key })}
          withNew
        />
        ${
          rows.length > least &&
          html`<button
            type="button"
            class="remove"
            aria-label=${`Remove ${where}`}
            onClick=${() => onRows(rows.filter((_, j) => j !== k))}
          >
            Remove
          </button>`
        }
        ${
          row.region &&
          !regionOf(ctx.world, row.region)?.up &&
          html`<p class="hint doubt">${`${row.region} is down at the moment.`}</p>`
        }
      </div>`;
    })}
    <button type="button" onClick=${() => onRows([...rows, emptyRow()])}>
      ${rows.length === 0 ? "Add Region" : "Add more Regions"}
    </button>
    <${NotEnabled} ctx=${ctx} />
  </div>`;
}
