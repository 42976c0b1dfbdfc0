// Where the reader is, in the page's address: report.html#e=41&l=eu-west-1&a=causal&t=state

export function readAddress() {
  const values = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(values);
}

let waiting = 0;

// Not at once: browsers refuse a page that changes its address all the time.
export function writeAddress(values) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const kept = Object.entries(values).filter(([, value]) => value !== "" && value !== null);
    const hash = `#${new URLSearchParams(kept)}`;
    if (hash !== location.hash) history.replaceState(null, "", hash);
  }, 150);
}
