// Calls to the service, and what it says when it refuses one.
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { AsCli } from "./cli.js";

const kNeedToken = new Set(["CreateSecret", "PutSecretValue", "UpdateSecret", "RotateSecret"]);

// A call of Secrets Manager or KMS, as it will be sent.
export function secretsManager(region, operation, body) {
  return { region, target: `secretsmanager.${operation}`, body };
}

export const kms = (region, operation, body) => ({
  region,
  target: `TrentService.${operation}`,
  body,
});

export const account = (operation, region) => ({
  region: "",
  target: `account.${operation}`,
  body: { RegionName: region },
});

// crypto.randomUUID is not there when the page comes from another machine over plain HTTP.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// What SDKs and the CLI do by themselves: the token becomes the id of the version.
function withToken(target, body) {
  const operation = target.split(".")[1];
  return kNeedToken.has(operation) && !body.ClientRequestToken
    ? { ...body, ClientRequestToken: uuid() }
    : body;
}

// What api.js throws is an ApiError: the service's type and message, or our own where there is no
// answer at all.
async function sendOne(api, call) {
  const [service, operation] = call.target.split(".");
  try {
    const body =
      service === "account"
        ? await api.account(operation, call.body.RegionName)
        : await api.aws(call.region, call.target, withToken(call.target, call.body));
    return { body: body ?? {} };
  } catch (error) {
    const { type = "No answer", status = 0, message } = error;
    return { refused: { call, type, status, message } };
  }
}

// {busy, refused, send, forget}: `send(call)` resolves to the answer's body, or to null when the
// call was refused; `refused` says why until the next one is sent.
export function useCalls(api) {
  const [busy, setBusy] = useState("");
  const [refused, setRefused] = useState(null);
  const alive = useRef(true);
  const running = useRef(false);
  useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  const send = async (call) => {
    if (running.current) return null;
    running.current = true;
    setBusy(call.target.split(".")[1]);
    setRefused(null);
    const answer = await sendOne(api, call);
    running.current = false;
    if (alive.current) {
      setBusy("");
      if (answer.refused) setRefused(answer.refused);
    }
    return answer.refused ? null : answer.body;
  };
  return { busy, refused, send, forget: () => setRefused(null) };
}

// Without a component: for calls whose form is gone when the answer comes.
export const sendAlone = sendOne;

// AWS's own words, and the call that they answer.
export function Refusal({ refused, onClose }) {
  const box = useRef(null);
  useEffect(() => {
    if (refused) box.current?.scrollIntoView({ block: "nearest" });
  }, [refused]);
  if (!refused) return null;
  const operation = refused.call.target.split(".")[1];
  const where = refused.call.region && ` in ${refused.call.region}`;
  const status = refused.status ? ` (HTTP ${refused.status})` : "";
  return html`<div class="notice bad refusal" role="alert" ref=${box}>
    <p>
      <b><span aria-hidden="true">✗ </span>${refused.type}</b
      >${`${status} from ${operation}${where}`}
    </p>
    <p class="said">${refused.message || "The service gave no message."}</p>
    <${AsCli} calls=${[refused.call]} title="The call that was made" />
    ${
      onClose &&
      html`<button type="button" class="close" aria-label="Dismiss" onClick=${onClose}>×</button>`
    }
  </div>`;
}
