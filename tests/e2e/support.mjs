// What every end-to-end test needs: the built page served on a free port, a real browser, and a page that remembers
// everything that went wrong in it. A test opens pages and says what it sees; closing is taken care of here.
//
//   test("...", async (t) => {
//     const app = await openPage(t, { lang: "ko", theme: "dark", width: 360 });
//     await app.page.getByTestId("app").click();      // locators wait for state; never sleep
//     await app.screenshot("narrow-ko-dark");
//   });
//
// A console error, an uncaught exception, a failed request or a policy violation fails the test that opened the page.
// A test about such a thing empties `app.problems` after looking at it.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { findChrome } from "./chrome.mjs";
import { serve } from "./server.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DIST = process.env.KAFKASCOPE_DIST ?? join(ROOT, "dist");
const OUTPUT = join(ROOT, "tests/output");

const LAUNCH = {
  executablePath: findChrome(),
  headless: true,
  chromiumSandbox: false,
  args: [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

// One server and one browser for a test file, started when the first page opens.
const once = (start) => {
  let started;
  return { get: () => (started ??= start()), close: async () => (await started)?.close() };
};
const server = once(() => {
  assert(existsSync(join(DIST, "index.html")), `There is no built page in ${DIST}: run trunk build --release first.`);
  return serve(DIST);
});
const browser = once(() => chromium.launch(LAUNCH));
after(async () => {
  await browser.close();
  await server.close();
});

/** The address of the page, for tests that navigate themselves. */
export const pageUrl = async (hash = "") => (await server.get()).url + hash;

/**
 * Opens the page and waits until it stands.
 *
 * `profileDir` keeps what the page stores: two pages opened one after the other with the same folder are one visitor
 * who comes back.
 */
export async function openPage(t, options = {}) {
  const { lang = "en", theme = "light", width = 1280, height = 800, profileDir, reducedMotion, hash } = options;
  const settings = {
    locale: lang === "ko" ? "ko-KR" : "en-US",
    colorScheme: theme,
    reducedMotion: reducedMotion ? "reduce" : "no-preference",
    viewport: { width, height },
  };
  const context = profileDir
    ? await chromium.launchPersistentContext(profileDir, { ...LAUNCH, ...settings })
    : await (await browser.get()).newContext(settings);
  const problems = [];
  t.after(async () => {
    await context.close();
    assert.deepEqual(problems, [], "the page should have no problem of its own");
  });
  await watch(context, problems);

  const newTab = async () => {
    const page = await context.newPage();
    await page.goto(await pageUrl(hash));
    await page.locator("#boot [role=alert], [data-testid=app]").first().waitFor();
    return page;
  };
  const page = await newTab();
  return {
    page,
    context,
    problems,
    newTab,
    screenshot: (name, target = page) => target.screenshot({ path: join(OUTPUT, `${name}.png`), animations: "disabled" }),
    accessibility: (target = page) => accessibility(target),
    close: () => context.close(),
  };
}

async function watch(context, problems) {
  await context.exposeBinding("reportPolicyViolation", (_, what) => problems.push(`policy violation: ${what}`));
  await context.addInitScript(() =>
    addEventListener("securitypolicyviolation", (event) =>
      window.reportPolicyViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`),
    ),
  );
  context.on("console", (message) => {
    if (message.type() === "error") problems.push(`console error: ${message.text()}`);
  });
  context.on("weberror", (error) => problems.push(`uncaught: ${error.error()}`));
  context.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
}

const require = createRequire(import.meta.url);
let axeSource;

/** What axe finds wrong, as lines to compare with an empty list. */
async function accessibility(page) {
  axeSource ??= await readFile(require.resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.flatMap(({ id, impact, nodes }) => nodes.map((node) => `${impact} ${id}: ${node.target.join(" ")}`));
}
