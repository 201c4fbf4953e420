// Storage that fails: none, forbidden, silent, taken away. The cluster goes on in memory, one message says what is the
// case, and what was stored before is there for the next visit.

import assert from "node:assert/strict";
import test from "node:test";
import { allIsStored, contents } from "./database.mjs";
import { leaveSession, person, visit, works } from "./person.mjs";
import { pageUrl } from "./support.mjs";

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

// The database taken away while the page writes to it.

/** Deletes the database, as another page could; it resolves only when no connection stands in the way. */
const deleteDatabase = (page) =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase("kafkascope");
        request.onsuccess = () => resolve();
        request.onerror = () => reject(request.error);
      }),
  );

const TAKEN_AWAY = {
  "deleted by another page": async ({ page }) => {
    const elsewhere = await page.context().newPage();
    await person(elsewhere).leave();
    await deleteDatabase(elsewhere);
    await elsewhere.close();
  },
  "cleared with the site's data": async ({ page }) => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Storage.clearDataForOrigin", { origin: new URL(page.url()).origin, storageTypes: "indexeddb" });
  },
};
for (const [how, takeAway] of Object.entries(TAKEN_AWAY)) {
  test(`the database is ${how}: the page says so at once, and stores again when asked to`, async (t) => {
    const visitor = await visit(t);
    const { page, at, isStored, says, pause, type, moment } = visitor;
    await isStored("writing");
    await pause();
    await type("run 1s", "produce orders key=k value=mine", "run 3s");
    await allIsStored(page);
    await takeAway(visitor);
    await isStored("memory-only");
    await says("has been deleted from outside");
    assert.equal(await visitor.notices.count(), 1);
    await works(visitor);
    const { root } = await contents(page);
    assert.deepEqual(root, {}, "nothing is written behind the person's back");

    await at("notice-action").getByText("Try to store again").click();
    await isStored("writing");
    assert.equal(await visitor.notices.count(), 0);
    await type("produce orders key=k value=again", "run 3s");
    await allIsStored(page);
    const before = await moment();
    await page.reload();
    await at("found-reopen").click();
    await isStored("writing");
    assert.deepEqual(await moment(), before);
  });
}

test("a newer page makes a newer database: the older one gives way and leaves it alone", async (t) => {
  const visitor = await visit(t);
  const { page, isStored, says, pause } = visitor;
  await isStored("writing");
  await pause();
  await allIsStored(page);
  const elsewhere = await page.context().newPage();
  await person(elsewhere).leave();
  await elsewhere.evaluate(
    () =>
      new Promise((resolve) => {
        const request = indexedDB.open("kafkascope", 2);
        request.onupgradeneeded = () => request.transaction.objectStore("root").put("newer", "newer");
        request.onsuccess = () => resolve(request.result.close());
      }),
  );
  await isStored("memory-only");
  await says("a newer Kafkascope");
  const stored = await contents(elsewhere);
  await works(visitor);
  assert.deepEqual(await contents(elsewhere), stored);
  await page.reload();
  await says("a newer Kafkascope");
  await works(visitor);
  assert.deepEqual(await contents(elsewhere), stored);
});

test("the browser closes the connection once: the page takes a new one and says nothing", async (t) => {
  const visitor = await visit(t);
  const { page, isStored, pause, type } = visitor;
  await page.addInitScript(() => {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...given) {
      if (window.closeNext) {
        window.closeNext = false;
        this.close();
      }
      return transaction.apply(this, given);
    };
  });
  await isStored("writing");
  await pause();
  await allIsStored(page);
  await visitor.leave();
  await visitor.comeBack();
  await visitor.at("found-start-anew").click();
  await isStored("writing");
  await pause();
  await page.evaluate(() => (window.closeNext = true));
  await type("produce orders key=k value=kept", "run 3s");
  await allIsStored(page);
  await isStored("writing");
  assert.equal(await visitor.notices.count(), 0);
});
