// A question before something is lost.
import { useEffect, useRef } from "preact/hooks";
import { html } from "../../report/dom.js";

export function Ask({ title, text, yes, onYes, onNo }) {
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  return html`<dialog
    ref=${dialog}
    class="w-ask"
    aria-labelledby="ask-title"
    onClose=${onNo}
    onCancel=${onNo}
  >
    <h2 id="ask-title">${title}</h2>
    <p>${text}</p>
    <div class="w-row w-end">
      <button type="button" onClick=${onNo}>Keep everything</button>
      <button type="button" class="primary" onClick=${onYes}>${yes}</button>
    </div>
  </dialog>`;
}
