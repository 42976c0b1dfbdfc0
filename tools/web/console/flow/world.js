// Questions to the live `world` message: Regions, secrets, keys, replicas.

export const kDefaultKey = "alias/aws/secretsmanager";

export const regionOf = (world, name) => world.regions.find((region) => region.name === name);

export const secretOf = (world, region, name) =>
  regionOf(world, region)?.secrets.find((secret) => secret.Name === name);

export const isReplica = (secret) => secret.role === "replica";

export const replicasOf = (secret) => secret.ReplicationStatus ?? [];

// Secrets with replicas, as [region, secret].
export const primaries = (world) =>
  world.regions.flatMap((region) =>
    region.secrets
      .filter((secret) => !isReplica(secret) && replicasOf(secret).length > 0)
      .map((secret) => [region, secret]),
  );

// The Region that is looked at first: where something is.
export function firstRegion(world) {
  const enabled = world.regions.filter((region) => region.enabled);
  const best =
    enabled.find((region) => region.secrets.some((secret) => !isReplica(secret))) ??
    enabled.find((region) => region.name === "us-east-1") ??
    enabled[0];
  return best?.name ?? "";
}

// Region names for a select: those in use, the other enabled ones, those that are not enabled.
export function regionGroups(world) {
  const named = (title, regions) => ({ title, regions });
  const enabled = world.regions.filter((region) => region.enabled);
  return [
    named(
      "In use",
      enabled.filter((region) => region.involved),
    ),
    named(
      "Enabled",
      enabled.filter((region) => !region.involved),
    ),
    named(
      "Not enabled for this account",
      world.regions.filter((region) => !region.enabled),
    ),
  ].filter((group) => group.regions.length > 0);
}

// Customer managed keys of a Region: what a call names them by, and how a person does.
export function customerKeys(region) {
  return (region?.keys ?? [])
    .filter((key) => !key.managed)
    .map((key) => {
      const alias = key.aliases?.[0];
      const trouble = key.state === "Enabled" ? key.trouble && "in trouble" : key.state;
      return {
        value: alias ?? key.arn ?? key.id,
        label: `${alias ? alias.replace(/^alias\//, "") : key.id}${trouble ? ` (${trouble})` : ""}`,
      };
    });
}

// The key that an id, ARN or alias names.
export function keyOf(region, id) {
  const wanted = id || kDefaultKey;
  return (region?.keys ?? []).find(
    (key) =>
      key.id === wanted ||
      key.arn === wanted ||
      (key.aliases ?? []).some((alias) => alias === wanted || wanted.endsWith(`:${alias}`)),
  );
}

// "aws/secretsmanager", "replica", or the id, shortened.
export function keyText(region, id) {
  if (!id || id.endsWith(kDefaultKey)) return "aws/secretsmanager";
  const alias = keyOf(region, id)?.aliases?.[0] ?? (id.startsWith("alias/") ? id : "");
  if (alias) return alias.replace(/^alias\//, "");
  return id.replace(/^arn:.*:key\//, "").replace(/^([0-9a-f]{8})-[0-9a-f-]{20,}$/, "$1…");
}

// For a call: the default key is said by saying nothing.
export const keyMember = (id) => (!id || id.endsWith(kDefaultKey) ? {} : { KmsKeyId: id });

export function accountOf(world, hello) {
  if (hello?.account) return hello.account;
  for (const region of world.regions) {
    const arn = region.secrets[0]?.ARN ?? region.keys?.[0]?.arn;
    if (arn) return arn.split(":")[4];
  }
  return "";
}

// How a replica is.
export const kStatus = {
  InSync: { feel: "good", sign: "✓", word: "In sync" },
  InProgress: { feel: "doubt", sign: "…", word: "In progress" },
  Failed: { feel: "bad", sign: "✗", word: "Failed" },
};

export const statusOf = (entry) =>
  kStatus[entry.Status] ?? { feel: "plain", sign: "?", word: entry.Status ?? "Unknown" };

const two = (number) => String(number).padStart(2, "0");

// AWS's timestamps are seconds since 1970; the world's clock is UTC.
export function instant(seconds) {
  if (seconds === undefined || seconds === null) return "";
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return String(seconds);
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(":");
  return `${day(seconds)} ${time} UTC`;
}

export function day(seconds) {
  if (seconds === undefined || seconds === null) return "";
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return String(seconds);
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

// "a", "a and b", "a, b and c"
export function listed(names) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

export const regionsText = (count) => `${count} ${count === 1 ? "Region" : "Regions"}`;
