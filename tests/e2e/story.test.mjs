// The main job, as a person does it: records in, high watermark forward, the leader killed by a click, nothing lost
// that was promised, and back in time to the moment before.

import assert from "node:assert/strict";
import test from "node:test";
import { openPage } from "./support.mjs";

const HIGH_WATERMARK = (broker) => `hw-${broker}-orders-0`;

/** Waits until the text of an element says a number of at least `least`. */
const atLeast = (page, testid, least) =>
  page.waitForFunction(
    ([testid, least]) => Number(document.querySelector(`[data-testid="${testid}"]`)?.textContent.match(/\d+/)?.[0] ?? -1) >= least,
    [testid, least],
  );

const number = async (page, testid) => Number((await page.getByTestId(testid).textContent()).match(/\d+/)[0]);

/** Types lines into the terminal; each runs to its end before the next. */
async function type(page, ...lines) {
  await page.getByTestId("drawer-terminal").click();
  const input = page.getByTestId("terminal-input");
  for (const line of lines) {
    const before = await page.getByTestId("position").textContent();
    await input.fill(line);
    await input.press("Enter");
    await page.waitForFunction((before) => document.querySelector('[data-testid="position"]').textContent !== before, before);
  }
}

/** Stops playing, at the newest moment. */
async function pause(page) {
  await page.locator("[data-testid=storage]:not([data-state=opening])").waitFor();
  if ((await page.getByTestId("btn-play").getAttribute("data-playing")) === "true") await page.getByTestId("btn-play").click();
  await page.waitForSelector('[data-testid="btn-play"][data-playing="false"]');
  const before = await number(page, "position");
  await page.getByTestId("btn-step").click();
  await page.waitForFunction((at) => Number(document.querySelector('[data-testid="position"]').textContent) > at, before);
}

test("it opens on a run that shows produce, replicate, high watermark and fetch without a word read", async (t) => {
  const { page, screenshot } = await openPage(t);
  const before = await number(page, HIGH_WATERMARK("broker-1"));
  const [consumer] = await page.getByTestId("client-billing").all();
  assert(consumer, "a consumer waits");
  await atLeast(page, HIGH_WATERMARK("broker-1"), before + 1);
  await atLeast(page, HIGH_WATERMARK("broker-2"), before + 1);
  await screenshot("first-run");
});

test("records by form, the leader crashed by a click, everything acknowledged still there, and back again", async (t) => {
  const { page, screenshot } = await openPage(t);
  await pause(page);
  for (const value of ["one", "two", "three", "four"]) {
    await page.getByTestId("produce-value").fill(value);
    await page.getByTestId("produce-send").click();
  }
  const before = await number(page, "leo-broker-1-orders-0");
  await type(page, "run until quiet");
  const committed = await number(page, HIGH_WATERMARK("broker-1"));
  assert(committed >= before + 4, `four more records are committed: ${before} then ${committed}`);

  // The moment to come back to.
  const position = await number(page, "position");
  const stage = () => page.getByTestId("stage").locator("svg").first().evaluate((stage) => stage.textContent);
  const shown = await stage();

  await page.getByTestId("broker-1").click({ position: { x: 60, y: 18 } });
  await page.getByTestId("action-crash").click();
  await page.waitForSelector('[data-testid="broker-1"][data-state="is-down"]');
  await screenshot("leader-crashed");
  await type(page, "run until leader orders-0 != broker-1", "produce orders key=k value=after", "run until quiet");
  assert((await number(page, HIGH_WATERMARK("broker-2"))) >= committed + 1, "what was acknowledged is there, and more");

  await page.getByTestId("broker-1").click({ position: { x: 60, y: 18 } });
  await page.getByTestId("action-start").click();
  await type(page, "run until isr orders-0 == 1,2,3", "run until quiet");
  assert.equal(await number(page, HIGH_WATERMARK("broker-1")), await number(page, HIGH_WATERMARK("broker-2")));
  await screenshot("old-leader-back");

  // Back to the moment before the crash: exactly what was shown.
  assert((await number(page, "position")) > position);
  await page.getByTestId("timeline").fill(String(position));
  await page.waitForFunction((position) => Number(document.querySelector('[data-testid="position"]').textContent) === position, position);
  assert.equal(await stage(), shown);
});

test("a step back shows exactly what was shown before the step", async (t) => {
  const { page } = await openPage(t, { reducedMotion: true });
  await pause(page);
  const stage = () => page.getByTestId("stage").evaluate((stage) => stage.outerHTML.replace(/ style="[^"]*"/g, ""));
  const shown = [];
  for (let step = 0; step < 8; step++) {
    shown.push([await number(page, "position"), await stage()]);
    await page.getByTestId("btn-step").click();
    await page.waitForFunction((at) => Number(document.querySelector('[data-testid="position"]').textContent) > at, shown.at(-1)[0]);
  }
  for (const [position, picture] of shown.reverse()) {
    await page.getByTestId("btn-step-back").click();
    await page.waitForFunction((at) => Number(document.querySelector('[data-testid="position"]').textContent) === at, position);
    assert.equal(await stage(), picture, `position ${position}`);
  }
});

test("a link is cut and healed by clicking it", async (t) => {
  const { page } = await openPage(t);
  await pause(page);
  await page.getByTestId("link-broker-1-broker-3").click({ force: true });
  await page.getByTestId("action-cut").click();
  await page.waitForSelector('[data-testid="link-broker-1-broker-3"][data-cut="both"]');
  await page.getByTestId("link-broker-1-broker-3").click({ force: true });
  await page.getByTestId("action-heal").click();
  await page.waitForSelector('[data-testid="link-broker-1-broker-3"][data-cut="none"]');
});

test("what cannot be done is refused with words, in both languages", async (t) => {
  const { page } = await openPage(t);
  await pause(page);
  await page.getByTestId("drawer-terminal").click();
  const input = page.getByTestId("terminal-input");
  const output = page.getByTestId("terminal-output");
  await input.fill("crash broker-9");
  await input.press("Enter");
  await output.getByText("broker-9").first().waitFor();
  await page.getByTestId("lang-ko").click();
  await input.fill("kafka-topics.sh --create --topic a/b --partitions 1 --replication-factor 3");
  await input.press("Enter");
  await output.getByText(/습니다|니다/).first().waitFor();
});
