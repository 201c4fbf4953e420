// The page's figures: size of the first load, time until it is ready, and frames while it plays.
import { chromium } from "playwright-core";
import { readFileSync, readdirSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { findChrome } from "../e2e/chrome.mjs";
import { serve } from "../e2e/server.mjs";

const dist = new URL("../../dist/", import.meta.url).pathname;
const figure = (name, value, unit) => console.log(`${name}\t${value.toFixed(1)}\t${unit}`);
const quantile = (values, q) => values.sort((a, b) => a - b)[Math.floor(values.length * q)];

const files = readdirSync(dist).filter((file) => /\.(html|js|css|wasm|svg)$/.test(file));
const brotli = files.map((file) => brotliCompressSync(readFileSync(dist + file)).length);
figure("first load, brotli", brotli.reduce((sum, bytes) => sum + bytes, 0) / 1024, "KiB");

const server = await serve(dist);
const browser = await chromium.launch({ executablePath: findChrome(), chromiumSandbox: false, args: ["--disable-gpu"] });
const ready = [];
for (let round = 0; round < 5; round++) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.waitForSelector("body[data-ready=true]");
  ready.push(await page.evaluate(() => performance.getEntriesByName("ready")[0]?.startTime ?? performance.now()));
  await context.close();
}
figure("ready after navigation, median of 5", quantile(ready, 0.5), "ms");

const scenario = "cluster brokers=3 seed=42\nrun 3s\nkafka-topics.sh --create --topic orders --partitions 12 --replication-factor 3\nrun 2s\n";
for (const speed of ["1", "16", "64"]) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${server.url}?bench=${encodeURIComponent(scenario)}&speed=${speed}`);
  await page.waitForSelector("body[data-ready=true]");
  const frames = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const times = [];
        let last;
        const frame = (now) => {
          if (last !== undefined) times.push(now - last);
          last = now;
          if (times.length < 300) requestAnimationFrame(frame);
          else resolve(times);
        };
        requestAnimationFrame(frame);
      }),
  );
  figure(`frame p95 while playing, speed ${speed}`, quantile(frames, 0.95), "ms");
  await context.close();
}
await browser.close();
await server.close();
