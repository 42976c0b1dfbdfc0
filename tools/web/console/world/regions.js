// What each Region is like: process, disk, clock, keys, and how to change it with one click.
import { html } from "../../report/dom.js";
import { countText, groups, kToneGlyph, tone } from "../../report/words.js";
import { Press } from "./actions.js";

export const keyName = (key) => key.aliases[0] ?? key.id;
// As faults name it: an alias may be one that only AWS makes.
const faultName = (verb, region, key) =>
  `${verb}-${region}-${keyName(key)}`.replace(/[^A-Za-z0-9-]+/g, "-");

const bytes = (n) => (n >= 10_000 ? `${groups(Math.round(n / 1000))} kB` : `${groups(n)} B`);

function clockWords(ns) {
  const seconds = ns / 1e9;
  const size = Math.abs(seconds);
  const text = size >= 3600 ? `${+(size / 3600).toFixed(2)} h` : `${+size.toFixed(3)} s`;
  return `clock ${seconds < 0 ? "−" : "+"}${text}`;
}

function Chip({ value, feel = tone(value), title }) {
  return html`<span class=${`w-chip ${feel}`} title=${title}
    >${kToneGlyph[feel] ? `${kToneGlyph[feel]} ` : ""}${value}</span
  >`;
}

function Key({ region, item, api, actions, faults }) {
  const name = keyName(item);
  const bad = Boolean(item.trouble) || item.state !== "Enabled";
  const own = ["deny", "disable"].map((verb) => faultName(verb, region.name, item));
  const mine = faults.filter(
    (fault) =>
      own.includes(fault.name) ||
      (fault.regions.includes(region.name) && [name, item.id].some((n) => fault.text.includes(n))),
  );
  const hurt = (verb, kind) =>
    actions.act(`${verb} ${region.name} ${name}`, () =>
      api.fault([
        kind,
        "--region",
        region.name,
        "--key",
        name,
        "--name",
        faultName(verb, region.name, item),
      ]),
    );
  const allow = () =>
    actions.act(`allow ${region.name} ${name}`, async () => {
      for (const fault of mine) await api.control({ clear_faults: { id: String(fault.id) } });
      if (mine.length === 0 && item.state === "Disabled") {
        await api.aws(region.name, "TrentService.EnableKey", { KeyId: item.id });
      }
    });
  const press = (verb, title, onPress) =>
    html`<${Press}
      name=${`${verb} ${region.name} ${name}`}
      actions=${actions}
      class="w-small"
      title=${title}
      aria-label=${`${verb} ${name} in ${region.name}`}
      onPress=${onPress}
      >${verb}<//
    >`;
  return html`<li>
    <code class="w-key" title=${item.arn}>${name.replace(/^alias\//, "")}</code>
    <${Chip}
      value=${item.trouble || item.state}
      feel=${bad ? "bad" : "good"}
      title=${item.trouble ? `${item.state}; ${item.trouble}` : ""}
    />
    <span class="w-key-acts">
      ${
        bad
          ? press("allow", "Mend what keeps this key from working", allow)
          : html`${press("deny", "Nobody may use this key", () => hurt("deny", "key-denied"))}
            ${press("disable", "The key is disabled", () => hurt("disable", "key-disabled"))}`
      }
    </span>
  </li>`;
}

function secretsWords(region) {
  const counts = new Map();
  for (const secret of region.secrets) {
    counts.set(secret.role, (counts.get(secret.role) ?? 0) + 1);
  }
  const words = { primary: "primary", replica: "replica", standalone: "secret without replicas" };
  const many = {
    primary: "primaries",
    replica: "replicas",
    standalone: "secrets without replicas",
  };
  return [...counts].map(([role, n]) => countText(n, words[role] ?? role, many[role])).join(", ");
}

function Card({ region, api, actions, faults }) {
  const { disk } = region;
  const unsynced = disk.unsynced_bytes;
  const up = region.up ? (region.paused ? "hangs" : "up") : "down";
  return html`<li class=${`w-card${region.up ? "" : " down"}`}>
    <div class="w-row">
      <h3>${region.name}</h3>
      <span class="soft w-long">${region.long_name}</span>
      <span class="w-gap"></span>
      ${
        region.up
          ? html`<${Press}
              name=${`crash ${region.name}`}
              actions=${actions}
              class="w-small"
              title="Its process dies; what the disk has not synced is lost"
              aria-label=${`Crash ${region.name}`}
              onPress=${() =>
                actions.act(`crash ${region.name}`, () =>
                  api.control({ crash_region: { region: region.name } }),
                )}
              >crash<//
            >`
          : html`<${Press}
              name=${`restart ${region.name}`}
              actions=${actions}
              class="w-small primary"
              aria-label=${`Restart ${region.name}`}
              onPress=${() =>
                actions.act(`restart ${region.name}`, () =>
                  api.control({ restart_region: { region: region.name } }),
                )}
              >restart<//
            >`
      }
    </div>
    <p class="w-chips">
      <${Chip} value=${up} feel=${up === "up" ? "good" : up === "down" ? "bad" : "doubt"} />
      ${
        !/^ENABLED/.test(region.status) &&
        html`<${Chip} value=${region.status.toLowerCase().replaceAll("_", " ")} feel="bad" />`
      }
      ${
        disk.trouble
          ? html`<${Chip} value=${`disk: ${disk.trouble}`} feel="bad" />`
          : html`<${Chip}
              value=${unsynced ? `${bytes(unsynced)} unsynced` : "disk synced"}
              feel=${unsynced ? "doubt" : "plain"}
              title=${`${bytes(disk.bytes)} on disk`}
            />`
      }
      ${
        region.clock_offset_ns !== 0 &&
        html`<${Chip} value=${clockWords(region.clock_offset_ns)} feel="bad" />`
      }
      ${region.secrets.length > 0 && html`<span class="soft">${secretsWords(region)}</span>`}
    </p>
    ${
      region.keys.length > 0 &&
      html`<ul class="w-keys">
        ${region.keys.map(
          (item) =>
            html`<${Key}
              key=${item.id}
              region=${region}
              item=${item}
              api=${api}
              actions=${actions}
              faults=${faults}
            />`,
        )}
      </ul>`
    }
  </li>`;
}

export function Regions({ world, api, actions }) {
  const involved = world.regions.filter((region) => region.involved || !region.up);
  const others = world.regions.filter((region) => !involved.includes(region));
  return html`${involved.length === 0 && html`<p class="empty">No Region has anything yet.</p>`}
    <ul class="w-cards">
      ${involved.map(
        (region) =>
          html`<${Card}
            key=${region.name}
            region=${region}
            api=${api}
            actions=${actions}
            faults=${world.faults}
          />`,
      )}
    </ul>
    ${
      others.length > 0 &&
      html`<details class="w-others">
        <summary>${countText(others.length, "Region")} without part in it</summary>
        <ul>
          ${others.map(
            (region) =>
              html`<li key=${region.name}>
                <b>${region.name}</b>
                <span class="soft">${region.long_name}</span>
                ${!region.enabled && html`<span class="soft">· not enabled</span>`}
              </li>`,
          )}
        </ul>
      </details>`
    }`;
}
