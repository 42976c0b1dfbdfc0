// `faultline serve --console` for one test: started, asked behind the page's back, and ended.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";

const kPrinted = /http:\/\/\S+\/_faultline\/console\/#token=\S+/;
const kStartMost = 30_000;

// Resolves when the server has printed where its console is. Port 0: any that is free.
export async function serveConsole(faultline, more = [], port = 0) {
  const child = spawn(faultline, ["serve", "--console", "--port", String(port), ...more]);
  let said = "";
  const url = await new Promise((found, failed) => {
    const late = setTimeout(() => failed(new Error(`no address yet: ${said}`)), kStartMost);
    const hear = (bytes) => {
      said += bytes;
      const match = kPrinted.exec(said);
      if (!match) return;
      clearTimeout(late);
      found(match[0]);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("exit", (code) => failed(new Error(`serve ended with ${code}: ${said}`)));
  });
  const [base, token] = url.split("#token=");

  const post = async (path, body, headers = {}) => {
    const answer = await fetch(base + path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers },
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, `${path}: ${text}`);
    const value = JSON.parse(text || "{}");
    assert.ok(!value.error, `${path}: ${value.error}`);
    return value;
  };
  return {
    url,
    control: (request) => post("control", request),
    fault: (...words) => post("fault", { words }),
    // An AWS call that nobody clicked.
    aws: (region, operation, body) =>
      post("aws", body, {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": `secretsmanager.${operation}`,
        "X-Faultline-Region": region,
      }),
    async advance(ns) {
      await post("control", { set_clock: { text: "manual" } });
      await post("control", { advance_clock: { by_ns: String(ns) } });
    },
    stop: () =>
      new Promise((ended) => {
        child.removeAllListeners("exit");
        child.on("exit", ended);
        child.kill("SIGTERM");
      }),
  };
}
