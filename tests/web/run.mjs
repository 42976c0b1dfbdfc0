// Runs one file of tests as CTest wants it: node run.mjs --faultline BIN --scratch DIR report_test
//
// Brings the packages of package.json into DIR, once. Exits with 77, skipped, and says why on a
// machine without Chromium, or where npm cannot bring them.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { kBrowsers } from "./browser.mjs";

const kSkipped = 77;
// `faultline report` of a build without Node.js.
const kNoPages = 64;
const { values, positionals } = parseArgs({
  options: { faultline: { type: "string" }, scratch: { type: "string" } },
  allowPositionals: true,
});
if (!values.faultline || !values.scratch || positionals.length !== 1) {
  console.error("usage: node run.mjs --faultline BIN --scratch DIR TEST");
  process.exit(64);
}

function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(kSkipped);
}

const chromium = process.env.FAULTLINE_CHROMIUM ?? kBrowsers.find((path) => existsSync(path));
if (!chromium) skip("there is no Chromium; Debian's package is chromium");
mkdirSync(values.scratch, { recursive: true });
const lesson = join(import.meta.dirname, "../../scenarios/01_hello_replica.textproto");
const tried = spawnSync(
  values.faultline,
  ["report", lesson, "-o", join(values.scratch, "tried.html")],
  {
    encoding: "utf8",
  },
);
if (tried.status === kNoPages) skip(tried.stderr.trim());

const packages = values.scratch;
const lock = readFileSync(join(import.meta.dirname, "package-lock.json"), "utf8");
const stamp = join(packages, "packages.lock");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  for (const file of ["package.json", "package-lock.json"]) {
    copyFileSync(join(import.meta.dirname, file), join(packages, file));
  }
  const args = ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = spawnSync("npm", args, { cwd: packages, encoding: "utf8" });
  if (npm.error || npm.status !== 0) skip(`npm ci has failed: ${npm.error ?? npm.stderr}`);
  writeFileSync(stamp, lock);
}

const test = join(import.meta.dirname, `${positionals[0]}.mjs`);
const result = spawnSync(process.execPath, ["--test", test], {
  stdio: "inherit",
  env: {
    ...process.env,
    FAULTLINE: values.faultline,
    FAULTLINE_WEB_PACKAGES: packages,
    FAULTLINE_CHROMIUM: chromium,
  },
});
process.exit(result.status ?? 70);
