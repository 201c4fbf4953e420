// What a person does and sees in the tests of what is stored and shared: types into the terminal, pauses, shares,
// looks at the stage, leaves and comes back.

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { allIsStored, contents } from "./database.mjs";
import { openPage, pageUrl } from "./support.mjs";

/** Opens the page for a person. */
export async function visit(t, options) {
  const app = await openPage(t, { reducedMotion: true, ...options });
  return { ...app, ...person(app.page) };
}

/** The page as a person uses it. */
export function person(page) {
  const at = (id) => page.getByTestId(id);
  const number = async (id) => Number((await at(id).textContent()).match(/-?\d+/)[0]);

  /** Waits until the chip says so. */
  const isStored = (state) => page.locator(`[data-testid=storage][data-state=${state}]`).waitFor();

  /** Stops playing, once the visit has begun. */
  async function pause() {
    await page.locator("[data-testid=storage]:not([data-state=opening])").waitFor();
    if ((await at("btn-play").getAttribute("data-playing")) === "true") await at("btn-play").click();
    await page.locator("[data-testid=btn-play][data-playing=false]").waitFor();
  }

  /** Makes one step, and waits until it is shown. */
  async function step() {
    const before = await at("position").textContent();
    await at("btn-step").click();
    await page.waitForFunction((before) => document.querySelector("[data-testid=position]").textContent !== before, before);
  }

  /** Looks until what is seen is as wanted: what is stored or asked for is drawn a moment later. */
  async function sees(look, wanted) {
    let seen = await look();
    for (let frames = 0; frames < 600 && !isDeepStrictEqual(seen, wanted); frames++) {
      await page.evaluate(() => new Promise(requestAnimationFrame));
      seen = await look();
    }
    assert.deepEqual(seen, wanted);
  }

  /** Types lines into the terminal; each moves the run on before the next is typed. */
  async function type(...lines) {
    await at("drawer-terminal").click();
    for (const line of lines) {
      const before = await at("position").textContent();
      await at("terminal-input").fill(line);
      await at("terminal-input").press("Enter");
      await page.waitForFunction((before) => document.querySelector("[data-testid=position]").textContent !== before, before);
    }
  }

  /** What the terminal answers to a question. */
  async function ask(line) {
    await at("drawer-terminal").click();
    await at("terminal-input").press("Control+l");
    await at("terminal-input").fill(line);
    await at("terminal-input").press("Enter");
    await page.locator(".terminal-entry").nth(1).waitFor();
    return at("terminal-output").innerText();
  }

  /** The moment: where it is in the run, what the stage shows, and every batch of a log with its checksum. */
  async function moment() {
    // A notice takes room from the stage.
    for (let open = await at("notice-close").count(); open > 0; open--) await at("notice-close").first().click();
    const log = await ask("show log broker-1 orders-0");
    const disk = await ask("ls broker-1 orders-0");
    const events = await ask("show events 20");
    return {
      position: await number("position"),
      clock: await at("clock").textContent(),
      stage: await at("stage").evaluate((stage) => stage.textContent),
      log,
      disk,
      events,
    };
  }

  /** The records that the stage shows as being on a broker's disk. */
  const onDisk = (broker) =>
    page.evaluate(
      (prefix) =>
        [...document.querySelectorAll(`[data-testid^="${prefix}"]:not(.is-dirty)`)]
          .map((cell) => Number(cell.dataset.testid.slice(prefix.length)))
          .sort((a, b) => a - b),
      `record-${broker}-orders-0-`,
    );

  /** Takes the link from the share button, as it would be pasted elsewhere. */
  async function share() {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.evaluate(() => navigator.clipboard.writeText(""));
    await at("share").click();
    await page.waitForFunction(async () => (await navigator.clipboard.readText()) !== "");
    return page.evaluate(() => navigator.clipboard.readText());
  }

  /** Closes the page, but not the tab: where it stands then, the same database can be looked at. */
  async function leave() {
    await page.route("**/elsewhere", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
    await page.goto(`${await pageUrl()}elsewhere`);
  }

  async function comeBack(hash) {
    await page.goto(await pageUrl(hash));
    await page.locator("[data-testid=storage]:not([data-state=opening])").waitFor();
  }

  const notices = at("notice");
  return { at, number, isStored, pause, step, sees, type, ask, moment, onDisk, share, leave, comeBack, notices, says: (text) => notices.getByText(text).waitFor() };
}

/** Leaves a session in the database and closes the page. Returns what is stored of it. */
export async function leaveSession({ page, isStored, pause, type, leave }) {
  await isStored("writing");
  await pause();
  await type("run 1s", "produce orders key=k value=precious count=2", "run 3s");
  await allIsStored(page);
  await leave();
  return contents(page);
}

/** The page can be used: a record is sent, replicated, committed. */
export async function works({ at, number, pause, type }) {
  await pause();
  const before = await number("hw-broker-1-orders-0");
  await type("produce orders key=k value=works", `run until high-watermark orders-0 >= ${before + 1}`, "run 100ms");
  assert((await number("hw-broker-1-orders-0")) > before);
  assert.equal(await at("violation").count(), 0);
}
