// What is stored outlives the page: a reload, a killed browser, another tab. The next visit says what survived and what
// the power loss took, goes on from the disks, or opens the former timeline exactly.

import assert from "node:assert/strict";
import { mkdtemp, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { allIsStored, session } from "./database.mjs";
import { person, visit } from "./person.mjs";

/** Two records that reach every disk, then two that do not, all of them acknowledged. */
async function produceFour({ type, pause, isStored }) {
  await isStored("writing");
  await pause();
  await type("run 1s", "produce orders key=k value=flushed count=2 acks=all", "run 3s");
  await type("produce orders key=k value=cached count=2 acks=all", "run until high-watermark orders-0 >= 8", "run 30ms");
}

for (const lang of ["ko", "en"]) {
  test(`a reload cuts the power: what was flushed is there, the rest is gone, and the page says so (${lang})`, async (t) => {
    const visitor = await visit(t, { lang });
    const { page, at, number, isStored, onDisk, sees, ask, accessibility, screenshot } = visitor;
    await produceFour(visitor);
    // Of the six that are shown.
    await sees(() => onDisk("broker-1"), [2, 3, 4, 5]);
    assert.equal(await number("hw-broker-1-orders-0"), 8);
    await allIsStored(page);
    await page.reload();

    await at("found-verdict").waitFor();
    assert.equal(await at("storage").getAttribute("data-state"), "undecided");
    assert.deepEqual(await at("found-verdict").evaluate(({ dataset }) => [dataset.promised, dataset.lost]), ["9", "2"]);
    const said = await at("found-verdict").textContent();
    assert.match(said, lang === "ko" ? /9개 가운데 2개를 잃었습니다/ : /Of 9 records acknowledged with acks=all, 2 are lost/);
    assert.match(await at("found-orders-0").textContent(), lang === "ko" ? /8개 중 6개 남음/ : /6 of 8 kept/);
    assert.deepEqual(await accessibility(), []);
    await screenshot(`found-${lang}`);

    await at("found-go-on").click();
    await isStored("writing");
    await visitor.pause();
    await visitor.type("run 10s");
    const log = await ask("show log broker-1 orders-0");
    assert.match(log, /LEO 6/);
    assert.equal(log.match(/value=flushed/g).length, 2);
    assert.doesNotMatch(log, /cached/);
  });
}

test("the former timeline is reopened exactly, and goes on as if nothing had been", async (t) => {
  const visitor = await visit(t);
  const { page, at, isStored, moment, share, type } = visitor;
  await produceFour(visitor);
  const [before, link] = [await moment(), await share()];
  await allIsStored(page);
  await page.reload();
  await at("found-reopen").click();
  await isStored("writing");
  assert.deepEqual(await moment(), before);
  assert.equal(await share(), link, "the same inputs, the same virtual time, the same number of events");

  // The run that is reopened is stored like any other.
  await type("run 3s");
  await allIsStored(page);
  const later = await moment();
  await page.reload();
  await at("found-reopen").click();
  await isStored("writing");
  assert.deepEqual(await moment(), later);
});

test("a run that went through a power loss is reopened with all that came before", async (t) => {
  const visitor = await visit(t);
  const { page, at, isStored, moment, share, type, pause } = visitor;
  await produceFour(visitor);
  await allIsStored(page);
  for (const value of ["second", "third"]) {
    await page.reload();
    await at("found-go-on").click();
    await isStored("writing");
    await pause();
    await type("run 10s", `produce orders value=${value}`, "run 3s");
  }
  const [before, link] = [await moment(), await share()];
  assert.match(before.log, /value=second[^]*value=third/);
  await allIsStored(page);
  await page.reload();
  await at("found-reopen").click();
  await isStored("writing");
  assert.deepEqual(await moment(), before);
  assert.equal(await share(), link);
});

test("looking back, forking and another scenario are stored as they are seen", async (t) => {
  const visitor = await visit(t);
  const { page, at, isStored, moment, type } = visitor;
  await produceFour(visitor);
  for (let steps = 0; steps < 20; steps++) await at("btn-step-back").click();
  await type("crash broker-3", "run 1s");
  await allIsStored(page);
  const forked = await moment();
  await page.reload();
  await at("found-reopen").click();
  await isStored("writing");
  assert.deepEqual(await moment(), forked);

  await at("scenario").selectOption("leader-crash");
  await visitor.pause();
  await type("run 1s");
  await allIsStored(page);
  const other = await moment();
  await page.reload();
  await at("found-reopen").click();
  await isStored("writing");
  assert.deepEqual(await moment(), other);
});

test("closing the dialog goes on from the disks; starting anew deletes what is stored", async (t) => {
  const visitor = await visit(t);
  const { page, at, isStored, pause, type, ask } = visitor;
  await produceFour(visitor);
  await page.reload();
  await at("found-lead").waitFor();
  await page.keyboard.press("Escape");
  await isStored("writing");
  await pause();
  await type("run 10s");
  assert.match(await ask("show log broker-1 orders-0"), /LEO 6/);

  await page.reload();
  await at("found-start-anew").click();
  await isStored("writing");
  await pause();
  await allIsStored(page);
  assert.doesNotMatch(await ask("show log broker-1 orders-0"), /flushed/);
  assert.equal(await at("scenario").inputValue(), "first-steps");
});

test("the browser is killed while the run plays: what it showed as being on disk is there", async (t) => {
  const profileDir = await mkdtemp(join(tmpdir(), "kafkascope-"));
  t.after(() => rm(profileDir, { recursive: true, force: true, maxRetries: 5 }));
  const first = await visit(t, { profileDir });
  await first.isStored("writing");
  await first.at("speed").selectOption("800");
  const send = async (value) => {
    await first.at("produce-value").fill(value);
    await first.at("produce-send").click();
  };
  for (const value of ["one", "two", "three"]) await send(value);
  // Time plays on, and the page shows each write-back when it is stored.
  await first.page.locator("[data-testid=record-broker-1-orders-0-6]:not(.is-dirty)").waitFor();
  await send("four");
  const shown = await first.onDisk("broker-1");
  // Chromium keeps its process id in the profile that it has locked.
  const pid = Number((await readlink(join(profileDir, "SingletonLock"))).match(/\d+$/)[0]);
  const gone = new Promise((resolve) => first.context.on("close", resolve));
  process.kill(pid, "SIGKILL");
  await gone;

  const second = await visit(t, { profileDir });
  await second.at("found-verdict").waitFor();
  const fate = await second.at("found-verdict").evaluate(({ dataset }) => dataset);
  assert(Number(fate.promised) > 0, "acknowledged before, and said so");
  await second.at("found-reopen").click();
  await second.isStored("writing");
  await second.page.locator("[data-testid=record-broker-1-orders-0-6]:not(.is-dirty)").waitFor();
  const reopened = await second.onDisk("broker-1");
  assert(reopened.at(-1) >= shown.at(-1), `shown on disk: ${shown}; after the kill: ${reopened}`);

  await second.page.reload();
  await second.at("found-go-on").click();
  await second.isStored("writing");
  await second.pause();
  await second.type("run 10s");
  assert.match(await second.ask("show log broker-1 orders-0"), new RegExp(`offset ${shown.at(-1)} `));
});

test("a second tab is read-only, may take over, and the first one stops writing", async (t) => {
  const { newTab, ...first } = await visit(t);
  await produceFour(first);
  await allIsStored(first.page);
  const page = await newTab();
  const second = person(page);
  await second.isStored("read-only");
  await second.says("Another tab does the storing");
  await second.pause();
  await second.type("produce orders value=unstored", "run 3s");
  await first.type("produce orders key=k value=kept", "run 3s");
  await allIsStored(first.page);
  const mine = await session(page);
  const journal = Object.values(mine.journal).map((chunk) => Buffer.from(chunk, "hex").toString()).join("");
  assert.match(journal, /value=kept/);
  assert.doesNotMatch(journal, /unstored/);

  await page.getByTestId("notice-action").getByText("Take over").click();
  await second.at("found-verdict").waitFor();
  await first.isStored("read-only");
  await first.says("Another tab does the storing");
  await second.at("found-reopen").click();
  await second.isStored("writing");
  assert.match(await second.ask("show log broker-1 orders-0"), /value=kept/);
  await second.type("produce orders key=k value=taken-over", "run 3s");
  await allIsStored(page);
  const before = await session(page);
  await first.type("produce orders value=too-late", "run 3s");
  await first.pause();
  assert.deepEqual(await session(page), before, "the first tab writes nothing any more");

  // And back again, by the chip.
  await first.at("storage").click();
  await first.at("storage-take-over").click();
  await first.at("found-reopen").click();
  await first.isStored("writing");
  await second.isStored("read-only");
  assert.match(await first.ask("show log broker-1 orders-0"), /value=taken-over/);
});

test("the second tab becomes the writer while the first still asks what to do", async (t) => {
  const { newTab, ...first } = await visit(t);
  await produceFour(first);
  await allIsStored(first.page);
  await first.page.reload();
  await first.at("found-lead").waitFor();
  const second = person(await newTab());
  await second.isStored("read-only");
  await second.at("storage").click();
  await second.at("storage-take-over").click();
  await second.at("found-lead").waitFor();
  await first.at("found-lead").waitFor({ state: "detached" });
  await first.isStored("read-only");
  await second.at("found-reopen").click();
  await second.isStored("writing");
  assert.match(await second.ask("show log broker-1 orders-0"), /value=cached/);
});
