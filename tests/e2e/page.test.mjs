// The page itself: languages, themes, keyboard, small screens, accessibility.

import assert from "node:assert/strict";
import test from "node:test";
import { openPage } from "./support.mjs";

/** What axe finds that keeps somebody from using the page. */
const grave = async (accessibility) => (await accessibility()).filter((finding) => /^(serious|critical)/.test(finding));

for (const lang of ["ko", "en"]) {
  for (const theme of ["light", "dark"]) {
    test(`no accessibility finding, nothing to scroll (${lang}, ${theme})`, async (t) => {
      const { page, accessibility, screenshot } = await openPage(t, { lang, theme });
      await page.getByTestId("btn-play").click();
      assert.deepEqual(await grave(accessibility), []);
      assert.equal(await page.evaluate(() => document.documentElement.lang), lang);
      const overflow = await page.evaluate(() => [
        document.documentElement.scrollHeight - innerHeight,
        document.documentElement.scrollWidth - innerWidth,
      ]);
      assert.deepEqual(overflow, [0, 0]);
      const names = page.locator(".monitor-name");
      const cut = await names.evaluateAll((all) => all.filter((name) => name.scrollWidth > name.clientWidth).map((name) => name.textContent));
      assert.deepEqual(cut, [], "no monitor's name is cut");
      await screenshot(`wide-${lang}-${theme}`);
    });

    test(`usable at 360 pixels (${lang}, ${theme})`, async (t) => {
      const { page, accessibility, screenshot } = await openPage(t, { lang, theme, width: 360, height: 740 });
      await page.getByTestId("btn-play").click();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
      await screenshot(`narrow-${lang}-${theme}`);
      for (const tab of ["produce", "lesson", "inspector", "narration", "terminal", "chart", "stage"]) {
        await page.getByTestId(`tab-${tab}`).click();
        assert.equal(await page.getByTestId(`tab-${tab}`).getAttribute("aria-selected"), "true");
      }
      assert.deepEqual(await grave(accessibility), []);
    });
  }
}

test("language and theme change at once and are remembered", async (t) => {
  const { page } = await openPage(t);
  await page.getByTestId("lang-ko").click();
  await page.waitForFunction(() => document.documentElement.lang === "ko");
  await page.getByTestId("theme-toggle").click();
  const theme = await page.evaluate(() => document.documentElement.dataset.theme);
  await page.reload();
  await page.waitForSelector("body[data-ready=true]");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "ko");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme);
});

test("everything by keyboard: play, step, produce, crash, restart", async (t) => {
  const { page } = await openPage(t);
  const position = async () => Number(await page.getByTestId("position").textContent());
  const playing = () => page.getByTestId("btn-play").getAttribute("data-playing");
  // The run begins when what is stored has been looked at.
  await page.locator("[data-testid=storage]:not([data-state=opening])").waitFor();
  if ((await playing()) === "true") await page.keyboard.press("Space");
  await page.waitForSelector('[data-testid="btn-play"][data-playing="false"]');
  const before = await position();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((at) => Number(document.querySelector('[data-testid="position"]').textContent) > at, before);
  await page.keyboard.press("ArrowLeft");
  await page.waitForFunction((at) => Number(document.querySelector('[data-testid="position"]').textContent) === at, before);
  await page.keyboard.press("End");
  await page.keyboard.press("Digit2");
  await page.keyboard.press("KeyC");
  await page.waitForSelector('[data-testid="broker-2"][data-state="is-down"]');
  await page.keyboard.press("KeyR");
  await page.waitForSelector('[data-testid="broker-2"]:not([data-state="is-down"])');
  await page.keyboard.press("KeyT");
  await page.waitForFunction(() => document.activeElement?.dataset.testid === "terminal-input");
});
