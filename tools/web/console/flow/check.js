// What the service would refuse, said before it is asked. Each answers "" or what is wrong, in the
// service's words where it has any.

export const kNameMost = 512;
export const kDescriptionMost = 250;
export const kValueMost = 65536;
export const kPolicyMost = 20480;
export const kTagsMost = 50;

export function checkName(name) {
  if (!name) return "A secret needs a name.";
  if (name.length > kNameMost) return `A name has at most ${kNameMost} characters.`;
  if (!/^[A-Za-z0-9/_+=.@-]+$/.test(name)) {
    return (
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the " +
      "following: -/_+=.@!"
    );
  }
  return "";
}

// Not refused, but regretted later.
export const nameAdvice = (name) =>
  /-[A-Za-z0-9]{6}$/.test(name)
    ? "Better not: a name that ends in a hyphen and six characters looks like an ARN's end, and " +
      "is not found by a partial ARN."
    : "";

export const checkDescription = (text) =>
  text.length > kDescriptionMost
    ? `A description has at most ${kDescriptionMost} characters here (2048 by the API).`
    : "";

export function checkTags(tags) {
  const keys = tags.map(([key]) => key);
  if (tags.length > kTagsMost) return `A secret has at most ${kTagsMost} tags.`;
  if (keys.includes("")) return "A tag needs a key.";
  if (keys.some((key) => key.length > 128)) return "A tag's key has at most 128 characters.";
  if (tags.some(([, value]) => value.length > 256)) {
    return "A tag's value has at most 256 characters.";
  }
  if (keys.some((key) => /^aws:/i.test(key))) {
    return "Tag keys that start with aws: are reserved for use by AWS.";
  }
  const twice = keys.find((key, k) => keys.indexOf(key) !== k);
  return twice === undefined ? "" : `The tag ${twice} is there twice.`;
}

export function checkPolicy(text) {
  if (!text.trim()) return "";
  if (text.length > kPolicyMost) return `A resource policy has at most ${kPolicyMost} characters.`;
  try {
    const policy = JSON.parse(text);
    if (policy === null || typeof policy !== "object" || Array.isArray(policy)) {
      return "This resource policy contains a syntax error: it must be a JSON object.";
    }
  } catch (error) {
    return `This resource policy contains a syntax error: ${error.message}`;
  }
  return "";
}

const isWhole = (text, least, most) =>
  /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;

export function checkWindow(days) {
  return isWhole(days, 7, 30)
    ? ""
    : "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).";
}

export function checkRotation({ on, kind, days, hours, expression, duration }) {
  if (!on) return {};
  const wrong = {};
  if (kind === "days" && !isWhole(days, 1, 999)) wrong.days = "A number of days from 1 to 999.";
  if (kind === "hours" && !isWhole(hours, 4, 999)) {
    wrong.hours = "Rotation happens at most once every 4 hours.";
  }
  if (kind === "expression" && !/^(rate|cron)\([0-9A-Za-z#?*/, -]+\)$/.test(expression)) {
    wrong.expression = "rate(10 days), or cron(0 8 1 * ? *): hours and days in UTC.";
  }
  if (duration && !/^\d{1,2}$/.test(duration)) wrong.duration = "A number of hours.";
  return wrong;
}

export const checkReplicas = (rows) =>
  rows.some((row) => !row.region) ? "Choose a Region in every row, or remove the row." : "";

export const bytesOf = (text) => new TextEncoder().encode(text).length;
