// A link leads to the same moment wherever it is opened, and nowhere overwrites what is stored there.

import assert from "node:assert/strict";
import test from "node:test";
import { inflateRawSync } from "node:zlib";
import { allIsStored, contents } from "./database.mjs";
import { hashOfJournal, hashWith } from "./hash.mjs";
import { leaveSession, person, visit } from "./person.mjs";

const hashOf = (link) => new URL(link).hash;
const textOf = (hash) => inflateRawSync(Buffer.from(hash.slice("#v1.".length), "base64url")).toString();

/** Something worth sharing: a leader that died with records on their way. */
async function makeMoment({ isStored, pause, type }) {
  await isStored("writing");
  await pause();
  await type("run 1s", 'produce orders key=민지 value="아이스 라떼" count=3', "run 3s", "crash broker-1", "run 12s", "produce orders value=after", "run 40ms");
}

/** A visitor with a session of their own. */
async function owner(t) {
  const visitor = await visit(t);
  return { ...visitor, stored: await leaveSession(visitor) };
}

test("a link shows the same moment in another browser", async (t) => {
  const first = await visit(t);
  await makeMoment(first);
  const link = await first.share();
  await first.says("copied");
  const shown = await first.moment();

  const second = await visit(t, { hash: hashOf(link) });
  await second.isStored("scratch");
  await second.says("opened from a link");
  assert.equal(await second.notices.count(), 1);
  assert.deepEqual(await second.accessibility(), []);
  assert.deepEqual(await second.moment(), shown);
  assert.equal(await second.share(), link, "the same link leads on from there");
  // The run goes on the same way for both.
  for (const visitor of [first, second]) await visitor.type("run 5s");
  assert.deepEqual(await second.moment(), await first.moment());
});

test("a link to a moment in the past has what came after", async (t) => {
  const first = await visit(t);
  await makeMoment(first);
  const end = await first.moment();
  await first.at("timeline").fill(String(end.position - 30));
  await first.page.waitForFunction((at) => Number(document.querySelector("[data-testid=position]").textContent) === at, end.position - 30);
  const shown = await first.moment();
  const link = await first.share();

  const second = await visit(t, { hash: hashOf(link) });
  await second.isStored("scratch");
  assert.deepEqual(await second.moment(), shown);
  await second.at("btn-end").click();
  await second.page.waitForFunction((at) => Number(document.querySelector("[data-testid=position]").textContent) === at, end.position);
  assert.deepEqual(await second.moment(), end);
});

test("a link to a run that went through a power loss", async (t) => {
  const first = await visit(t);
  await makeMoment(first);
  await allIsStored(first.page);
  await first.page.reload();
  await first.at("found-go-on").click();
  await first.isStored("writing");
  await first.pause();
  await first.type("run 10s", "produce orders value=second-life", "run 1s");
  const shown = await first.moment();
  assert.match(shown.log, /second-life/);
  const second = await visit(t, { hash: hashOf(await first.share()) });
  await second.isStored("scratch");
  assert.deepEqual(await second.moment(), shown);
});

test("without the clipboard the link is in the address bar", async (t) => {
  const visitor = await visit(t);
  const { page, at, isStored, pause, says } = visitor;
  await isStored("writing");
  await pause();
  await page.evaluate(() => {
    Clipboard.prototype.writeText = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
  });
  await at("share").click();
  await says("address bar");
  assert.match(page.url(), /#v1\.[\w-]+$/);
  await isStored("writing");
});

test("a link leaves what is stored alone, until the person stores its run", async (t) => {
  const sender = await visit(t);
  await makeMoment(sender);
  const hash = hashOf(await sender.share());
  const visitor = await owner(t);
  const { page, at, isStored, type, leave, comeBack, stored } = visitor;

  await comeBack(hash);
  await isStored("scratch");
  await type("produce orders value=scratch", "run 3s");
  await leave();
  assert.deepEqual(await contents(page), stored, "not stored");
  await comeBack();
  await at("found-reopen").click();
  await isStored("writing");
  assert.match(await visitor.ask("show log broker-1 orders-0"), /value=precious/);

  await leave();
  await comeBack(hash);
  await isStored("scratch");
  await at("notice-action").getByText("Store this run in its place").click();
  await isStored("writing");
  assert.equal(await visitor.notices.count(), 0);
  assert.doesNotMatch(page.url(), /#/, "the next visit finds what is stored");
  await type("run 1s");
  await allIsStored(page);
  const shown = await visitor.moment();
  await page.reload();
  await at("found-reopen").click();
  await isStored("writing");
  assert.deepEqual(await visitor.moment(), shown);
});

test("a link beside a tab that writes cannot be stored, and says so", async (t) => {
  const visitor = await visit(t);
  await makeMoment(visitor);
  await allIsStored(visitor.page);
  const hash = hashOf(await visitor.share());
  const other = person(await visitor.context.newPage());
  await other.comeBack(hash);
  await other.isStored("scratch");
  await other.at("notice-action").click();
  await other.says("Another tab does the storing");
  await other.isStored("scratch");
  await visitor.isStored("writing");
});

test("a link that is pasted into the address bar of a running page is opened", async (t) => {
  const visitor = await visit(t);
  await makeMoment(visitor);
  const shown = await visitor.moment();
  const hash = hashOf(await visitor.share());
  await visitor.type("run 1s");
  await allIsStored(visitor.page);
  await visitor.page.evaluate((hash) => (location.hash = hash), hash);
  await visitor.isStored("scratch");
  assert.deepEqual(await visitor.moment(), shown);
});

/** A sound link, and what is done to it. */
const BAD_LINKS = [
  { what: "cut in the middle", change: (hash) => hash.slice(0, hash.length / 2), en: "cut off or changed", ko: "잘렸거나 바뀌었습니다" },
  { what: "cut at the front", change: () => "#v1", en: "cut off or changed", ko: "잘렸거나 바뀌었습니다" },
  { what: "cut by one character", change: (hash) => hash.slice(0, -1), en: "cut off or changed", ko: "잘렸거나 바뀌었습니다" },
  {
    what: "with a changed character",
    change: (hash) => hash.replace(/.(?=.{20}$)/, (c) => (c === "A" ? "B" : "A")),
    en: "cut off or changed",
    ko: "잘렸거나 바뀌었습니다",
  },
  { what: "with an altered text", change: (hash) => hashWith(textOf(hash).replace("count=3", "count=4")), en: "cut off or changed", ko: "잘렸거나 바뀌었습니다" },
  { what: "of a newer version", change: (hash) => hash.replace("#v1.", "#v7."), en: "its format (7) is newer", ko: "링크의 형식(7)" },
  { what: "that is too long", change: () => `#v1.${"A".repeat(200_000)}`, en: "more than 64 KiB", ko: "64KiB를 넘습니다" },
  { what: "that unfolds to too much", change: () => hashWith("x".repeat(8 << 20)), en: "unfolds to more than 1024 KiB", ko: "1024KiB를 넘습니다" },
];
test("a link that cannot be opened gets a sentence in both languages, and the visit goes on without it", async (t) => {
  const sender = await visit(t);
  await makeMoment(sender);
  const sound = hashOf(await sender.share());
  const visitor = await owner(t);
  const { page, at, says, leave, comeBack } = visitor;
  for (const { what, change, en, ko } of BAD_LINKS) {
    await t.test(what, async () => {
      await comeBack(change(sound));
      // The visit is that of somebody with a stored session; the sentence is still there when the choice is made.
      await at("found-lead").waitFor();
      await page.keyboard.press("Escape");
      await visitor.isStored("writing");
      await says(en);
      assert.equal(await visitor.notices.count(), 1);
      await at("lang-ko").click();
      await says(ko);
      await at("lang-en").click();
      await visitor.pause();
      await visitor.type("run 10s");
      assert.match(await visitor.ask("show log broker-1 orders-0"), /value=precious/);
      await allIsStored(page);
      await leave();
    });
  }
});

test("the first visit with a bad link is a first visit", async (t) => {
  const visitor = await visit(t, { hash: "#v1.abc" });
  await visitor.isStored("writing");
  await visitor.says("cut off or changed");
  await visitor.page.locator("[data-testid=btn-play][data-playing=true]").waitFor();
});

test("a link whose run takes long is opened only if the person agrees", async (t) => {
  const journal = "cluster brokers=3 seed=42\nstep 200000\n";
  const hash = hashOfJournal(journal, "moment 200000 now=0 events=0");
  const visitor = await owner(t);
  const { page, at, says, comeBack, stored } = visitor;
  await page.goto(`${new URL(page.url()).origin}/${hash}`);
  await says("has 200000 steps and takes a while");
  assert.equal(await at("storage").getAttribute("data-state"), "opening");
  await at("notice-close").click();
  await at("found-lead").waitFor();
  assert.deepEqual((await contents(page)).root.root, stored.root.root);
  await visitor.leave();

  await page.goto(`${new URL(page.url()).origin}/${hash}`);
  await says("has 200000 steps and takes a while");
  await at("notice-action").getByText("Go on").click();
  await visitor.isStored("scratch");
  await says("made by another version");
  assert.equal(await visitor.number("position"), 200000);
});
