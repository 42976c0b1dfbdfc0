// Reports, opened from file:// as a reader does.
//
//     FAULTLINE=build/dev/bin/faultline node --test tests/web/report_test.mjs
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible, closeBrowser, kLooks, openPage, openReport, tabTo } from "./browser.mjs";
import { madeUpRun, packed, withPayload } from "./made_up_run.mjs";

const root = join(import.meta.dirname, "../..");
const faultline = process.env.FAULTLINE ?? join(root, "build/dev/bin/faultline");
const scenarios = join(root, "scenarios");
const lessons = readdirSync(scenarios).filter((file) => file.endsWith(".textproto"));
const kBroken = "defects/D05_promoted_still_follows.textproto";
const kShellMost = 120_000;

let scratch;
let shell;

before(() => {
  scratch = mkdtempSync(join(tmpdir(), "faultline-web-"));
  shell = readFileSync(reportOf(kBroken), "utf8");
});
after(async () => {
  await closeBrowser();
  rmSync(scratch, { recursive: true });
});

function reportOf(scenario) {
  const file = join(scratch, `${scenario.replaceAll("/", "_")}.html`);
  execFileSync(faultline, ["report", join(scenarios, scenario), "-o", file]);
  return file;
}

function madeUp(options) {
  const file = join(scratch, `made_up_${options.events ?? 57}.html`);
  writeFileSync(file, withPayload(shell, packed(madeUpRun(options))));
  return file;
}

// Opens a file, does something with it, and insists that nothing went wrong meanwhile.
async function withReport(file, options, use) {
  const { page, faults, close } = await openPage(options);
  try {
    await openReport(page, file, options.hash);
    await use(page);
    assert.deepEqual(faults(), []);
  } finally {
    await close();
  }
}

const currentEvent = (page) => page.locator(".now b").textContent();
const stepped = (page, id) =>
  page.waitForFunction((wanted) => document.querySelector(".now b").textContent === wanted, id);

for (const lesson of lessons) {
  test(`${lesson} opens in every look`, async () => {
    await withReport(reportOf(lesson), kLooks[0], async (page) => {
      for (const { width, scheme } of kLooks) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
        await page.waitForTimeout(50);
        await assertAccessible(page, `${lesson}, ${width} px, ${scheme}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${lesson} is ${wide} px wide in a window of ${width}`);
      }
      assert.ok((await page.locator("svg.diagram .event").count()) > 0);
    });
  });
}

test("every panel is accessible, in every look", async () => {
  await withReport(reportOf(kBroken), kLooks[0], async (page) => {
    for (const { width, scheme } of kLooks) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: scheme });
      for (const key of ["1", "2", "3", "4", "5", "?"]) {
        await page.keyboard.press(key);
        await page.waitForTimeout(50);
        await assertAccessible(page, `panel ${key}, ${width} px, ${scheme}`);
      }
      await page.keyboard.press("Escape");
    }
  });
});

test("opens at the first violation, with what led to it", async () => {
  await withReport(reportOf(kBroken), {}, async (page) => {
    const at = await page.locator("header .what .jump").textContent();
    assert.equal(await currentEvent(page), at);
    const box = await page.locator("svg.diagram .event.violation").first().boundingBox();
    const frame = await page.locator("svg.diagram").first().boundingBox();
    assert.ok(box.x >= frame.x && box.x + box.width <= frame.x + frame.width);
    assert.ok((await page.locator("svg.diagram .event.dim").count()) > 0);
    assert.ok((await page.locator("svg.diagram .event:not(.dim)").count()) > 1);
    const card = page.locator(".card.bad h3").first();
    assert.equal(await card.textContent(), "✗ S12 PromotedFenced");
    assert.equal(await page.locator(".story [aria-current=step]").count(), 1);
  });
});

test("the sound protocol stands beside the defect, on the same axis", async () => {
  await withReport(reportOf(kBroken), {}, async (page) => {
    await page.getByRole("button", { name: "both" }).click();
    assert.equal(await page.locator("svg.diagram").count(), 2);
    assert.equal(await page.locator(".differs-label").count(), 2);
    await page.getByRole("button", { name: "sound protocol" }).click();
    assert.match(await page.locator(".word").textContent(), /Holds/);
    await page.keyboard.press("f");
    await page.keyboard.press("f");
    assert.match(await page.locator(".word").textContent(), /Broken/);
  });
});

test("a failed replica says why, what to do, and by how much it is behind", async () => {
  for (const look of kLooks) {
    await withReport(reportOf("03_locked_out_by_kms.textproto"), look, async (page) => {
      const explained = execFileSync(faultline, ["explain", "REASON-KMS"], { encoding: "utf8" })
        .replaceAll(/\s+/g, " ");
      const card = page.locator(".reason").first();
      for (const paragraph of await card.locator("p, blockquote").allTextContents()) {
        const words = paragraph.replaceAll(/\s+/g, " ").replace(/^(Why|What to do) /, "").trim();
        assert.ok(explained.includes(words), words);
      }
      await card.locator("summary").click();
      assert.match(await card.locator("pre").textContent(), /^sequenceDiagram/);
      await page.locator("#tab-properties").click();
      await page.locator(".lag summary").click();
      assert.match(
        await page.locator(".lag li", { hasText: "eu-west-1" }).textContent(),
        /is behind by 1 change at most, first at 0\.008 s; behind at all for 19\.1 s in total/,
      );
      assert.equal(await page.locator(".lag-plot").count(), 2);
      await assertAccessible(page);
    });
  }
});

test("keys move through the run", async () => {
  await withReport(madeUp({ events: 57 }), {}, async (page) => {
    assert.equal(await currentEvent(page), "#57");
    await page.keyboard.press("Home");
    await stepped(page, "#1");
    await page.keyboard.press("ArrowRight");
    await stepped(page, "#2");
    await page.keyboard.press("PageDown");
    await stepped(page, "#12");
    await page.keyboard.press("ArrowLeft");
    await stepped(page, "#11");
    await page.keyboard.press("v");
    await stepped(page, "#57");
    await page.keyboard.press("2");
    assert.equal(await page.getByRole("tab", { selected: true }).textContent(), "State");
    const dims = () => page.locator("svg.diagram .event.dim").count();
    assert.ok((await dims()) > 0);
    await page.keyboard.press("c");
    await page.waitForFunction(() => !document.querySelector("svg.diagram .event.dim"));
    await page.keyboard.press("t");
    await page.waitForSelector(".axis-tick", { state: "attached" });
    await page.keyboard.press("Home");
    await page.keyboard.press("Space");
    await page.waitForFunction(() => document.querySelector(".now b").textContent !== "#1");
    await page.keyboard.press("Space");
  });
});

test("Tab reaches slider, tabs and story, and they work", async () => {
  await withReport(madeUp({ events: 57 }), {}, async (page) => {
    await tabTo(page, "input.slider");
    await page.keyboard.press("ArrowLeft");
    await page.waitForFunction(() => document.querySelector(".now b").textContent !== "#57");
    const said = await page.locator("input.slider").getAttribute("aria-valuetext");
    assert.match(said, /^event 5\d of 57, /);
    await tabTo(page, "[role=tab][aria-selected=true]");
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.getByRole("tab", { selected: true }).textContent(), "State");
    await page.keyboard.press("ArrowLeft");
    await tabTo(page, ".sentence");
    await page.keyboard.press("Enter");
    await page.waitForFunction(
      () => document.activeElement.getAttribute("aria-current") === "step",
    );
    await tabTo(page, ".because .jump");
    await page.keyboard.press("Enter");
    await tabTo(page, "input[type=search]");
    await page.keyboard.type("violation");
    await page.waitForFunction(() => document.querySelectorAll(".events tbody tr").length === 1);
  });
});

test("the address says where the reader is, and leads there", async () => {
  const file = madeUp({ events: 57 });
  await withReport(file, { hash: "#e=9&l=eu-west-1&t=state&a=time" }, async (page) => {
    assert.equal(await currentEvent(page), "#9");
    assert.equal(await page.getByRole("tab", { selected: true }).textContent(), "State");
    assert.equal(await page.locator(".state h3").allTextContents().then(String), "eu-west-1");
    await page.keyboard.press("Home");
    await page.waitForFunction(() => location.hash.includes("e=1&"));
  });
});

test("a click on a mark or a sentence leads to its event", async () => {
  await withReport(madeUp({ events: 57 }), {}, async (page) => {
    await page.locator(".sentence").first().click();
    const first = await currentEvent(page);
    assert.notEqual(first, "#57");
    await page.locator("svg.diagram .event.violation").click();
    await stepped(page, "#57");
  });
});

test("markup in names is text", async () => {
  const markup =
    `<img src=x onerror="globalThis.pwned=1">` + `<script>globalThis.pwned=2</script>&amp;"'`;
  await withReport(madeUp({ events: 58, markup }), {}, async (page) => {
    for (const key of ["1", "2", "3", "4", "5", "d", "t"]) await page.keyboard.press(key);
    await page.waitForTimeout(100);
    assert.equal(await page.evaluate(() => globalThis.pwned), undefined);
    assert.equal(await page.locator("#app img, #app script").count(), 0);
    assert.equal(await page.locator("h1").textContent(), `A run that nobody ran${markup}`);
  });
});

test("a damaged run is said to be damaged", async () => {
  for (const [name, content, words] of [
    ["cut", packed(madeUpRun()).slice(0, 400), /damaged/],
    ["version", packed({ format: 2 }), /format 2/],
  ]) {
    const file = join(scratch, `${name}.html`);
    writeFileSync(file, withPayload(shell, content));
    const { page, close } = await openPage();
    await openReport(page, file);
    assert.match(await page.getByRole("alert").textContent(), words);
    await close();
  }
});

test("every colour of text can be read on every ground it stands on", () => {
  const css = readFileSync(join(root, "tools/web/theme.css"), "utf8");
  const [light, dark] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(
    ([, block]) =>
      new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, k, v]) => [k, v])),
  );
  const share = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const luminance = (hex) =>
    [0.2126, 0.7152, 0.0722].reduce(
      (sum, weight, k) => sum + weight * share(parseInt(hex.slice(1 + 2 * k, 3 + 2 * k), 16) / 255),
      0,
    );
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  for (const theme of [light, dark]) {
    assert.ok(theme.size > 20);
    const pairs = [
      ["on-accent", "accent"],
      ["soft", "accent-ground"],
      ["ink", "accent-ground"],
      ["accent", "accent-ground"],
    ];
    for (const text of ["ink", "soft", "accent", "good", "bad", "doubt", "fault"]) {
      for (const ground of ["bg", "panel", "raise"]) pairs.push([text, ground]);
      if (theme.has(`${text}-ground`)) pairs.push([text, `${text}-ground`]);
    }
    for (let k = 0; k < 8; k += 1) pairs.push([`m${k}`, "panel"]);
    for (const [text, ground] of pairs) {
      const found = contrast(theme.get(text), theme.get(ground));
      assert.ok(found >= 4.5, `${text} on ${ground}: ${found.toFixed(2)}`);
    }
  }
});

test("the page itself is small", () => {
  const own = withPayload(shell, "").length;
  assert.ok(own <= kShellMost, `${own} bytes without a run`);
});

for (const [events, bytesMost] of [
  [10_000, 600_000],
  [100_000, 6_000_000],
]) {
  // How soon is told and not judged: a machine that is busy with other things proves nothing.
  test(`${events} events are there, and no more of them is drawn than can be seen`, async (t) => {
    const file = madeUp({ events });
    assert.ok(statSync(file).size <= bytesMost, `${statSync(file).size} bytes`);
    const { page, faults, close } = await openPage();
    t.diagnostic(`${events} events: ${Math.round(await openReport(page, file))} ms`);
    if (events > 10_000) {
      assert.match(await page.locator(".notice").first().textContent(), /shows a\s+window of it/);
    }
    assert.ok((await page.locator("svg.diagram .event, svg.diagram .arrow").count()) <= 600);
    await page.keyboard.press("0");
    await page.keyboard.press("ArrowLeft");
    assert.ok((await page.locator("svg.diagram .event, svg.diagram .arrow").count()) <= 600);
    assert.deepEqual(faults(), []);
    await close();
  });
}

test("a reader who prints it has story and events on paper", async () => {
  await withReport(madeUp({ events: 57 }), {}, async (page) => {
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.locator(".story").isVisible());
    assert.ok(await page.locator(".events table").isVisible());
    assert.ok(!(await page.locator(".slider").isVisible()));
  });
});
