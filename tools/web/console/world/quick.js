// The usual faults, one click each, between two Regions of the reader's choice.
import { useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { Press } from "./actions.js";
import { keyName } from "./regions.js";

// Every Region has it as soon as it is needed.
const kManaged = "alias/aws/secretsmanager";
const kLasts = [
  ["", "until cleared"],
  ["10s", "10 s"],
  ["1m", "1 min"],
  ["10m", "10 min"],
  ["1h", "1 h"],
];

// Those that take part come first.
export function regionsInOrder(world) {
  const involved = world.regions.filter((region) => region.involved);
  return [...involved, ...world.regions.filter((region) => !region.involved)];
}

// A primary with its first replica, as long as the reader has chosen nothing.
export function usualPair(world) {
  for (const region of world.regions) {
    const secret = region.secrets.find((s) => s.role === "primary" && s.ReplicationStatus?.length);
    if (secret) return [region.name, secret.ReplicationStatus[0].Region];
  }
  const [one, two] = regionsInOrder(world).filter((region) => region.enabled);
  return [one?.name ?? "", two?.name ?? one?.name ?? ""];
}

export function RegionOptions({ world, not }) {
  return regionsInOrder(world)
    .filter((region) => region.name !== not)
    .map((region) => html`<option key=${region.name} value=${region.name}>${region.name}</option>`);
}

export function KeyOptions({ world, region }) {
  const keys = world.regions.find((one) => one.name === region)?.keys ?? [];
  const names = keys.length ? keys.map(keyName) : [kManaged];
  return names.map((name) => html`<option key=${name} value=${name}>${name}</option>`);
}

// The key that a replica there is encrypted with, or the first.
export function usualKey(world, name) {
  const region = world.regions.find((one) => one.name === name);
  const used = region?.secrets.map((secret) => secret.KmsKeyId).find(Boolean);
  const key = region?.keys.find((one) => [one.id, one.arn, ...one.aliases].includes(used));
  const first = key ?? region?.keys[0];
  return first ? keyName(first) : kManaged;
}

export function Quick({ world, api, actions }) {
  const [usualFrom, usualTo] = usualPair(world);
  const [chosen, setChosen] = useState({});
  const [lasts, setLasts] = useState("");
  const from = chosen.from ?? usualFrom;
  const to = chosen.to ?? (usualTo === from ? usualFrom : usualTo);
  const key = usualKey(world, to);
  const links = [
    ["Cut the link", ["cut", "--from", from, "--to", to], true],
    ["Drop the next", ["drop-next", "--from", from, "--to", to]],
    ["Delay the next 30 s", ["delay-next", "--from", from, "--to", to, "--delay", "30s"]],
    ["Duplicate the next", ["duplicate-next", "--from", from, "--to", to]],
  ];
  const places = [
    ["Disable the Region", ["region-disabled", "--region", to], true],
    ["Disable the key", ["key-disabled", "--region", to, "--key", key], true],
    ["Deny the key", ["key-denied", "--region", to, "--key", key], true],
    ["Crash, lose unsynced", ["crash", "--region", to], true],
    ["Disk full", ["disk", "--region", to, "--full"], true],
    ["Clock 1 h ahead", ["clock", "--region", to, "--offset", "1h"], true],
  ];
  const button = ([text, words, takesFor]) => {
    const all = takesFor && lasts ? [...words, "--for", lasts] : words;
    return html`<${Press}
      key=${text}
      name=${`quick ${text}`}
      actions=${actions}
      title=${`faultline fault add ${all.join(" ")}`}
      onPress=${() => actions.act(`quick ${text}`, () => api.fault(all))}
      >${text}<//
    >`;
  };
  return html`<div class="w-quick">
    <div class="w-row">
      <label class="w-label"
        ><span class="soft">From</span>
        <select
          value=${from}
          onChange=${(event) => setChosen({ ...chosen, from: event.target.value })}
        >
          <${RegionOptions} world=${world} not=${to} /></select
      ></label>
      <label class="w-label"
        ><span class="soft">to</span>
        <select value=${to} onChange=${(event) => setChosen({ ...chosen, to: event.target.value })}>
          <${RegionOptions} world=${world} not=${from} /></select
      ></label>
      <label class="w-label"
        ><span class="soft">for</span>
        <select value=${lasts} onChange=${(event) => setLasts(event.target.value)}>
          ${kLasts.map(([value, text]) => html`<option value=${value}>${text}</option>`)}
        </select></label
      >
    </div>
    <div class="w-row" role="group" aria-label=${`Messages from ${from} to ${to}`}>
      <span class="w-lead soft">Messages ${from} → ${to}</span>${links.map(button)}
    </div>
    <div class="w-row" role="group" aria-label=${`In ${to}`}>
      <span class="w-lead soft">In ${to}</span>${places.map(button)}
    </div>
  </div>`;
}
