// Storage that fails: none, forbidden, silent, full, damaged, newer, taken away. The cluster goes on in memory, one
// message says what is the case, and what was stored before is there for the next visit.

import assert from "node:assert/strict";
import test from "node:test";
import { allIsStored, contents, session, spoil, storedPosition } from "./database.mjs";
import { person } from "./person.mjs";
import { openPage, pageUrl } from "./support.mjs";

async function visit(t, options) {
  const app = await openPage(t, { reducedMotion: true, ...options });
  return { ...app, ...person(app.page) };
}

/** Leaves a session in the database and closes the page. Returns what is stored of it. */
async function leaveSession({ page, isStored, pause, type, leave }) {
  await isStored("writing");
  await pause();
  await type("run 1s", "produce orders key=k value=precious count=2", "run 3s");
  await allIsStored(page);
  await leave();
  return contents(page);
}

/** The page can be used: a record is sent, replicated, committed. */
async function works({ at, number, pause, type }) {
  await pause();
  const before = await number("hw-broker-1-orders-0");
  await type("produce orders key=k value=works", `run until high-watermark orders-0 >= ${before + 1}`, "run 100ms");
  assert((await number("hw-broker-1-orders-0")) > before);
  assert.equal(await at("violation").count(), 0);
}

const UNAVAILABLE = [
  { why: "there is no IndexedDB", break: () => delete window.indexedDB },
  {
    why: "opening it throws, as in a private window",
    break: () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException("The operation is insecure.", "SecurityError");
      };
    },
  },
  {
    why: "opening it fails, as in a private window",
    break: () => {
      const { open } = IDBFactory.prototype;
      IDBFactory.prototype.open = function () {
        const request = open.call(this, "forbidden", 1);
        request.addEventListener("upgradeneeded", (event) => {
          event.stopImmediatePropagation();
          request.transaction.abort();
        });
        return request;
      };
    },
  },
];
for (const { why, break: breakIt } of UNAVAILABLE) {
  for (const lang of ["ko", "en"]) {
    test(`${why}: one message, and the page works (${lang})`, async (t) => {
      const visitor = await visit(t, { lang });
      await visitor.page.addInitScript(breakIt);
      await visitor.page.reload();
      await visitor.isStored("memory-only");
      await visitor.says(lang === "ko" ? "IndexedDB를 쓸 수 없어" : "IndexedDB cannot be used");
      assert.equal(await visitor.notices.count(), 1);
      await works(visitor);
      await visitor.at("storage").click();
      const dialog = visitor.at("storage-dialog");
      await dialog.getByText(lang === "ko" ? "IndexedDB를 쓸 수 없어" : "IndexedDB cannot be used").waitFor();
      assert.equal(await dialog.locator(".storage-actions button").count(), 0);
      assert.deepEqual(await visitor.accessibility(), []);
    });
  }
}

test("no Web Locks: nothing is stored, for two tabs could overwrite each other", async (t) => {
  const visitor = await visit(t);
  const stored = await leaveSession(visitor);
  await visitor.page.addInitScript(() => delete Navigator.prototype.locks);
  await visitor.comeBack();
  await visitor.isStored("memory-only");
  await visitor.says("no Web Locks");
  await works(visitor);
  await visitor.leave();
  assert.deepEqual(await contents(visitor.page), stored);
});

test("the database never answers: the page does not wait for it, and trying again finds what is stored", async (t) => {
  const visitor = await visit(t);
  const { page, at, isStored, says, type } = visitor;
  await leaveSession(visitor);
  // The first three answers never come.
  await page.addInitScript(() => {
    const { open } = IDBFactory.prototype;
    let silent = 2;
    IDBFactory.prototype.open = function (...given) {
      const request = open.apply(this, given);
      if (silent-- > 0) {
        for (const name of ["onsuccess", "onupgradeneeded", "onerror"]) Object.defineProperty(request, name, { set() {} });
        request.addEventListener("success", () => request.result.close());
      }
      return request;
    };
  });
  await page.goto(await pageUrl());
  await isStored("opening");
  await type("produce orders value=meanwhile");
  await isStored("memory-only");
  await says("The database does not answer");
  assert.equal(await visitor.notices.count(), 1);
  await works(visitor);

  await at("notice-action").getByText("Try to store again").click();
  await says("The database does not answer");
  await at("notice-action").getByText("Try to store again").click();
  await at("found-lead").waitFor();
  await at("found-reopen").click();
  await isStored("writing");
  assert.match(await visitor.ask("show log broker-1 orders-0"), /precious/);
});
