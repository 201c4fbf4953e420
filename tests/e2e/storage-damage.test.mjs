// What is stored, spoilt: the page says what is damaged, uses what is not, and leaves everything as it was until the
// person says otherwise.

import assert from "node:assert/strict";
import test from "node:test";
import { allIsStored, session, spoil } from "./database.mjs";
import { leaveSession, visit, works } from "./person.mjs";

const lastExtent = (stored) => Number(Object.keys(stored.extents).at(-1));
const UNUSABLE = [
  { what: "a flipped bit in the root", spoilIt: (page) => spoil(page, "root", "root", { flip: 40 }), says: "is damaged" },
  { what: "a root that is a text", spoilIt: (page) => spoil(page, "root", "root", { value: "root" }), says: "is damaged" },
  { what: "a root that is nothing", spoilIt: (page) => spoil(page, "root", "root", { value: null }), says: "is damaged" },
  { what: "a root of a newer page", spoilIt: (page) => spoil(page, "root", "root", { set: [2, 9] }), says: "a newer Kafkascope", newer: true },
  {
    what: "disks and journal both",
    spoilIt: async (page, stored) => {
      await spoil(page, "extents", lastExtent(stored), { flip: -1 });
      await spoil(page, "journal", 0, { remove: true });
    },
    says: "is damaged",
  },
];
for (const { what, spoilIt, says, newer } of UNUSABLE) {
  test(`spoilt: ${what}: said, untouched, and a new cluster runs`, async (t) => {
    const visitor = await visit(t);
    const { page, at, isStored, leave, comeBack } = visitor;
    await spoilIt(page, await leaveSession(visitor));
    const spoilt = await session(page);
    await comeBack();
    await isStored("memory-only");
    await visitor.says(says);
    assert.equal(await visitor.notices.count(), 1);
    await works(visitor);
    await leave();
    assert.deepEqual(await session(page), spoilt);

    await comeBack();
    await visitor.says(says);
    const anew = at("notice-action").getByText("Delete it and start anew");
    if (newer) return assert.equal(await anew.count(), 0);
    await anew.click();
    await isStored("writing");
    assert.equal(await visitor.notices.count(), 0, "there is nothing to say any more");
    await works(visitor);
    await allIsStored(page);
    await page.reload();
    await at("found-verdict").waitFor();
  });
}

for (const [what, how] of [["a flipped bit", { flip: 0 }], ["another type", { value: { no: "bytes" } }], ["nothing", { remove: true }]]) {
  test(`spoilt: ${what} in the place of a part of the disks: the journal makes the run again`, async (t) => {
    const visitor = await visit(t);
    const { page, at, isStored, leave, comeBack } = visitor;
    await spoil(page, "extents", lastExtent(await leaveSession(visitor)), how);
    const spoilt = await session(page);
    await comeBack();
    await at("found-lead").getByText("disks cannot be read").waitFor();
    assert.equal(await at("found-go-on").count(), 0);
    assert.deepEqual(await visitor.accessibility(), []);
    // Closed without a choice: nothing is touched.
    await page.keyboard.press("Escape");
    await isStored("memory-only");
    await visitor.says("is damaged");
    await works(visitor);
    await leave();
    assert.deepEqual(await session(page), spoilt);

    await comeBack();
    await at("found-reopen").click();
    await isStored("writing");
    assert.match(await visitor.ask("show log broker-1 orders-0"), /value=precious/);
    await visitor.type("run 1s");
    await allIsStored(page);
    await page.reload();
    await at("found-verdict").waitFor();
  });

  test(`spoilt: ${what} in the place of the journal: the disks are there, the timeline is not`, async (t) => {
    const visitor = await visit(t);
    const { page, at, isStored, pause, type } = visitor;
    await leaveSession(visitor);
    await spoil(page, "journal", 0, how);
    const spoilt = await session(page);
    await visitor.comeBack();
    await at("found").getByText("The former timeline cannot be reopened").waitFor();
    assert.equal(await at("found-reopen").count(), 0);
    assert.deepEqual(await session(page), spoilt, "untouched until there is a choice");
    await at("found-go-on").click();
    await isStored("writing");
    await pause();
    await type("run 10s");
    assert.match(await visitor.ask("show log broker-1 orders-0"), /value=precious/);
    await at("share").click();
    await visitor.says("there can be no link to it");
    await allIsStored(page);
    await page.reload();
    await at("found").getByText("there is no journal of it").waitFor();
  });
}
