// Where the reader is in the console: `#/secret/us-east-1/production%2FDBWest` and its like.

export const kSecrets = "/secrets";
export const kStore = "/store";

export const secretPath = (region, name) => `/secret/${region}/${encodeURIComponent(name)}`;

export const failurePath = (region, name, replica) =>
  `${secretPath(region, name)}/failure/${replica}`;

// What an address of ours means; anything else is the list.
export function parsePath(text) {
  const parts = String(text ?? "")
    .replace(/^#/, "")
    .split("/")
    .filter(Boolean);
  const [page, region, name, failure, replica] = parts;
  if (page === "store") return { page: "store" };
  if (page === "secret" && region && name) {
    return {
      page: "secret",
      region: decoded(region),
      name: decoded(name),
      replica: failure === "failure" && replica ? decoded(replica) : "",
    };
  }
  return { page: "secrets" };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
