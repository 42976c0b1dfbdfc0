// The console: takes the key of the page, listens to the server, and draws the two halves.
import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { html } from "../report/dom.js";
import { Api, forgetToken, keepToken, takeToken } from "./api.js";
import { Frame } from "./frame.js";
import { Gate } from "./gate.js";
import { Store } from "./store.js";

const kPath = /^#\//;
const routeNow = () => (kPath.test(location.hash) ? location.hash.slice(1) : "/");

// Where the left half is, as the part of the address after #.
function useRoute() {
  const [route, setRoute] = useState(routeNow);
  useEffect(() => {
    const change = () => setRoute(routeNow());
    addEventListener("hashchange", change);
    return () => removeEventListener("hashchange", change);
  }, []);
  const go = (path) => {
    location.hash = path;
    setRoute(routeNow());
  };
  return [route, go];
}

function Console({ token, onRefused }) {
  const api = useMemo(() => new Api(token), [token]);
  const store = useMemo(() => new Store(api), [api]);
  const [state, setState] = useState(store.state);
  const [route, go] = useRoute();
  useEffect(() => {
    const quiet = store.subscribe(setState);
    store.start();
    return () => {
      quiet();
      store.stop();
    };
  }, [store]);
  useEffect(() => {
    if (state.link === "refused") onRefused(state.why);
  }, [state.link]);
  return html`<${Frame} api=${api} store=${store} state=${state} route=${route} go=${go} />`;
}

function Page() {
  const [token, setToken] = useState(takeToken);
  const [why, setWhy] = useState("");
  // The address that the server prints may be opened in a tab that is already here.
  useEffect(() => {
    const change = () => {
      if (!location.hash.startsWith("#token=")) return;
      setToken(takeToken());
      setWhy("");
    };
    addEventListener("hashchange", change);
    return () => removeEventListener("hashchange", change);
  }, []);
  const enter = (text) => {
    keepToken(text);
    setToken(text);
    setWhy("");
  };
  const refused = (said) => {
    forgetToken();
    setToken("");
    setWhy(said || "The server does not know this key.");
  };
  if (!token) return html`<${Gate} why=${why} onToken=${enter} />`;
  return html`<${Console} key=${token} token=${token} onRefused=${refused} />`;
}

const root = document.getElementById("app");
root.textContent = "";
render(html`<${Page} />`, root);
document.documentElement.dataset.ready = "yes";
