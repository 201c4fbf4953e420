// Consumer groups on the page: members come and go by click, the story of the group says who owned what when and
// why nobody read between, and what is done by click is the line that the terminal takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hashOfJournal } from "./hash.mjs";
import { visit } from "./person.mjs";

const CLUSTER = "cluster brokers=3 seed=5 offsets.topic.num.partitions=1\n";

async function withTopic(t, options) {
  const person = await visit(t, { hash: hashOfJournal(CLUSTER), width: 1440, height: 900, ...options });
  await person.pause();
  await person.type(
    "run until ready",
    "kafka-topics.sh --create --topic orders --partitions 5 --replication-factor 2",
    "run until quiet",
  );
  return person;
}

/** Starts a group of five by click. */
async function five({ at, type }, assignor) {
  await at("new-group").click();
  await at("group-assignor").selectOption(assignor);
  await at("group-run").click();
  await at("group-commands").waitFor({ state: "hidden" });
  for (let n = 0; n < 4; n++) {
    await at("group-billing").dispatchEvent("click");
    await at("action-add-member").click();
  }
  await type("run 12s");
}

/** What is done to a member by click. */
async function act({ at, type }, member, action, ...then) {
  await at(`client-${member}`).click();
  await at(action).click();
  if (await at("actions-close").count()) await at("actions-close").click();
  await type(...then);
}

/** The rebalances of the group, the last first: what set each off, how many partitions stood still, the longest. */
const rebalances = (page) =>
  page.getByTestId("rebalances").locator("tbody tr").evaluateAll((rows) =>
    rows.map((row) => {
      const cells = [...row.cells].map((cell) => cell.textContent.trim());
      return { generation: cells[1], cause: cells[2], protocol: cells[3], stopped: Number(cells[5]), longest: cells[6] };
    }),
  );

const seconds = (text) => (text.endsWith(" ms") ? parseFloat(text) / 1000 : parseFloat(text));

/** Who had a partition, one after the other; "-" where nobody had. */
const owners = (page, partition) =>
  page.locator(`[data-testid=gantt-${partition}] .gantt-bar`).evaluateAll((bars) => bars.map((bar) => bar.dataset.number ?? "-"));

async function openStory({ page, at }) {
  await at("group-billing").dispatchEvent("click");
  await at("open-story").click();
  await at("gantt").waitFor();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=gantt] .gantt-bar").length > 4);
}

test("a group of five loses and gains members by click, and its story says who owned what when, and why nobody did", async (t) => {
  const person = await withTopic(t);
  const { page, at, accessibility, screenshot } = person;
  await at("new-group").click();
  assert.equal(await at("group-line").textContent(), "consume orders group=billing auto.offset.reset=earliest");
  assert.deepEqual(await accessibility(), []);
  await screenshot("group-form");
  await page.keyboard.press("Escape");

  await five(person, "range");
  for (let n = 1; n <= 5; n++) {
    const label = await at(`client-consumer-${n}`).getAttribute("aria-label");
    assert.match(label, new RegExp(`member ${n} of group billing, orders-${n - 1} @ 0`));
  }
  assert.match(await at("group-billing").getAttribute("aria-label"), /Stable, generation 1, range, coordinated by broker-\d/);
  assert.deepEqual(await accessibility(), []);
  await screenshot("group-of-five");

  await act(person, "consumer-3", "action-close-client", "run 10s");
  await act(person, "consumer-1", "action-kill-client", "run 60s");
  await at("group-billing").dispatchEvent("click");
  await at("action-add-member").click();
  await person.type("run 10s");

  await openStory(person);
  const [joined, died, left, first] = await rebalances(page);
  assert.match(first.cause, /consumer-[1-5] joined/);
  assert.match(left.cause, /consumer-3 left \(LeaveGroup\)/);
  assert.match(died.cause, /no heartbeat of consumer-1 for session.timeout.ms/);
  assert.match(joined.cause, /consumer-6 joined/);
  assert.deepEqual([first, left, died, joined].map((rebalance) => rebalance.stopped), [5, 5, 5, 5]);
  assert(seconds(left.longest) < 4, left.longest);
  assert(seconds(died.longest) > 42, died.longest);
  assert.deepEqual((await owners(page, "orders-0")).slice(0, 4), ["-", "1", "-", "1"]);
  const still = page.locator("[data-testid=gantt-orders-0] .gantt-bar.is-still").nth(2);
  assert.match(await still.getAttribute("aria-label"), /its owner consumer-1 died, and the coordinator knows only when session.timeout.ms is over/);
  assert.deepEqual(await accessibility(), []);
  await still.focus();
  assert.match(await at("gantt-detail").textContent(), /orders-0 stood still .*consumer-1 died/);
  await screenshot("group-story");

  await at("protocol-1").click();
  await at("sequence").waitFor();
  const said = await at("sequence").innerText();
  for (const words of ["PreparingRebalance", "LeaveGroup", "Heartbeat: REBALANCE_IN_PROGRESS", "JoinGroup: generation 2, leader", "divides by range", "Stable"]) {
    assert(said.includes(words), `${words} is said in: ${said}`);
  }
  assert.deepEqual(await accessibility(), []);
  await screenshot("group-protocol");
  // Going back in time takes the story back, too.
  await page.locator("[data-testid=sequence] .sequence-row").first().click();
  await at("section-story").click();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=rebalances] tbody tr").length <= 2);
});

test("cooperative members stop only what moves, eager ones everything", async (t) => {
  const stopped = [];
  for (const assignor of ["roundrobin", "cooperative-sticky"]) {
    const person = await withTopic(t);
    await five(person, assignor);
    await act(person, "consumer-5", "action-close-client", "run 12s");
    await openStory(person);
    const all = await rebalances(person.page);
    const since = all.filter((rebalance) => Number(rebalance.generation) > 1 && !/consumer-[1-5] joined$/.test(rebalance.cause));
    stopped.push(since.reduce((sum, rebalance) => sum + rebalance.stopped, 0));
    assert.match(all[0].protocol, assignor === "roundrobin" ? /eager/ : /cooperative/);
    await person.close();
  }
  assert.deepEqual(stopped, [5, 1]);
});

test("who is slow holds up the others, and where a group is to go on is shown before it goes", async (t) => {
  const person = await withTopic(t, { lang: "ko", theme: "dark" });
  const { page, at, type, ask, accessibility, screenshot } = person;
  await five(person, "range");
  await act(person, "consumer-2", "action-slow", "produce orders value=x count=6 partition=1", "run 1s");
  await at("group-billing").dispatchEvent("click");
  await at("action-add-member").click();
  await type("run 4s");
  await page.waitForFunction(() => /consumer-2/.test(document.querySelector("[data-testid=why-owner-orders-0] li")?.textContent));
  assert.match(await at("why-owner-orders-0").textContent(), /orders-0은 서 있습니다.*consumer-2: 애플리케이션이 레코드 \d개를 처리하고 있습니다/s);
  assert.match(await at("why-coordinator").textContent(), /abs\("billing"\.hashCode\(\)\) mod 1 = abs\(-?\d+\) mod 1 = 0/);
  assert.deepEqual(await accessibility(), []);
  await screenshot("group-inspector-ko-dark");
  await type("run 30s");

  await at("open-reset-offsets").click();
  assert.match(await at("dry-run-refusal").textContent(), /멤버/);
  await page.keyboard.press("Escape");
  await type(...[1, 2, 3, 4, 5, 6].map((n) => `close consumer-${n}`), "run 5s");
  await at("group-billing").dispatchEvent("click");
  await at("open-reset-offsets").click();
  assert.deepEqual(await at("dry-run").locator("tbody td").allTextContents(), ["0", "0", "0", "0", "0"]);
  await at("group-to").selectOption("--to-offset");
  await at("group-offset").fill("2");
  assert.deepEqual(await at("dry-run").locator("tbody td").allTextContents(), ["0", "2", "0", "0", "0"]);
  assert.match(await at("group-line").textContent(), /--reset-offsets --group billing --topic orders --to-offset=2 --execute/);
  assert.deepEqual(await accessibility(), []);
  await screenshot("group-reset-ko-dark");
  await at("group-run").click();
  await at("group-commands").waitFor({ state: "hidden" });
  await type("run 1s");
  assert.match(await ask("kafka-consumer-groups.sh --describe --group billing"), /orders +1 +2 +6 +4/);

  if (await at("actions-close").count()) await at("actions-close").click();
  await page.setViewportSize({ width: 390, height: 844 });
  await at("tab-stage").click();
  await at("group-billing").dispatchEvent("click");
  await screenshot("group-phone");
  await at("tab-inspector").click();
  await at("open-story").click();
  await at("gantt").waitFor();
  assert.deepEqual(await accessibility(), []);
  await screenshot("group-story-phone");
});
