// The report of a run: opens what lies in the page, and draws it.
import { render } from "preact";
import { App } from "./app.js";
import { html } from "./dom.js";
import { readPayload } from "./payload.js";
import { Run } from "./run.js";

async function open() {
  const root = document.getElementById("app");
  try {
    const payload = await readPayload(document.getElementById("run"));
    const run = new Run(payload);
    const twin = payload.twin ? new Run(payload.twin) : null;
    // A message type looks the same in both.
    if (twin) {
      const more = twin.messageTypes.filter((type) => !run.messageTypes.includes(type));
      run.messageTypes = twin.messageTypes = [...run.messageTypes, ...more];
    }
    root.textContent = "";
    render(html`<${App} run=${run} twin=${twin} />`, root);
    document.getElementById("run").remove();
  } catch (error) {
    root.textContent = "";
    const sorry = html`<main class="loading">
      <h1>This report cannot be shown</h1>
      <p role="alert">${error.message}</p>
    </main>`;
    render(sorry, root);
    console.error(error);
  }
  document.documentElement.dataset.ready = "yes";
}

open();
