// What has become of the things that were asked for: replication is told of as it goes on.
import { html } from "../../report/dom.js";
import { shortReason } from "./failure.js";
import { failurePath, secretPath } from "./paths.js";
import { isReplica, listed, primaries, regionsText, replicasOf, secretOf } from "./world.js";

const kMostLines = 5;

export const failureKey = (region, secret, entry) =>
  [region.name, secret.ARN, entry.Region, entry.StatusMessage].join(" ");

// Every replica of the world that has failed.
export function failuresOf(world) {
  return primaries(world).flatMap(([region, secret]) =>
    replicasOf(secret)
      .filter((entry) => entry.Status === "Failed")
      .map((entry) => ({ key: failureKey(region, secret, entry), region, secret, entry })),
  );
}

// What to say of a secret that something was done to; null: nothing (more) to say.
function progress(world, { region, name, verb, since }) {
  const secret = secretOf(world, region, name);
  const done = verb && `${verb} ${name}. `;
  // The world as it was before the call.
  if (world.events <= since) return { feel: "doubt", text: done || `Asked for ${name}.` };
  if (!secret) return null;
  if (isReplica(secret)) return { feel: "good", text: done };
  const entries = replicasOf(secret);
  const having = (status) => entries.filter((entry) => entry.Status === status);
  const waiting = having("InProgress");
  if (waiting.length > 0) {
    const what = verb ? "Replicating" : `Replicating ${name}`;
    return { feel: "doubt", text: `${done}${what} to ${regionsText(waiting.length)}…` };
  }
  if (having("Failed").length > 0) return null;
  if (entries.length === 0) return done ? { feel: "good", text: done } : null;
  const names = listed(having("InSync").map((entry) => entry.Region));
  return {
    feel: "good",
    text: verb ? `${done}Replicated to ${names}.` : `${name} is replicated to ${names}.`,
  };
}

const kSigns = { good: "✓", doubt: "…", bad: "✗" };

function FailureLine({ failure, onRetry }) {
  const { region, secret, entry } = failure;
  return html`<li>
    <span
      ><a href=${`#${secretPath(region.name, secret.Name)}`}>${secret.Name}</a
      >${": replication failed in "}<b>${entry.Region}</b>${`: ${shortReason(entry)}. `}</span
    >
    <span class="links"
      ><a href=${`#${failurePath(region.name, secret.Name, entry.Region)}`}
        >View details<span class="unseen">${` of ${entry.Region}`}</span></a
      ><span aria-hidden="true">·</span
      ><button type="button" class="as-link" onClick=${() => onRetry(region.name, secret, entry)}>
        Retry replication<span class="unseen">${` to ${entry.Region}`}</span>
      </button></span
    >
  </li>`;
}

function Failures({ failures, onRetry, onClose }) {
  const [first, rest] = [failures.slice(0, kMostLines), failures.slice(kMostLines)];
  const line = (failure) =>
    html`<${FailureLine} key=${failure.key} failure=${failure} onRetry=${onRetry} />`;
  return html`<div class="notice bad banner">
    <b><span aria-hidden="true">✗ </span>Replication failed</b>
    <ul>
      ${first.map(line)}
    </ul>
    ${
      rest.length > 0 &&
      html`<details>
        <summary>${`and ${rest.length} more`}</summary>
        <ul>
          ${rest.map(line)}
        </ul>
      </details>`
    }
    <button type="button" class="close" aria-label="Dismiss the failures" onClick=${onClose}>
      ×
    </button>
  </div>`;
}

export function Banners({ world, watched, closed, onUnwatch, onClose, onRetry }) {
  const failures = failuresOf(world).filter((failure) => !closed.includes(failure.key));
  const news = watched
    .map((one) => ({ ...one, ...progress(world, one) }))
    .filter((one) => one.text);
  return html`<div class="banners">
    <div role="status">
      ${news.map(
        ({ id, feel, text }) =>
          html`<div key=${id} class=${`notice banner ${feel}`}>
            <p><span aria-hidden="true">${`${kSigns[feel]} `}</span>${text}</p>
            <button
              type="button"
              class="close"
              aria-label=${`Dismiss: ${text}`}
              onClick=${() => onUnwatch(id)}
            >
              ×
            </button>
          </div>`,
      )}
    </div>
    <div role="alert">
      ${
        failures.length > 0 &&
        html`<${Failures}
          failures=${failures}
          onRetry=${onRetry}
          onClose=${() => onClose(failures.map((failure) => failure.key))}
        />`
      }
    </div>
  </div>`;
}
