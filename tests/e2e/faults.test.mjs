// Everything that can be broken by a click: a link, one message on its way, a broker's disk and its links.

import assert from "node:assert/strict";
import test from "node:test";
import { allIsStored } from "./database.mjs";
import { visit } from "./person.mjs";

const LINK = "link-broker-1-broker-2";

test("a link loses and delays messages by clicks, one on top of the other, and is healed", async (t) => {
  const { page, at, pause, ask, screenshot } = await visit(t);
  await pause();
  const click = async (action) => {
    await at(LINK).click({ force: true });
    await at(action).click();
  };
  await click("action-link-loss");
  await page.locator(`[data-testid=${LINK}][data-bad=true]`).waitFor();
  await click("action-link-delay");
  assert.match(await ask("show brokers"), /bad: broker-1 -> broker-2 delay=200ms loss=30%/);
  await at(LINK).click({ force: true });
  await at("action-heal").waitFor();
  await screenshot("bad-link");
  await at("action-heal").click();
  await page.locator(`[data-testid=${LINK}][data-bad=false]`).waitFor();
});

test("one message on its way is repeated and taken off by clicks", async (t) => {
  const { page, at, pause, step, type, ask, screenshot } = await visit(t);
  await pause();
  await type("run until quiet", "produce orders key=k value=twice partition=0 producer=hand", "step");
  // Whatever is on its way: the first message of the stage.
  for (let steps = 0; (await page.locator(".envelope").count()) === 0; steps++) {
    assert(steps < 20, "something is sent sooner or later");
    await step();
  }
  const envelope = page.locator(".envelope").first();
  const name = await envelope.getAttribute("data-testid");
  await envelope.dispatchEvent("click");
  await at("action-duplicate").waitFor();
  await screenshot("message");
  await at("action-duplicate").click();
  await at(`${name}.1`).waitFor({ state: "attached" });
  await at(`${name}.1`).dispatchEvent("click");
  await at("action-drop").click();
  await at(`${name}.1`).waitFor({ state: "detached" });
  assert.match(await ask("show events 3"), /was taken off the wire/);
});

test("a broker's disk is filled and its links are cut by clicks, and the cabinet says so", async (t) => {
  const { page, at, pause, type, screenshot } = await visit(t);
  await pause();
  const open = async (action) => {
    await at("broker-2").click({ position: { x: 60, y: 18 } });
    await at(action).waitFor();
  };
  await open("action-disk-full");
  await screenshot("broker-menu");
  await at("action-disk-full").click();
  await page.locator(".cabinet-foot.is-ill").first().waitFor({ state: "attached" });
  await type("produce orders key=k value=v", "run 10s");
  await page.locator("[data-testid=broker-2][data-state=is-down]").waitFor();
  await open("action-disk-sound");
  await at("action-disk-sound").click();
  await open("action-start");
  await at("action-start").click();
  await type("run until ready");
  await open("action-isolate");
  await at("action-isolate").click();
  await page.locator("[data-testid=link-broker-2-broker-3][data-cut=both]").waitFor();
  await open("action-heal");
  await at("action-heal").click();
  await page.locator("[data-testid=link-broker-2-broker-3][data-cut=none]").waitFor();
});

test("a broker is added, taken out of the metadata and replaced by clicks, and is there after a reload", async (t) => {
  const { page, at, pause, type, ask, screenshot } = await visit(t);
  await pause();
  await at("add-broker").click();
  await at("broker-4").waitFor();
  await type("run until ready");
  await screenshot("broker-added");
  const open = async (broker, action) => {
    await at(broker).click({ position: { x: 60, y: 18 } });
    await at(action).waitFor();
  };
  await open("broker-4", "action-unregister");
  await screenshot("broker-membership");
  await at("action-unregister").click();
  await page.locator("[data-testid=broker-4][data-state=is-unregistered]").waitFor();
  assert.match(await ask("show brokers"), /broker-4 +running +not registered/);
  await open("broker-4", "action-replace");
  await at("action-replace").click();
  await type("run until ready");
  await page.locator("[data-testid=broker-4][data-state=is-running]").waitFor();
  // Going on from the disks brings it back; the scenario itself knows three.
  await allIsStored(page);
  await page.reload();
  await at("found-go-on").click();
  await at("broker-4").waitFor();
  assert.match(await ask("cat broker-4 meta.properties"), /node\.id=4/);
});
