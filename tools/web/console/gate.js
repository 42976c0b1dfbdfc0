// Without its key the page can do nothing, and says where the key is.
import { useState } from "preact/hooks";
import { html } from "../report/dom.js";

// A whole address is as good as the key in it.
function tokenIn(text) {
  const found = /#token=([^&\s]+)/.exec(text);
  return found ? decodeURIComponent(found[1]) : text.trim();
}

export function Gate({ why, onToken }) {
  const [text, setText] = useState("");
  const submit = (event) => {
    event.preventDefault();
    if (tokenIn(text)) onToken(tokenIn(text));
  };
  return html`<main class="gate">
    <h1>Secrets replication emulator – not AWS</h1>
    ${
      why &&
      html`<p class="notice" role="alert">
        <b>This key does not open the server.</b> ${why} If the server has been started again, it
        has printed a new address.
      </p>`
    }
    <p>
      Open the address that <code>faultline serve</code> has printed; it holds the key to this page.
    </p>
    <form onSubmit=${submit}>
      <label for="gate-token">Or paste the address, or the key, here</label>
      <div class="gate-row">
        <input
          id="gate-token"
          type="text"
          autocomplete="off"
          spellcheck="false"
          value=${text}
          onInput=${(event) => setText(event.target.value)}
        />
        <button type="submit" class="primary" disabled=${!tokenIn(text)}>Open</button>
      </div>
    </form>
  </main>`;
}
