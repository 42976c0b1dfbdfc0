// Pages in a real browser, as a reader has them, and what a test wants to know of them.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// Where the packages of package.json are: run.mjs brings them into the build tree.
const packages = process.env.FAULTLINE_WEB_PACKAGES ?? import.meta.dirname;
const require = createRequire(join(packages, "package.json"));

export const kBrowsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];

// How every page must look well.
export const kLooks = [
  { width: 1280, scheme: "light" },
  { width: 1280, scheme: "dark" },
  { width: 400, scheme: "light" },
  { width: 400, scheme: "dark" },
];

let running = null;

export async function browser() {
  const { chromium } = require("playwright-core");
  running ??= await chromium.launch({
    executablePath: process.env.FAULTLINE_CHROMIUM ?? kBrowsers.find((path) => existsSync(path)),
    args: ["--no-sandbox", "--disable-gpu"],
  });
  return running;
}

export async function closeBrowser() {
  await running?.close();
  running = null;
}

// A page that remembers everything it should not have done: `faults()` are errors, dialogs and
// requests, but for the file itself.
export async function openPage({
  width = 1280,
  height = 900,
  scheme = "light",
  motion = "reduce",
} = {}) {
  const context = await (
    await browser()
  ).newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: motion,
  });
  const page = await context.newPage();
  const seen = [];
  let requests = 0;
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) seen.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => seen.push(`error: ${error.message}`));
  page.on("dialog", async (dialog) => {
    seen.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = request.url();
    if (url.startsWith("data:")) return;
    requests += 1;
    if (requests > 1) seen.push(`request: ${url}`);
  });
  return { page, faults: () => seen, close: () => context.close() };
}

// Opens a report; resolves to the milliseconds from navigation to the first drawing.
export async function openReport(page, file, hash = "") {
  await page.goto(`${pathToFileURL(file)}${hash}`);
  await page.waitForSelector("html[data-ready]", { timeout: 60000 });
  return page.evaluate(
    () =>
      new Promise((done) =>
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))),
      ),
  );
}

const axe = () => readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// What axe-core finds serious, one line a finding.
export async function axeFindings(page) {
  if (!(await page.evaluate(() => Boolean(globalThis.axe)))) await page.evaluate(axe());
  return page.evaluate(async () => {
    const result = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return result.violations
      .filter((v) => ["serious", "critical"].includes(v.impact))
      .flatMap((v) =>
        v.nodes.map(
          (n) => `${v.id}: ${n.target.join(" ")} ${n.failureSummary.split("\n")[1] ?? ""}`,
        ),
      );
  });
}

export async function assertAccessible(page, where) {
  const findings = await axeFindings(page);
  assert.deepEqual(findings, [], `axe-core on ${where}`);
}

// Presses Tab until `reached` says so; resolves to the number of presses, and fails after `most`.
export async function tabTo(page, selector, most = 80) {
  for (let presses = 1; presses <= most; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return presses;
  }
  assert.fail(`${most} times Tab do not reach ${selector}`);
}
