// The page starts, and starts cleanly; when it cannot, it says so in the visitor's language.

import assert from "node:assert/strict";
import test from "node:test";
import { openPage } from "./support.mjs";

for (const lang of ["ko", "en"]) {
  test(`the page starts without a problem (${lang})`, async (t) => {
    const app = await openPage(t, { lang });
    assert.equal(await app.page.locator("#boot").count(), 0, "the loading bar is gone");
    assert.deepEqual(await app.accessibility(), []);
    await app.screenshot(`smoke-${lang}`);
  });
}

test("the content security policy is on: no inline script, no eval, no foreign host", async (t) => {
  const app = await openPage(t);
  const refused = (directive) => app.problems.some((problem) => problem.startsWith(`policy violation: ${directive}`));
  await app.page.evaluate(async () => {
    const inline = document.createElement("script");
    inline.textContent = "window.inlineRan = true";
    document.body.append(inline);
    await fetch("http://127.0.0.1:9/").catch(() => {});
    const foreign = document.createElement("script");
    foreign.src = "http://127.0.0.1:9/foreign.js";
    const failed = new Promise((resolve) => foreign.addEventListener("error", resolve));
    document.body.append(foreign);
    await failed;
  });
  assert.equal(await app.page.evaluate(() => window.inlineRan), undefined);
  assert(refused("script-src-elem inline"), "inline script");
  assert(refused("script-src-elem http://127.0.0.1:9/foreign.js"), "foreign script");
  assert(refused("connect-src http://127.0.0.1:9/"), "foreign request");
  app.problems.length = 0;
});

const FAILURES = [
  { why: "no WebAssembly", ko: "WebAssembly를 지원하지 않습니다", en: "has no WebAssembly" },
  { why: "a file is missing", ko: "내려받지 못했습니다", en: "could not be downloaded", wasm: { status: 404 } },
  { why: "a file is damaged", ko: "시작하는 중에 멈췄습니다", en: "stopped while starting", wasm: { body: "not wasm" } },
];
for (const { why, wasm, ...sentence } of FAILURES) {
  for (const lang of ["ko", "en"]) {
    test(`the page says why it cannot start: ${why} (${lang})`, async (t) => {
      const app = await openPage(t, { lang });
      if (wasm) await app.page.route("**/*.wasm", (route) => route.fulfill({ contentType: "application/wasm", ...wasm }));
      else await app.page.addInitScript(() => delete globalThis.WebAssembly);
      await app.page.reload();
      await app.page.getByRole("alert").getByText(sentence[lang]).waitFor();
      assert.deepEqual(await app.accessibility(), []);
      assert.notEqual(app.problems.length, 0, "the console has the error itself");
      app.problems.length = 0;
    });
  }
}
