// A call as a line of the AWS CLI, with no secret value in it.
import { html } from "../../report/dom.js";
import { useState } from "preact/hooks";

const kHidden = new Set(["SecretString", "SecretBinary"]);
const kServices = {
  secretsmanager: "secretsmanager",
  TrentService: "kms",
  account: "account",
};

const kebab = (name) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();

// As a POSIX shell reads it back.
const quoted = (text) =>
  /^[A-Za-z0-9_/.:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

// The CLI's shorthand has characters of its own: a text that has any of them goes as JSON.
const isPlain = (value) => typeof value !== "object" && /^[\w/.:@ -]*$/.test(String(value));

function structures(list) {
  if (list.some((one) => !Object.values(one).every(isPlain))) return [quoted(JSON.stringify(list))];
  return list.map((one) =>
    quoted(
      Object.entries(one)
        .map(([name, value]) => `${name}=${value}`)
        .join(","),
    ),
  );
}

function option(name, value) {
  const flag = `--${kebab(name)}`;
  if (kHidden.has(name)) return `${flag} 'THE-SECRET-VALUE'`;
  if (value === true) return flag;
  if (value === false) return `--no-${kebab(name)}`;
  if (Array.isArray(value)) {
    const words =
      typeof value[0] === "object" ? structures(value) : value.map((one) => quoted(String(one)));
    return [flag, ...words].join(" ");
  }
  if (typeof value === "object") {
    const plain = Object.values(value).every(isPlain);
    return `${flag} ${plain ? structures([value])[0] : quoted(JSON.stringify(value))}`;
  }
  return `${flag} ${quoted(String(value))}`;
}

// `call` is {region, target, body}. The CLI makes the ClientRequestToken itself.
export function cliText({ region, target, body }) {
  const [service, operation] = target.split(".");
  const words = Object.entries(body ?? {})
    .filter(([name, value]) => name !== "ClientRequestToken" && value !== undefined)
    .map(([name, value]) => option(name, value));
  if (region) words.push(`--region ${region}`);
  const head = `aws ${kServices[service] ?? service} ${kebab(operation)}`;
  const line = [head, ...words].join(" ");
  return line.length <= 64 ? line : [head, ...words].join(" \\\n    ");
}

// Folded out on demand: what the buttons of this place would be on a command line.
export function AsCli({ calls, title = "As the AWS CLI" }) {
  const [said, setSaid] = useState("");
  const text = calls.map(cliText).join("\n\n");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("copied");
    } catch {
      setSaid("select it and copy");
    }
    setTimeout(() => setSaid(""), 2500);
  };
  return html`<details class="as-cli">
    <summary>${title}</summary>
    <pre tabindex="0" role="group" aria-label="The same as a command">${text}</pre>
    <p class="row soft">
      <button type="button" class="small" onClick=${copy}>Copy</button>
      <span>${said || html`with <code>AWS_ENDPOINT_URL=${location.origin}</code>`}</span>
    </p>
  </details>`;
}
