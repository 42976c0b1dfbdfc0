// The left half of the console, on a real server: what the user guide of AWS Secrets Manager has one
// do with replicas, and what the page says when it does not work.
//
//     FAULTLINE=build/dev/bin/faultline node --test tests/web/console_flow_test.mjs
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible, closeBrowser, kLooks, openPage, tabTo } from "./browser.mjs";
import { serveConsole } from "./served_console.mjs";

const root = join(import.meta.dirname, "../..");
const faultline = process.env.FAULTLINE ?? join(root, "build/dev/bin/faultline");
const kDay = 24 * 3600 * 1e9;
const kMarkup = `<img src=x onerror="globalThis.pwned=1"><script>globalThis.pwned=2</script>`;
const kName = "production/DBWest";

let scratch;

before(() => {
  scratch = mkdtempSync(join(tmpdir(), "faultline-console-"));
});
after(async () => {
  await closeBrowser();
  rmSync(scratch, { recursive: true });
});

// A server and its page. What went wrong on the page fails the test; so does a refused call that the
// test did not want, since browsers write those to the console, too.
async function withConsole({ refusals = 0, serve = [], ...look }, use) {
  const server = await serveConsole(faultline, serve);
  const { page, faults, close } = await openPage(look);
  try {
    await page.goto(server.url);
    const flow = page.locator(".flow");
    await flow.locator("h2").waitFor();
    try {
      await use({ server, page, flow });
    } catch (error) {
      // A wait that has ended in vain does not say what was there instead.
      const focus = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
      console.error(`faults: ${faults().join("\n")}\nfocus: ${focus}`);
      console.error(await flow.innerText());
      throw error;
    }
    const wrong = faults().filter((fault) => !fault.startsWith("request: "));
    const isRefusal = (fault) => /^console: Failed to load resource.* 400 /.test(fault);
    assert.deepEqual(
      wrong.filter((fault) => !isRefusal(fault)),
      [],
    );
    assert.equal(wrong.filter(isRefusal).length, refusals, "refused calls");
  } finally {
    await close();
    await server.stop();
  }
}

const button = (where, name) => where.getByRole("button", { name, exact: true });
const link = (where, name) => where.getByRole("link", { name, exact: true });
const card = (flow, id) => flow.locator(`[aria-labelledby="${id}"]`);
const gone = (flow) => flow.locator("dialog").waitFor({ state: "detached" });
const says = (flow, text) => flow.getByText(text).first().waitFor();

async function go(page, path) {
  await page.evaluate((to) => {
    location.hash = to;
  }, path);
}

// Through the wizard, from the list to Review.
async function fillIn(
  flow,
  { name = kName, value = [["password", "hunter2"]], replicas = [] } = {},
) {
  await link(flow, "Store a new secret").click();
  for (const [k, [key, text]] of value.entries()) {
    if (k > 0) await button(flow, "Add row").click();
    await flow.getByLabel(`Key ${k + 1}`, { exact: true }).fill(key);
    await flow.getByLabel(`Value ${k + 1}`, { exact: true }).fill(text);
  }
  await button(flow, "Next").click();
  await flow.getByLabel("Secret name").fill(name);
  for (const [k, region] of replicas.entries()) {
    await button(flow, k ? "Add more Regions" : "Add Region").click();
    await flow.getByLabel("AWS Region").nth(k).selectOption(region);
  }
  await button(flow, "Next").click();
  await button(flow, "Next").click();
}

async function store(flow, what) {
  await fillIn(flow, what);
  await button(flow, "Store").click();
  await says(flow, new RegExp(`Stored ${what?.name ?? kName}`));
}

const openSecret = async (flow, name = kName) => {
  await link(flow, name).first().click();
  await card(flow, "overview").waitFor();
};

test("the guide, from Store to Delete, with a replica whose key is denied meanwhile", async () => {
  await withConsole({ refusals: 1 }, async ({ server, page, flow }) => {
    // Store, with a key of its own for one of two replicas, while the clock stands still.
    await server.control({ set_clock: { text: "manual" } });
    await link(flow, "Store a new secret").click();
    await flow.getByLabel("Key 1").fill("password");
    await flow.getByLabel("Value 1").fill(kMarkup);
    await button(flow, "Next").click();
    await flow.getByLabel("Secret name").fill(kName);
    await flow.getByLabel("Description").fill(kMarkup);
    await button(flow, "Add tag").click();
    await flow.getByLabel("Key of tag 1").fill("team");
    await flow.getByLabel("Value of tag 1").fill(kMarkup);
    await button(flow, "Add Region").click();
    await flow.getByLabel("AWS Region").first().selectOption("us-west-2");
    await button(flow, "Add more Regions").click();
    await flow.getByLabel("AWS Region").nth(1).selectOption("eu-west-1");
    await button(flow, "Create a key…").nth(1).click();
    await flow.getByLabel("Alias").fill("replica");
    await button(flow, "Create key").click();
    await gone(flow);
    assert.equal(await flow.getByLabel("Encryption key").nth(1).inputValue(), "alias/replica");
    await button(flow, "Back").click();
    assert.equal(await flow.getByLabel("Value 1").inputValue(), kMarkup);
    await button(flow, "Next").click();
    assert.equal(await flow.getByLabel("Secret name").inputValue(), kName);
    await button(flow, "Next").click();
    await button(flow, "Next").click();
    await says(flow, "eu-west-1, with replica");
    await flow.getByText("As the AWS CLI").click();
    const command = await flow.locator(".as-cli pre").textContent();
    assert.match(command, /^aws secretsmanager create-secret/);
    assert.match(command, /--add-replica-regions Region=us-west-2 Region=eu-west-1,KmsKeyId=alias/);
    assert.ok(!command.includes(`{"password"`), command);
    await button(flow, "Store").click();
    await says(flow, `Stored ${kName}. Replicating to 2 Regions…`);
    await server.control({ set_clock: { text: "real" } });
    await says(flow, `Stored ${kName}. Replicated to us-west-2 and eu-west-1.`);

    // The value is text, wherever it stands, and only there when it was asked for.
    await openSecret(flow);
    assert.ok(!(await page.content()).includes("password"));
    await button(flow, "Retrieve secret value").click();
    await card(flow, "value").locator(".shown").waitFor();
    assert.equal(await card(flow, "value").locator(".shown code").nth(1).textContent(), kMarkup);
    assert.equal(await flow.locator("img, script").count(), 0);
    assert.equal(await page.evaluate(() => globalThis.pwned), undefined);

    // A key is denied; the next value does not arrive there.
    await server.fault("key-denied", "--region", "eu-west-1", "--key", "alias/replica");
    await button(card(flow, "value"), "Edit").click();
    await flow.locator("dialog").getByLabel("Value 1").fill("correct horse");
    await button(flow, "Save").click();
    await gone(flow);
    assert.equal(await card(flow, "value").locator(".shown").count(), 0);
    const banner = flow.locator(".banner.bad");
    await banner.waitFor();
    assert.match(
      await banner.innerText(),
      /production\/DBWest: replication failed in eu-west-1: KMS does not allow it/,
    );
    await banner.getByRole("link", { name: /^View details/ }).click();
    const panel = flow.locator(".failure");
    await panel.waitFor();
    const told = (await panel.textContent()).replace(/\s+/g, " ");
    assert.match(told, /Replication failed: Access to KMS is not allowed/);
    // In the words of the command line, each of the documented causes.
    for (const id of ["REASON-NAME", "REASON-KMS", "REASON-REGION", "REASON-NETWORK"]) {
      const explained = execFileSync(faultline, ["explain", id], { encoding: "utf8" });
      const parts = / What (.*?) Why (.*?) Remedy (.*?) (?:AWS|See it) /.exec(
        explained.replace(/\s+/g, " "),
      );
      for (const sentence of parts.slice(1)) assert.ok(told.includes(sentence), sentence);
    }

    // Mended, and tried again.
    await server.control({ clear_faults: {} });
    await button(panel, "Retry replication").click();
    await button(flow.locator("dialog"), "Retry").click();
    await gone(flow);
    await says(flow, `${kName} is replicated to us-west-2 and eu-west-1.`);
    assert.equal(await flow.locator(".banner.bad").count(), 0);
    await card(flow, "replicate").getByText("In sync").nth(1).waitFor();

    // Promoted, by whoever can type the Region's name.
    await link(card(flow, "replicate"), "eu-west-1").click();
    await says(flow, "This secret is a replica of");
    await button(flow, "Promote to standalone secret").click();
    const promote = button(flow.locator("dialog"), "Promote");
    await flow.locator("dialog input").fill("eu-west-2");
    assert.ok(await promote.isDisabled());
    await flow.locator("dialog input").fill("eu-west-1");
    await promote.click();
    await gone(flow);
    await card(flow, "overview").getByText("Standalone").waitFor();

    // The old primary: not deleted while it has replicas.
    await flow.getByLabel("Region").first().selectOption("us-east-1");
    await button(flow, "Delete secret").click();
    await button(flow, "Schedule deletion").click();
    const refused = flow.locator("dialog .refusal");
    await refused.waitFor();
    assert.match(await refused.innerText(), /InvalidParameterException/);
    assert.match(
      await refused.innerText(),
      /You can't delete secret arn:\S+ that still has replica regions \[us-west-2/,
    );
    await page.keyboard.press("Escape");
    await gone(flow);
    for (;;) {
      const more = card(flow, "replicate").getByRole("button", { name: /^Delete replica/ });
      if ((await more.count()) === 0) break;
      const before = await more.count();
      await more.first().click();
      const label = await flow.locator("dialog label").innerText();
      await flow.locator("dialog input").fill(/Type (\S+) to confirm/.exec(label)[1]);
      await button(flow.locator("dialog"), "Delete replica").click();
      await gone(flow);
      await page.waitForFunction(
        (most) => document.querySelectorAll("[aria-labelledby=replicate] tbody tr").length < most,
        before,
      );
    }
    await button(flow, "Delete secret").click();
    await flow.locator("dialog input").fill("6");
    await flow.locator("dialog").getByText("between 7 and 30 days").waitFor();
    await flow.locator("dialog input").fill("7");
    await button(flow, "Schedule deletion").click();
    await gone(flow);
    await button(flow, "Cancel deletion").click();
    await button(flow, "Delete secret").waitFor();

    // What was done by hand is a scenario now, and repeats.
    const { saved } = await server.control({ save_session: {} });
    const file = join(scratch, "by_hand.textproto");
    writeFileSync(file, saved.scenario);
    const report = JSON.parse(
      execFileSync(faultline, ["run", file, "--json"], { encoding: "utf8" }),
    );
    assert.ok(JSON.stringify(report).includes(saved.trace_hash), "the hash of the saved session");
  });
});

test("what the service would refuse is said before, and what it refuses in its own words", async () => {
  await withConsole({ refusals: 1 }, async ({ flow }) => {
    await store(flow);
    await link(flow, "Store a new secret").click();
    await button(flow, "Next").click();
    await says(flow, "There is no value yet.");
    await flow.getByLabel("Key 1").fill("a");
    await button(flow, "Next").click();
    await button(flow, "Next").click();
    await says(flow, "A secret needs a name.");
    for (const [name, wrong] of [
      ["bad name", /Invalid name\. Must be a valid name containing alphanumeric characters/],
      ["ä", /Invalid name/],
      ["x".repeat(513), /at most 512 characters/],
      ["ends-in-Abc123", /looks like an ARN’s end|looks like an ARN's end/],
    ]) {
      await flow.getByLabel("Secret name").fill(name);
      await says(flow, wrong);
    }
    await flow.getByLabel("Description").fill("d".repeat(251));
    await says(flow, "251 of 250 characters");
    await flow.getByLabel("Description").fill("");
    await flow.getByLabel("Secret name").fill(kName);
    await button(flow, "Next").click();
    await button(flow, "Next").click();
    await button(flow, "Store").click();
    const refused = flow.locator(".refusal");
    await refused.waitFor();
    assert.match(await refused.innerText(), /ResourceExistsException/);
    assert.match(await refused.innerText(), /The operation failed because the secret .* already/);
    await refused.getByText("The call that was made").click();
    assert.match(await refused.locator("pre").innerText(), /create-secret/);
    // Nothing that was typed is lost.
    await button(flow, "Cancel").click();
    await link(flow, "Store a new secret").click();
    await says(flow, "What you typed before is still here.");
    await button(flow, "Start anew").click();
    assert.equal(await flow.getByLabel("Key 1").inputValue(), "");
  });
});

test("a Region that is not enabled cannot be chosen, and can be enabled", async () => {
  await withConsole({}, async ({ server, flow }) => {
    await store(flow);
    await openSecret(flow);
    await button(flow, "Add Regions").click();
    const dialog = flow.locator("dialog");
    const option = dialog.locator('option[value="af-south-1"]');
    assert.ok(await option.isDisabled());
    await dialog.getByText("A Region is missing?").click();
    await button(dialog, "Enable af-south-1").click();
    await dialog.getByText("being enabled…").waitFor();
    await server.advance(kDay);
    await dialog
      .locator('option[value="af-south-1"]:not([disabled])')
      .waitFor({ state: "attached" });
    await dialog.getByLabel("AWS Region").selectOption("af-south-1");
    await button(dialog, "Replicate to 1 Region").click();
    await gone(flow);
    await server.control({ set_clock: { text: "real" } });
    await says(flow, `${kName} is replicated to af-south-1.`);
  });
});

test("several failures: a line each, and a name that is taken is overwritten when asked", async () => {
  await withConsole({}, async ({ server, page, flow }) => {
    for (const region of ["us-west-2", "eu-west-1"]) {
      await server.aws(region, "CreateSecret", {
        Name: kName,
        SecretString: "someone else's",
        ClientRequestToken: `00000000-0000-4000-8000-${region.padStart(12, "0")}`,
      });
    }
    await flow.getByLabel("Region").first().selectOption("us-east-1");
    await store(flow, { replicas: ["us-west-2", "eu-west-1"] });
    const lines = flow.locator(".banner.bad li");
    await lines.nth(1).waitFor();
    const texts = await lines.allInnerTexts();
    assert.deepEqual(
      texts.map((text) => /failed in (\S+): ([^.]*)/.exec(text).slice(1)),
      [
        ["us-west-2", "The name is taken"],
        ["eu-west-1", "The name is taken"],
      ],
    );
    await lines
      .first()
      .getByRole("button", { name: /^Retry replication/ })
      .click();
    await flow.getByLabel("Overwrite a secret with the same name").check();
    await button(flow.locator("dialog"), "Retry").click();
    await gone(flow);
    await page.waitForFunction(() => document.querySelectorAll(".banner.bad li").length === 1);
    await button(flow, "Dismiss the failures").click();
    await flow.locator(".banner.bad").waitFor({ state: "detached" });
  });
});

test("rotation, tags and permissions", async () => {
  await withConsole({}, async ({ flow }) => {
    await store(flow);
    await openSecret(flow);
    await button(flow, "Edit rotation").click();
    await button(flow, "Save").click();
    await gone(flow);
    await card(flow, "rotation").getByText("rate(30 days)").waitFor();
    await card(flow, "versions").getByText("AWSPREVIOUS").waitFor();
    await button(flow, "Edit tags").click();
    await button(flow, "Add tag").click();
    await flow.getByLabel("Key of tag 1").fill("team");
    await flow.getByLabel("Value of tag 1").fill("payments");
    await button(flow, "Save").click();
    await gone(flow);
    await card(flow, "tags").getByText("payments").waitFor();
    await button(flow, "Edit permissions").click();
    await flow.getByLabel("Resource policy (JSON)").fill("{");
    await says(flow, /This resource policy contains a syntax error/);
    const policy = {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Principal: { AWS: "arn:aws:iam::123456789012:user/nobody" },
          Action: "secretsmanager:DeleteSecret",
          Resource: "*",
        },
      ],
    };
    await flow.getByLabel("Resource policy (JSON)").fill(JSON.stringify(policy));
    await button(flow, "Save").click();
    await gone(flow);
    await card(flow, "policy").getByText("user/nobody").waitFor();
  });
});

// Before anything else can happen: a key that was pressed in between would go astray.
test("the focus moves as a page is drawn, not after", async () => {
  await withConsole({}, async ({ page, flow }) => {
    await link(flow, "Store a new secret").click();
    await flow.getByLabel("Key 1").fill("password");
    await flow.getByLabel("Value 1").fill("hunter2");
    const focusAfter = (selector) =>
      page.evaluate(async (button) => {
        document.querySelector(button).click();
        // Drawing waits for no more than promises do.
        for (let k = 0; k < 20; k += 1) await null;
        return document.activeElement.textContent;
      }, selector);
    const next = ".flow button[type=submit]";
    assert.equal(await focusAfter(next), "Step 2: Configure secret");
    // The name is missing.
    await focusAfter(next);
    const led = await page.evaluate(() => document.activeElement.matches(".wrong input"));
    assert.ok(led, "the focus is not on what is wrong");
    assert.match(await focusAfter(".flow .decide button"), /^Secrets/);
  });
});

test("by keyboard alone: a secret with a replica is stored", async () => {
  await withConsole({}, async ({ page, flow }) => {
    const press = (key) => page.keyboard.press(key);
    const type = (text) => page.keyboard.type(text);
    await tabTo(page, '.flow a[href="#/store"]');
    await press("Enter");
    await tabTo(page, '.flow [aria-label="Key 1"]');
    await type("password");
    await press("Tab");
    await type("hunter2");
    await press("Enter");
    await says(flow, "Step 2: Configure secret");
    await tabTo(page, ".flow .field input.mono");
    await type(kName);
    await tabTo(page, ".flow .replica-rows > button");
    await press("Enter");
    // Whoever adds a Region is led to it.
    const region = page.locator(".replica-row select:focus");
    await region.waitFor();
    for (let k = 0; k < 40 && (await region.inputValue()) !== "eu-west-1"; k += 1) {
      await press("ArrowDown");
    }
    assert.equal(await region.inputValue(), "eu-west-1");
    await tabTo(page, ".flow button[type=submit]");
    await press("Enter");
    await says(flow, "Step 3: Configure rotation");
    await tabTo(page, ".flow button[type=submit]");
    await press("Enter");
    await says(flow, "Step 4: Review");
    await tabTo(page, ".flow button[type=submit]");
    await press("Enter");
    await says(flow, `Stored ${kName}. Replicated to eu-west-1.`);
  });
});

test("every page is accessible, and fits, in every look", async () => {
  await withConsole({ serve: ["--clock", "manual"] }, async ({ server, page, flow }) => {
    const look = async (what) => {
      for (const { width, scheme } of kLooks) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
        await page.waitForTimeout(50);
        await assertAccessible(page, `${what}, ${width} px, ${scheme}`);
        const wide = await page.evaluate(() => {
          const half = document.querySelector(".flow").parentElement;
          return [half.scrollWidth, half.clientWidth];
        });
        assert.ok(wide[0] <= wide[1], `${what} is ${wide[0]} px wide in ${wide[1]}`);
      }
      await page.setViewportSize({ width: 1280, height: 900 });
    };
    await look("the empty list");
    await link(flow, "Store a new secret").click();
    await flow.getByLabel("Key 1").fill("password");
    await flow.getByLabel("Value 1").fill("hunter2");
    await look("step 1");
    await button(flow, "Create a key…").click();
    await look("creating a key");
    await page.keyboard.press("Escape");
    await button(flow, "Next").click();
    await button(flow, "Add Region").click();
    await flow.getByText("A Region is missing?").click();
    await button(flow, "Next").click();
    await look("step 2, with mistakes");
    await flow.getByLabel("Secret name").fill(`${kName}/${"long".repeat(40)}`);
    await flow.getByLabel("AWS Region").selectOption("eu-west-1");
    await button(flow, "Next").click();
    await flow.getByLabel("Automatic rotation").check();
    await look("step 3");
    await flow.getByLabel("Automatic rotation").uncheck();
    await button(flow, "Next").click();
    await look("step 4");
    await server.fault("key-denied", "--region", "eu-west-1", "--key", "alias/aws/secretsmanager");
    await button(flow, "Store").click();
    await flow.locator(".list").waitFor();
    await look("the list");
    await server.control({ set_clock: { text: "real" } });
    await flow.locator(".banner.bad").waitFor();
    await look("the list, with a failure");
    await flow.getByRole("link", { name: /^View details/ }).click();
    await flow.locator(".failure").waitFor();
    await button(flow, "Retrieve secret value").click();
    await card(flow, "value").locator(".shown").waitFor();
    await look("details of a failure");
    for (const name of ["Add Regions", "Delete secret", "Edit rotation", "Edit tags"]) {
      await button(flow, name).click();
      await flow.locator("dialog").waitFor();
      await look(name);
      await page.keyboard.press("Escape");
      await gone(flow);
    }
    await go(page, "/secret/us-east-1/no-such-secret");
    await says(flow, "There is no secret of this name");
    await look("a secret that is not there");
  });
});
