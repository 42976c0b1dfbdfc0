// Everything the console asks of the server that has served it. One way for all requests, and one
// kind of error: ApiError, whose message a person can read.

const kTokenPlace = "faultline-token";

// The token comes in the address (#token=…), and does not stay there: addresses are copied and
// shown.
export function takeToken() {
  const found = /^#token=([^&]*)/.exec(location.hash);
  if (found) {
    sessionStorage.setItem(kTokenPlace, decodeURIComponent(found[1]));
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(kTokenPlace) ?? "";
}

export const keepToken = (token) => sessionStorage.setItem(kTokenPlace, token);
export const forgetToken = () => sessionStorage.removeItem(kTokenPlace);

export class ApiError extends Error {
  // type    AWS's name of the error, or "Unreachable", "Refused", "Failed"
  // status  of HTTP; 0: there was no answer
  constructor(type, message, status = 0) {
    super(message);
    this.name = "ApiError";
    this.type = type;
    this.status = status;
  }
}

// "com.amazonaws.…#ResourceNotFoundException:http://…" → "ResourceNotFoundException".
const shortType = (text) => String(text).split("#").pop().split(":")[0];

export class Api {
  constructor(token, base = "./") {
    this.token = token;
    this.base = base;
  }

  async fetch(path, init = {}) {
    const headers = { Authorization: `Bearer ${this.token}`, ...init.headers };
    try {
      return await fetch(this.base + path, { ...init, headers, cache: "no-store" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError("Unreachable", "The server does not answer. Is faultline serve running?");
    }
  }

  // JSON, or an ApiError.
  async json(path, body, headers = {}) {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const type = { "Content-Type": "application/json", ...headers };
    const answer = await this.fetch(path, { ...init, headers: body === undefined ? {} : type });
    const text = await answer.text();
    let value = {};
    try {
      value = text ? JSON.parse(text) : {};
    } catch {
      // Refusals are plain text.
      if (answer.ok) throw new ApiError("Failed", `The server answered what is not JSON: ${text}`);
      throw new ApiError("Refused", text.trim() || answer.statusText, answer.status);
    }
    if (value.__type || !answer.ok) {
      const kind = value.__type ? shortType(value.__type) : "Refused";
      const said = value.Message ?? value.message ?? value.error ?? answer.statusText;
      throw new ApiError(kind, said, answer.status);
    }
    if (value.error) throw new ApiError("Refused", value.error, answer.status);
    return value;
  }

  // An AWS call as the administrator. Every one is a step of the session.
  // target  "secretsmanager.CreateSecret", "TrentService.ListAliases"
  aws(region, target, body = {}) {
    return this.json("aws", body, {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": target,
      "X-Faultline-Region": region,
    });
  }

  // operation  EnableRegion or DisableRegion
  account(operation, region) {
    return this.json("account", { operation, region });
  }

  // v1::ControlRequest in protobuf's JSON.
  control(request) {
    return this.json("control", request);
  }

  // The words of `faultline fault add`.
  fault(words) {
    return this.json("fault", { words });
  }

  palette() {
    return this.json("palette");
  }

  // {"url"}: where the full report of the session is, once.
  report() {
    return this.json("report", {});
  }
}
