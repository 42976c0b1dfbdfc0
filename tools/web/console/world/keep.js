// What stays of a session: a scenario file, a report.
import { html } from "../../report/dom.js";

export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// Opens the tab while the click still counts, and sends it to the report when that is made.
export async function openReport(api, actions) {
  const tab = window.open("", "_blank");
  const answer = await actions.act(
    "report",
    () => api.report(),
    () =>
      tab ? "The report is open in a new tab." : "The browser has kept the new tab from opening.",
  );
  if (!answer) tab?.close();
  else if (tab) tab.location = answer.url;
}

export function SavedNote({ saved, onClose }) {
  return html`<aside class="w-saved" role="status">
    <div class="w-row">
      <b>✓ Saved as ${saved.file}</b>
      <span class="w-gap"></span>
      <button type="button" class="w-plain" aria-label="Dismiss" onClick=${onClose}>✕</button>
    </div>
    <p>
      Repeat it: <code>faultline run ${saved.file}</code>. Its trace hash must come out as${" "}
      <code>${saved.trace_hash}</code>.
    </p>
    <p><b>The file holds the secret values</b> that were sent in this session.</p>
  </aside>`;
}
