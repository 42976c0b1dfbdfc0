// The same events as a table: for screen readers, for print, and to search in.
import { useEffect, useMemo, useState } from "preact/hooks";
import { html } from "./dom.js";
import { Jump, Toned } from "./panels.js";
import { groups, kindText, sentence, timeText } from "./words.js";

const kPage = 100;

export function EventTable({ run, current, details, onPick }) {
  const [words, setWords] = useState("");
  const [page, setPage] = useState(null);
  const rows = useMemo(() => {
    const wanted = words.trim().toLowerCase();
    const found = [];
    for (let i = 0; i < run.n; i += 1) {
      if (!details && run.minor[i]) continue;
      if (wanted) {
        const region = run.regionName(run.lane[i]);
        const kind = kindText(run.text("kind", i));
        const text = `#${run.ids[i]} ${region} ${kind} ${sentence(run, i)}`;
        if (!text.toLowerCase().includes(wanted)) continue;
      }
      found.push(i);
    }
    return found;
  }, [run, details, words]);
  useEffect(() => setPage(null), [current, rows]);
  const pages = Math.max(1, Math.ceil(rows.length / kPage));
  let at = rows.findIndex((i) => i >= current);
  if (at < 0) at = Math.max(0, rows.length - 1);
  const shown = page ?? Math.floor(at / kPage);
  const some = rows.slice(shown * kPage, (shown + 1) * kPage);
  return html`<div class="events">
    <div class="tools">
      <label
        >Find${" "}
        <input
          type="search"
          value=${words}
          onInput=${(e) => setWords(e.target.value)}
          placeholder="region, kind, words"
      /></label>
      <span role="status">${groups(rows.length)} of ${groups(run.n)} events</span>
      ${
        pages > 1 &&
        html`<span class="pages">
          <button type="button" disabled=${shown === 0} onClick=${() => setPage(shown - 1)}>
            Earlier
          </button>
          <span>page ${shown + 1} of ${pages}</span>
          <button type="button" disabled=${shown >= pages - 1} onClick=${() => setPage(shown + 1)}>
            Later
          </button>
        </span>`
      }
    </div>
    <div class="scroll" tabindex="0" role="region" aria-label="Events, scrollable">
      <table class="list">
        <caption class="unseen">
          Events of the run in their order
        </caption>
        <thead>
          <tr>
            <th scope="col">Event</th>
            <th scope="col">Time</th>
            <th scope="col">Region</th>
            <th scope="col">Kind</th>
            <th scope="col">What happens</th>
            <th scope="col">Outcome</th>
            <th scope="col">Because of</th>
          </tr>
        </thead>
        <tbody>
          ${some.map(
            (i) =>
              html`<tr
                key=${i}
                class=${`${i === current ? "here" : ""}${run.violated.has(i) ? " violation" : ""}`}
              >
                <td><${Jump} run=${run} i=${i} onPick=${onPick} /></td>
                <td class="number">${timeText(run.at[i])}</td>
                <td class="whole">${run.regionName(run.lane[i]) || "–"}</td>
                <td class="whole">${kindText(run.text("kind", i))}</td>
                <td class="break">${sentence(run, i)}</td>
                <td class="break">
                  ${run.text("outcome", i) && html`<${Toned} value=${run.text("outcome", i)} />`}
                </td>
                <td>
                  <${Jump} run=${run} i=${run.cause[i]} onPick=${onPick} />
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </div>`;
}
