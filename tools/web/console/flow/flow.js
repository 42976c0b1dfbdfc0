// The left half of the console: secrets, as the user guide of AWS Secrets Manager has one do it.
//
// `world` is the live state, and all that is shown comes from it; `api` sends what the user asks
// for. What was typed into the wizard lives here, so that it outlasts the page it was typed on.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { html } from "../../report/dom.js";
import { Banners, failuresOf } from "./banner.js";
import { Refusal } from "./calls.js";
import { Details } from "./details.js";
import { SecretsList } from "./list.js";
import { kSecrets, parsePath, secretPath } from "./paths.js";
import { RegionPicker } from "./regions.js";
import { RetryReplication } from "./replica_dialogs.js";
import { Wizard, emptyDraft } from "./wizard.js";
import { accountOf, firstRegion, regionOf, replicasOf, secretOf } from "./world.js";

const kMostWatched = 4;

export function Flow(props) {
  if (!props.world) {
    return html`<section class="flow" aria-label="Secrets">
      <p class="soft">Waiting for the world…</p>
    </section>`;
  }
  return html`<${Console} ...${props} />`;
}

// The secrets that something was done to lately, and the banners that were closed.
function useNews(world, api) {
  const [watched, setWatched] = useState([]);
  const [closed, setClosed] = useState([]);
  const events = useRef(0);
  events.current = world.events;
  // What the world says after the call that is under way counts: it may say so before the answer.
  const called = useRef(0);
  const noting = useMemo(() => {
    const note = (ask) => {
      called.current = events.current;
      return ask;
    };
    return {
      aws: (...call) => note(api.aws(...call)),
      account: (...call) => note(api.account(...call)),
    };
  }, [api]);
  const watch = useCallback((region, name, verb) => {
    const one = { id: `${region} ${name}`, region, name, verb, since: called.current };
    setWatched((all) => [...all.filter(({ id }) => id !== one.id), one].slice(-kMostWatched));
  }, []);
  // A failure that comes again is told again.
  useEffect(() => {
    const failing = failuresOf(world).map((failure) => failure.key);
    if (closed.some((key) => !failing.includes(key))) {
      setClosed(closed.filter((key) => failing.includes(key)));
    }
  }, [world, closed]);
  // Gone back to before it: it has not happened.
  useEffect(() => {
    setWatched((all) =>
      all.some((one) => one.since > world.events)
        ? all.filter((one) => one.since <= world.events)
        : all,
    );
  }, [world.events]);
  return {
    api: noting,
    watched,
    closed,
    watch,
    unwatch: (id) => setWatched((all) => all.filter((one) => one.id !== id)),
    close: (keys) => setClosed((all) => [...all, ...keys]),
  };
}

function Console({ world, api, route, go, hello }) {
  const where = useMemo(() => parsePath(route), [route]);
  const [picked, setPicked] = useState("");
  const [draft, setDraft] = useState(emptyDraft);
  const [search, setSearch] = useState("");
  const [retrying, setRetrying] = useState(null);
  const [told, setTold] = useState([]);
  const news = useNews(world, api);
  const section = useRef(null);

  const known = (name) => Boolean(regionOf(world, name)?.enabled);
  const region = where.region ?? (known(picked) ? picked : firstRegion(world));
  useEffect(() => {
    if (where.region) setPicked(where.region);
  }, [where.region]);

  const pickRegion = (name) => {
    setPicked(name);
    setDraft((old) => ({
      ...old,
      key: "",
      replicas: old.replicas.filter((row) => row.region !== name),
    }));
    if (where.page !== "secret") return;
    go(secretOf(world, name, where.name) ? secretPath(name, where.name) : kSecrets);
  };

  // A new page begins at its heading, for those who do not see it, too.
  const place = `${where.page} ${where.region ?? ""} ${where.name ?? ""}`;
  const last = useRef(place);
  useLayoutEffect(() => {
    if (last.current === place) return;
    last.current = place;
    if (where.replica) return;
    const heading = section.current?.querySelector("h2");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
    section.current?.scrollIntoView({ block: "nearest" });
  }, [place]);

  const ctx = {
    world,
    api: news.api,
    go,
    account: accountOf(world, hello),
    watch: news.watch,
    tell: (refused) => setTold((all) => [...all, refused]),
  };
  const retry = (home, secret, entry) =>
    setRetrying({ region: home, name: secret.Name, replica: entry.Region });
  const wanted = retrying && secretOf(world, retrying.region, retrying.name);
  const entry = wanted && replicasOf(wanted).find((one) => one.Region === retrying.replica);

  return html`<section class="flow" aria-label="Secrets" ref=${section}>
    <div class="flow-bar">
      <a href=${`#${kSecrets}`} aria-current=${where.page === "secrets" ? "page" : undefined}
        >Secrets</a
      >
      <${RegionPicker} world=${world} value=${region} onPick=${pickRegion} />
    </div>
    <${Banners}
      world=${world}
      watched=${news.watched}
      closed=${news.closed}
      onUnwatch=${news.unwatch}
      onClose=${news.close}
      onRetry=${retry}
    />
    ${told.map(
      (refused, k) =>
        html`<${Refusal}
          key=${k}
          refused=${refused}
          onClose=${() => setTold(told.filter((one) => one !== refused))}
        />`,
    )}
    ${
      where.page === "secrets" &&
      html`<${SecretsList} ctx=${ctx} region=${region} search=${search} onSearch=${setSearch} />`
    }
    ${
      where.page === "store" &&
      html`<${Wizard} ctx=${ctx} region=${region} draft=${draft} onDraft=${setDraft} />`
    }
    ${
      where.page === "secret" &&
      html`<${Details}
        key=${place}
        ctx=${ctx}
        region=${where.region}
        name=${where.name}
        replica=${where.replica}
        onRetry=${retry}
      />`
    }
    ${
      entry &&
      html`<${RetryReplication}
        ctx=${ctx}
        region=${retrying.region}
        secret=${wanted}
        entry=${entry}
        onClose=${() => setRetrying(null)}
      />`
    }
  </section>`;
}
