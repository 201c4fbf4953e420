// Side by side, the monitors, and the search for a failure.

import assert from "node:assert/strict";
import test from "node:test";
import { visit } from "./person.mjs";
import { openPage } from "./support.mjs";

const tally = async ({ at }, name) => [
  (await at(`tally-${name}-0`).textContent()).trim(),
  (await at(`tally-${name}-1`).textContent()).trim(),
];

/** Opens one of the two ready comparisons. */
async function ready(t, id, options) {
  const app = await visit(t, options);
  await app.pause();
  await app.at("scenario").selectOption(id);
  await app.at("side-1").waitFor();
  return app;
}

/** Loses what only the leader had, with acks=1. */
async function loseByAcks({ pause, type }) {
  await pause();
  await type(
    "run 1s",
    "cut broker-1 broker-2",
    "cut broker-1 broker-3",
    "produce orders partition=0 key=k value=v acks=1 count=2",
    "run until acknowledged producer-1 >= 2",
    "crash broker-1",
    "run until leader orders-0 != broker-1",
    "run 1s",
  );
}

test("the old rule loses a record that the new one keeps, and where they part is marked", async (t) => {
  const app = await ready(t, "kip-101-lost");
  const { at, page } = app;
  assert.deepEqual(await tally(app, "lost"), ["✕ 1", "0"]);
  assert.deepEqual(await tally(app, "acknowledged"), ["2", "2"]);
  assert.deepEqual(await tally(app, "still-there"), ["1", "2"]);
  assert.match(await at("lost-0").textContent(), /✕ 1/);
  assert.match(await at("first-difference").textContent(), /cut off offset 1/);

  await at("go-to-difference").click();
  assert.equal(await at("compare-now").textContent(), await page.locator(".compare-card time").textContent());
  assert.deepEqual(await tally(app, "lost"), ["0", "0"]);
  await at("compare-slider").focus();
  await page.keyboard.press("ArrowLeft");
  assert.equal(await at("side-0").getByText("≠").count(), 0, "before that moment nothing differs");
  await page.keyboard.press("End");
  assert.deepEqual(await tally(app, "lost"), ["✕ 1", "0"]);

  await page.keyboard.press("Escape");
  assert.equal(await page.locator("[data-testid=monitor-lost]").getAttribute("data-state"), "allowed");
  assert.match(await at("monitor-lost").textContent(), /history\.rule=truncate-to-hw/);
});

test("logs diverge on one side only", async (t) => {
  const { at, page } = await ready(t, "kip-101-diverged");
  const rows = (side) =>
    page.locator(`[data-testid=side-${side}] .compare-row:not(.is-lost-row)`).evaluateAll((rows) =>
      rows.map((row) => [...row.querySelectorAll(".compare-cell")].map((cell) => cell.title).join()),
    );
  const [one, other] = await rows(0);
  assert.notEqual(one, other);
  const [left, right] = await rows(1);
  assert.equal(left, right);
  await at("compare-close").click();
  assert.equal(await at("monitor-diverged").getAttribute("data-state"), "allowed");
});

test("any run can be compared with one thing different, and the comparison is a link", async (t) => {
  const app = await visit(t);
  const { at, page } = app;
  await loseByAcks(app);
  await at("open-compare").click();
  await at("compare-what").selectOption("acks=all");
  await at("compare-run").click();
  await at("side-1").waitFor();
  const [one, all] = await tally(app, "lost");
  assert.equal(one, "✕ 2");
  assert.equal(all, "0");

  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await at("compare-share").click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).includes("#v2."));
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await openPage(t, { hash: link.slice(link.indexOf("#")), reducedMotion: true });
  await other.page.getByTestId("side-1").waitFor();
  assert.equal((await other.page.getByTestId("tally-lost-0").textContent()).trim(), "✕ 2");
  assert.equal((await other.page.getByTestId("tally-lost-1").textContent()).trim(), "0");
});

test("one message under way is lost on one side only", async (t) => {
  const app = await visit(t);
  const { at, page, pause, step, type } = app;
  await pause();
  await type("run until quiet", "produce orders key=k value=v partition=0 producer=hand");
  const produce = page.locator(".envelope", { hasText: "Produce" });
  for (let steps = 0; (await produce.count()) === 0; steps++) {
    assert(steps < 20, "the record is sent");
    await step();
  }
  await produce.first().dispatchEvent("click");
  await at("what-if-lost").click();
  await at("side-1").waitFor();
  assert.match(await at("first-difference").textContent(), /Produce.*was taken off the wire/);
  assert.match(await at("compare-what").inputValue(), /^drop=client-\d+,broker-\d,\d+$/);
  assert.deepEqual(await tally(app, "duplicated"), ["0", "0"]);
  await at("compare-share").waitFor();
});

test("a branch that was left is compared with what came instead", async (t) => {
  const { at, page, type, pause } = await visit(t);
  await pause();
  await type("run 1s", "produce orders partition=0 key=k value=one", "run 1s");
  await at("btn-start").click();
  await type("crash broker-1", "run 12s");
  await at("open-compare").click();
  await at("compare-what").selectOption("branch=0");
  await at("compare-run").click();
  await at("side-1").waitFor();
  assert.match(await at("first-difference").textContent(), /broker-1/);
  await at("open-side-1").click();
  await page.locator("dialog[open]").waitFor({ state: "detached" });
});

test("a monitor says what allowed it, and leads to the moment", async (t) => {
  const app = await visit(t);
  const { at, page } = app;
  await app.pause();
  for (const monitor of ["lost", "diverged", "back", "leaders"]) {
    assert.equal(await at(`monitor-${monitor}`).getAttribute("data-state"), "quiet");
  }
  await loseByAcks(app);
  await page.locator("[data-testid=monitor-lost][data-state=allowed]").waitFor();
  const end = await app.number("position");
  await at("monitor-lost").click();
  const finding = at("finding").first();
  assert.match(await finding.textContent(), /acks=1/);
  assert.match(await finding.textContent(), /No promise of Kafka's was broken/);
  await finding.getByTestId("finding-go").click();
  assert(end > (await app.number("position")), "it goes back to where it happened");
  assert((await page.locator(".why-chain li").count()) > 2, "and shows why");
  await at("btn-step-back").click();
  assert.equal(await at("monitor-lost").getAttribute("data-state"), "quiet", "before that it had not happened");
});

test("a failure is searched for without blocking the page, and opened where it happened", async (t) => {
  const { at, page } = await visit(t);
  await at("open-search").click();
  await at("goal-LostByAcks").check();
  await at("search-start").click();
  await at("search-found").waitFor();
  assert.match(await at("search-found").textContent(), /acks=1/);
  await at("search-open").click();
  await page.locator("[data-testid=monitor-lost][data-state=allowed]").waitFor();
  assert.match(await at("inspector").textContent(), /leads orders-0/);
});

test("a search can be cancelled", async (t) => {
  const { at, page } = await visit(t);
  await at("open-search").click();
  await at("goal-DivergedByHistory").check();
  await at("search-start").click();
  await page.locator("[data-testid=search-cancel], [data-testid=search-found]").first().waitFor();
  await page.keyboard.press("Escape");
  await at("open-search").click();
  await at("search-start").waitFor();
});

for (const [lang, theme, width, height] of [
  ["en", "light", 1440, 900],
  ["ko", "dark", 1280, 800],
  ["ko", "light", 390, 844],
]) {
  test(`the comparison is readable and accessible: ${lang}, ${theme}, ${width}`, async (t) => {
    const { page, at, screenshot, accessibility } = await ready(t, "kip-101-lost", { lang, theme, width, height });
    await screenshot(`compare-${lang}-${theme}-${width}`);
    assert.deepEqual(await accessibility(), []);
    const overflow = await page.evaluate(() => {
      const body = document.querySelector("dialog[open] .dialog-body");
      return body.scrollWidth - body.clientWidth;
    });
    assert(overflow <= 0, "nothing is wider than the dialog");
    await at("compare-close").click();
    await screenshot(`monitors-row-${lang}-${theme}-${width}`);
    await at("monitor-lost").click();
    await screenshot(`monitors-${lang}-${theme}-${width}`);
    assert.deepEqual(await accessibility(), []);
    await page.keyboard.press("Escape");
    await at("open-search").click();
    await at("search-start").click();
    await at("search-found").waitFor();
    await screenshot(`search-${lang}-${theme}-${width}`);
    assert.deepEqual(await accessibility(), []);
  });
}
