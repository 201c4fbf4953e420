// The panels below and beside the stage: event list, terminal, produce form, chart, and the two dialogs.

import assert from "node:assert/strict";
import test from "node:test";
import { openPage } from "./support.mjs";

/** Opens a page that stands still at the end of the run, with one tab of the drawer open. */
async function openDrawer(t, tab, options) {
  const app = await openPage(t, options);
  const { page } = app;
  const id = (testid) => page.getByTestId(testid);
  await id(`drawer-${tab}`).click();
  const position = () => id("position").textContent();
  return {
    ...app,
    id,
    position,
    rows: page.locator("[data-testid=narration-list] > li"),
    focus: () => page.evaluate(() => document.activeElement.dataset.testid ?? ""),
    /** Waits until what `look` finds in the page satisfies `wanted`, and returns it. */
    see: async (look, wanted) => {
      for (;;) {
        const seen = await look();
        if (wanted(seen)) return seen;
        await page.evaluate(() => new Promise(requestAnimationFrame));
      }
    },
    /** Types lines into the terminal, one after the other. */
    type: async (...lines) => {
      await id("drawer-terminal").click();
      for (const line of lines) {
        await id("terminal-input").fill(line);
        await id("terminal-input").press("Enter");
      }
      await id(`drawer-${tab}`).click();
    },
  };
}

test("the event list tells what matters, everything on request, and goes back to any of it", async (t) => {
  const { page, id, rows, see, type, position, focus } = await openDrawer(t, "narration");
  await type("run until quiet", "produce orders key=k value=v", "run until quiet");
  const told = await see(() => rows.allInnerTexts(), (texts) => texts.some((text) => text.includes("produce orders key=k")));
  assert(!told.some((text) => text.includes("BrokerHeartbeat")), "no routine");
  assert(told.at(-1).includes("high watermark") || told.length > 5);

  await id("narration-all").check();
  await see(() => rows.allInnerTexts(), (texts) => texts.some((text) => text.includes("Fetch")));
  await id("narration-all").uncheck();

  const command = rows.filter({ hasText: "produce orders key=k" });
  await command.getByRole("button").first().click();
  assert.match(await command.getAttribute("class"), /is-selected/);
  const before = await position();
  await command.getByRole("button", { name: "Go there" }).click();
  await see(position, (now) => Number(now) < Number(before));
  const last = await see(() => rows.last().innerText(), (text) => text.includes("produce orders key=k"));
  assert(last, "nothing of what came later is told");

  await command.getByRole("button").first().press("ArrowUp");
  assert.equal(await page.evaluate(() => document.activeElement.className), "event-line");
  assert.equal(await focus(), "");

  await id("lang-ko").click();
  await see(() => rows.last().innerText(), (text) => text.includes("명령: produce orders key=k"));
});

test("the live region tells landmarks only", async (t) => {
  const { id, see, type } = await openDrawer(t, "narration");
  await type("run until quiet", "crash broker-3");
  const told = await see(() => id("narration-live").textContent(), (text) => text.includes("broker-3"));
  assert(!told.includes("received"), "no message is read out");
});

test("the terminal completes, remembers, takes a pasted script, and shows text as text", async (t) => {
  const { page, id, see, focus } = await openDrawer(t, "terminal");
  const input = id("terminal-input");
  const typed = () => input.inputValue();
  await input.fill("kafka-to");
  await input.press("Tab");
  assert.equal(await typed(), "kafka-topics.sh ");
  await input.press("Tab");
  assert.match(await id("terminal-candidates").innerText(), /--create\s+--alter\s+--delete\s+--describe\s+--list/);
  await id("terminal-candidates").getByText("--list").click();
  assert.equal(await typed(), "kafka-topics.sh --list ");
  await input.press("Enter");
  await see(() => id("terminal-output").innerText(), (text) => text.includes("orders"));

  await input.fill("not yet");
  await input.press("ArrowUp");
  assert.equal(await typed(), "kafka-topics.sh --list");
  await input.press("ArrowDown");
  assert.equal(await typed(), "not yet");

  await input.fill("show brokers\nproduce orders value=\"<img src=x onerror=alert(1)>\"\nrest");
  assert.equal(await typed(), "rest");
  await see(() => id("terminal-output").innerText(), (text) => text.includes("<img src=x onerror=alert(1)>"));
  assert.equal(await page.locator("img").count(), 0);

  await input.fill("producee orders");
  await input.press("Enter");
  await see(() => page.locator(".terminal-entry.is-error").last().innerText(), (text) => text.includes("produce"));
  await id("lang-ko").click();
  await input.fill("crash broker-77");
  await input.press("Enter");
  await see(() => page.locator(".terminal-entry.is-error").last().innerText(), (text) => text.includes("broker-77은 이 클러스터에 없습니다"));

  await input.press("Control+l");
  assert.equal(await page.locator(".terminal-entry").count(), 0);
  await input.fill("show ");
  await input.press("Escape");
  await input.press("Tab");
  assert.notEqual(await focus(), "terminal-input", "after Escape, Tab leaves");
});

test("keys that compose a syllable are not commands", async (t) => {
  const { page, id } = await openDrawer(t, "terminal");
  await id("terminal-input").fill("주문");
  await id("terminal-input").evaluate((input) =>
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true })),
  );
  assert.equal(await id("terminal-input").inputValue(), "주문");
  assert.equal(await page.locator(".terminal-entry.is-typed").count(), 0);
});

test("the form shows the line it gives, gives it, and says what is wrong", async (t) => {
  const { page, id, see } = await openDrawer(t, "terminal");
  await id("produce-topic").selectOption("orders");
  await id("produce-key").fill("Kim Minji");
  await id("produce-value").fill("라떼");
  await id("produce-acks").selectOption("1");
  const line = 'produce orders key="Kim Minji" value=라떼 acks=1';
  assert.equal(await id("produce-line").innerText(), line);
  await id("produce-send").click();
  await see(() => page.locator(".terminal-entry.is-echo").allInnerTexts(), (lines) => lines.some((text) => text.includes(line)));

  await id("produce-more").locator("summary").click();
  await id("produce-count").fill("0");
  assert.match(await id("produce-mistake").innerText(), /whole number from 1 to 10,000/);
  await id("produce-count").fill("2");
  await id("produce-producer").fill("broker-9");
  await id("produce-send").click();
  await see(() => id("produce-outcome").innerText(), (text) => text.includes("cannot be a client's name"));

  await id("consume-start").click();
  await page.getByTestId("client-consumer-1").waitFor();
  assert.match(await id("consume-line").innerText(), /consumer=consumer-2/);
});

test("the chart draws, says its values in words, and a click goes there", async (t) => {
  const { page, id, see, type, position } = await openDrawer(t, "chart");
  await type("run until quiet", "produce orders value=v count=3", "run until quiet");
  const readings = () => id("chart-readings").innerText();
  const values = await see(readings, (text) => /HW \(high watermark\)\s+(\d+)\s+LEO \(log end offset\)\s+\1/.test(text));
  assert(values);
  for (const line of ["chart-hw", "chart-leo", "chart-cursor"]) {
    assert(await page.locator(`[data-testid=chart-picture] polyline.${line}`).count(), line);
  }
  const before = await position();
  const { width, height } = await id("chart-picture").boundingBox();
  await id("chart-picture").click({ position: { x: width / 3, y: height / 2 } });
  await see(position, (now) => Number(now) < Number(before));
  await see(readings, (text) => text !== values);
});

for (const [button, dialog, part] of [["open-about", "about", "about-version"], ["open-help", "help", "help-commands"]]) {
  for (const lang of ["ko", "en"]) {
    test(`the ${dialog} dialog opens by keyboard, keeps the focus, and gives it back (${lang})`, async (t) => {
      const { page, id, focus, accessibility, screenshot } = await openDrawer(t, "narration", { lang, reducedMotion: true });
      await id(button).focus();
      await page.keyboard.press("Enter");
      await id(part).waitFor();
      assert.equal(await focus(), `${dialog}-close`);
      assert.deepEqual(await accessibility(), []);
      await screenshot(`${dialog}-${lang}`);
      await page.keyboard.press("Escape");
      await id(part).waitFor({ state: "detached" });
      assert.equal(await focus(), button);
      await id(button).click();
      await page.mouse.click(4, 400);
      await id(part).waitFor({ state: "detached" });
    });
  }
}
