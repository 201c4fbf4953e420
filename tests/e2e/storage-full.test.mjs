// A full disk: whichever write is the first that finds no room, the page goes on, says so, and what was stored before
// is whole at the next visit.

import assert from "node:assert/strict";
import test from "node:test";
import { allIsStored, contents, session } from "./database.mjs";
import { leaveSession, person, visit, works } from "./person.mjs";

/** From the n-th write on nothing can be written any more, as when the disk is full. */
const FULL = {
  "the write is refused": (n) => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...given) {
      if (--n < 0) throw new DOMException("full", "QuotaExceededError");
      return put.apply(this, given);
    };
  },
  "the transaction is aborted": (n) => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...given) {
      const request = put.apply(this, given);
      if (--n < 0) {
        const { transaction } = this;
        Object.defineProperty(transaction, "error", { value: new DOMException("full", "QuotaExceededError") });
        request.addEventListener("success", () => transaction.abort());
      }
      return request;
    };
  },
};
for (const [how, fill] of Object.entries(FULL)) {
  for (const n of [0, 1, 2, 4]) {
    test(`no room from write ${n} on, ${how}: the page goes on, what was stored stays readable`, async (t) => {
      const visitor = await visit(t);
      const { page, at, isStored, says, leave, comeBack, type, pause } = visitor;
      await leaveSession(visitor);
      const elsewhere = await page.context().newPage();
      await person(elsewhere).leave();
      await page.addInitScript(fill, n);
      await comeBack();
      // The mark of who writes is the first write.
      if (n > 0) {
        await at("found-reopen").click();
        await pause();
        for (let more = 1; (await at("storage").getAttribute("data-state")) === "writing"; more++) {
          await type(`produce orders value=more-${more}`, "run 2s");
        }
      }
      await isStored("memory-only");
      await says("no room left");
      assert.equal(await visitor.notices.count(), 1);
      const stored = await session(elsewhere);
      await works(visitor);
      await leave();
      assert.deepEqual(await session(elsewhere), stored, "untouched since");

      const next = person(elsewhere);
      await next.comeBack();
      await next.at("found-verdict").waitFor();
      await next.at("found-reopen").click();
      await next.isStored("writing");
      assert.match(await next.ask("show log broker-1 orders-0"), /value=precious/);
    });
  }
}

test("room is made: storing goes on when asked to, with all that happened meanwhile", async (t) => {
  const visitor = await visit(t);
  const { page, at, isStored, says, pause, type, moment } = visitor;
  await isStored("writing");
  await pause();
  await allIsStored(page);
  const stored = await contents(page);
  await page.evaluate(() => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...given) {
      if (window.hasRoom) return put.apply(this, given);
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await type("produce orders key=k value=meanwhile", "run 3s");
  await isStored("memory-only");
  await says("no room left");
  await at("storage").click();
  await at("storage-try-again").click();
  await says("no room left");
  assert.deepEqual(await contents(page), stored);

  await page.evaluate(() => (window.hasRoom = true));
  await at("notice-action").getByText("Try to store again").click();
  await isStored("writing");
  assert.equal(await visitor.notices.count(), 0);
  await allIsStored(page);
  const before = await moment();
  assert.match(before.log, /value=meanwhile/);
  await page.reload();
  await at("found-reopen").click();
  await isStored("writing");
  assert.deepEqual(await moment(), before);
});
