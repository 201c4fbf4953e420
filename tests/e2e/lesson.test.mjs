// A learner takes a lesson: predicts, acts, steps, goes astray, rewinds, is shown the way, comes back later.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { openPage } from "./support.mjs";

const STEPS = ["store", "copy", "commit", "learn", "again", "pause", "resume"];

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** As openPage; what an earlier visit left on the brokers' disks is not what these tests are about. */
async function visit(t, options) {
  const app = await openPage(t, options);
  await app.page.addLocatorHandler(app.page.getByTestId("found"), () => app.page.keyboard.press("Escape"));
  return app;
}

/** What axe finds wrong in the panel. */
async function problemsOf(app) {
  await app.page.evaluate(axe);
  const { violations } = await app.page.evaluate(() => window.axe.run("[data-testid=lesson]"));
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}`));
}

/** The lesson panel as a learner uses it. */
function learner(app) {
  const { page } = app;
  const at = (id) => page.getByTestId(id);
  const step = at("lesson-step");
  const openGoals = step.locator(".lesson-goal[data-done=false]");
  return {
    at,
    start: (lesson = "high-watermark") =>
      page.locator(`[data-lesson=${lesson}]`).getByTestId("lesson-start").click(),
    isAt: (id) => page.locator(`[data-testid=lesson-step][data-step=${id}]`).waitFor(),
    run: () => at("btn-run-commands").click(),
    next: () => at("btn-next-step").click(),
    isMet: (goal, met = true) => step.locator(`[data-testid=goal-${goal}][data-done=${met}]`).waitFor(),
    goals: () => step.locator(".lesson-goal").evaluateAll((goals) => goals.map((goal) => goal.dataset.done === "true")),
    isStill: () => page.locator("[data-testid=btn-play][data-playing=false]").waitFor(),
    /** Plays on until all goals of the step are met; time stops at each of them. */
    play: async () => {
      for (let left = await openGoals.count(); left > 0; left = await openGoals.count()) {
        await page.locator("[data-testid=btn-play][data-playing=false]").click();
        await page.waitForFunction(
          (left) => document.querySelectorAll(".lesson-goal[data-done=false]").length < left,
          left,
        );
        await page.locator("[data-testid=btn-play][data-playing=false]").waitFor();
      }
    },
    type: async (line) => {
      await at("drawer-terminal").click();
      await at("terminal-input").fill(line);
      await at("terminal-input").press("Enter");
    },
    predict: async (choice) => {
      await at(`prediction-choice-${choice}`).click();
      await at("btn-predict").click();
    },
  };
}

for (const [lang, theme] of [["ko", "light"], ["en", "dark"]]) {
  test(`the list and every step can be read by everyone (${lang}, ${theme})`, async (t) => {
    const app = await visit(t, { lang, theme, reducedMotion: true });
    const { at, start, isAt, next } = learner(app);
    await at("lesson-start").first().waitFor();
    assert.deepEqual(await problemsOf(app), []);
    await app.screenshot(`lesson-list-${lang}`);
    await start();
    for (const step of STEPS) {
      await isAt(step);
      assert.deepEqual(await problemsOf(app), [], step);
      await app.screenshot(`lesson-${step}-${lang}`);
      await next();
    }
    await at("lesson-left").waitFor();
    assert.deepEqual(await problemsOf(app), []);
  });
}

test("what a lesson's commands answer stands below them, and time they let pass is enough", async (t) => {
  const app = await visit(t, { lang: "ko", reducedMotion: true });
  const { at, isAt, run, next, isMet, isStill, predict } = learner(app);
  const answers = at("command-answers");
  await at("lesson-start").and(app.page.getByLabel("로그 컴팩션")).click();
  await isAt("before");
  await run();
  await isMet(1);
  await isStill();
  await answers.getByText("offset 10").waitFor();
  assert.match(await answers.textContent(), /key=K6 value=V11/);
  assert.deepEqual(await problemsOf(app), []);
  await next();
  await isAt("nothing-yet");
  await predict(2);
  await run();
  await isMet(1);
  assert.equal(await answers.textContent(), "", "the narration tells what happened meanwhile");
  await at("prediction-evidence").waitFor();
  await next();
  await isAt("after");
  await run();
  await isMet(2);
  const offsets = [...(await answers.textContent()).matchAll(/offset (\d+)/g)].map(([, offset]) => Number(offset));
  assert.deepEqual(offsets, [3, 4, 6, 8, 9, 10, 11], "figure 4-22, and the record that closed its segment");
  await app.screenshot("lesson-answers-ko");
});

test("a lesson from beginning to end: predict, act, watch time stop at each goal", async (t) => {
  const app = await visit(t, { lang: "ko" });
  const { at, start, isAt, run, next, isMet, isStill, play, predict, goals } = learner(app);
  await at("speed").selectOption("400");
  await start();
  await isAt("store");
  assert.deepEqual(await goals(), [false, false]);
  await run();
  await isMet(1);
  await isMet(2);
  await isStill();
  await at("lesson-said").getByText("이 단계를 마쳤습니다").waitFor();
  await app.screenshot("lesson-flow-store");
  await next();

  await isAt("copy");
  await predict(1);
  await at("prediction").getByText("리더는 그것을 아직 모릅니다").waitFor();
  assert.equal(await at("prediction-evidence").count(), 0, "nothing is given away yet");
  await predict(2);
  await at("prediction").getByText("다음").first().waitFor();
  await play();
  await at("prediction-evidence").waitFor();
  await app.screenshot("lesson-flow-copy");
  await next();

  await isAt("commit");
  await play();
  await app.screenshot("lesson-flow-commit");
  await next();
  await isAt("learn");
  await play();
  await next();
  await isAt("again");
  await run();
  await play();
  await next();

  await isAt("pause");
  await predict(3);
  await run();
  await play();
  await at("prediction-evidence").waitFor();
  await app.screenshot("lesson-flow-pause");
  await next();
  await isAt("resume");
  await run();
  await play();
  await app.screenshot("lesson-flow-resume");
  await next();
  await at("lesson-finished").waitFor();
  assert.deepEqual(await problemsOf(app), []);
  await app.screenshot("lesson-finished");
  await at("btn-close-lesson").click();
  await at("lesson-start").getByText("다시 하기").waitFor();
});

test("going back in time takes goals back", async (t) => {
  const app = await visit(t, { reducedMotion: true });
  const { at, start, type, isMet } = learner(app);
  await start();
  await type("produce orders value=message1");
  await type("run until log-end broker-1 orders-0 >= 1");
  await isMet(2);
  await at("btn-step-back").click();
  await isMet(2, false);
  await isMet(1);
  await at("btn-step").click();
  await isMet(2);
  await at("goal-1-see").click();
  await isMet(2, false);
});

test("a mistake is named, and rewinding leads back before it", async (t) => {
  const app = await visit(t, { reducedMotion: true });
  const { at, start, type, isMet, run, isStill } = learner(app);
  await start();
  await type("produce orders value=message1 acks=1");
  await at("mistake-acks-not-all").waitFor();
  assert.deepEqual(await problemsOf(app), []);
  await app.screenshot("lesson-mistake");
  await at("btn-rewind").click();
  await at("mistake-acks-not-all").waitFor({ state: "detached" });
  await run();
  await isMet(1);
  await isMet(2);
  await isStill();
});

test("each solution is carried out before the learner's eyes, and meets the goals", async (t) => {
  const app = await visit(t, { lang: "en" });
  const { at, start, isAt, next, goals } = learner(app);
  await at("speed").selectOption("800");
  await start();
  for (const step of STEPS) {
    await isAt(step);
    await at("btn-solution").click();
    await app.page.locator("[data-testid=lesson-solution] li[data-state=now]").first().waitFor();
    if (step === "pause") await app.screenshot("lesson-solution");
    await app.page.locator("[data-testid=lesson-solution][data-over=true]").waitFor({ timeout: 60_000 });
    assert((await goals()).every(Boolean), step);
    await next();
  }
  await at("lesson-finished").waitFor();
});

test("hints come one at a time", async (t) => {
  const app = await visit(t);
  const { at, start } = learner(app);
  await start();
  const hints = at("lesson-hints").locator("li");
  assert.equal(await hints.count(), 0);
  await at("btn-hint").click();
  await hints.first().waitFor();
  assert.equal(await hints.count(), 1);
  await at("btn-hint").click();
  await hints.nth(1).waitFor();
  await app.page.locator("[data-testid=btn-hint][aria-disabled=true]").waitFor();
});

test("another scenario on the stage: the lesson says so and leads back", async (t) => {
  const app = await visit(t);
  const { at, start, isAt, next } = learner(app);
  await start();
  await next();
  await isAt("copy");
  await at("lesson-elsewhere").waitFor();
  await at("scenario").selectOption("acks");
  await at("lesson-elsewhere").getByText("not this lesson's").waitFor();
  await at("btn-bring-here").click();
  await at("lesson-elsewhere").waitFor({ state: "detached" });
  await isAt("copy");
});

test("a step can be begun where it begins, even while something stands still", async (t) => {
  const app = await visit(t, { reducedMotion: true });
  const { at, start, isAt, run, play, goals } = learner(app);
  await at("speed").selectOption("6400");
  await start();
  await at("lesson-dot-7").click();
  await isAt("resume");
  await at("btn-bring-here").click();
  await at("lesson-elsewhere").waitFor({ state: "detached" });
  assert.deepEqual(await goals(), [false, false, false]);
  assert.equal(await at("btn-play").getAttribute("data-playing"), "false", "time waits for the learner");
  await run();
  await play();
  assert.deepEqual(await goals(), [true, true, true]);
});

test("progress is kept for the next visit", async (t) => {
  const profileDir = await mkdtemp(join(tmpdir(), "kafkascope-"));
  t.after(() => rm(profileDir, { recursive: true, force: true, maxRetries: 5 }));
  const first = await visit(t, { profileDir, reducedMotion: true });
  const { at, start, run, isMet, next, isAt, predict } = learner(first);
  await start();
  await run();
  await isMet(2);
  await next();
  await isAt("copy");
  await predict(3);
  await at("btn-hint").click();
  await first.close();

  const second = await visit(t, { profileDir, reducedMotion: true });
  const back = learner(second);
  await back.at("lesson-start").getByText("Continue").waitFor();
  await back.start();
  await back.isAt("copy");
  assert.equal(await back.at("lesson-dot-1").getAttribute("data-done"), "true");
  await back.at("prediction").getByText("the reason is not").waitFor();
  assert.equal(await back.at("lesson-hints").locator("li").count(), 1);
  assert.equal(await back.at("lesson-elsewhere").count(), 0, "the cluster stands where the step begins");
});

test("where nothing can be stored, the panel says so and the lesson goes on", async (t) => {
  const app = await visit(t, { reducedMotion: true });
  await app.page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await app.page.reload();
  const { at, start, run, isMet, next, isAt } = learner(app);
  await start();
  await at("lesson-trouble").getByText("refused to store").waitFor();
  await run();
  await isMet(2);
  await next();
  await isAt("copy");
});

test("stored progress that cannot be read is not overwritten", async (t) => {
  const app = await visit(t, { reducedMotion: true });
  const newer = '{"version":9,"lessons":{}}';
  await app.page.evaluate((text) => localStorage.setItem("kafkascope.lessons", text), newer);
  await app.page.reload();
  const { at, start, isAt } = learner(app);
  await at("lesson-trouble").getByText("newer Kafkascope").waitFor();
  await start();
  await isAt("store");
  await at("btn-hint").click();
  const stored = () => app.page.evaluate(() => localStorage.getItem("kafkascope.lessons"));
  assert.equal(await stored(), newer);
  await at("btn-start-over").click();
  assert.notEqual(await stored(), newer, "not before the learner says so");
});

test("the lesson fits a phone", async (t) => {
  const app = await visit(t, { lang: "ko", width: 360, height: 740, reducedMotion: true });
  const { at, start, isAt, run, isMet } = learner(app);
  await at("tab-lesson").click();
  await start();
  await isAt("store");
  assert.deepEqual(await problemsOf(app), []);
  await app.screenshot("lesson-phone");
  await run();
  await at("tab-lesson").click();
  await isMet(2);
});
