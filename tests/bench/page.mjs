// The page's figures: size of the first load, time until it is ready, and frames while it plays.
import { chromium } from "playwright-core";
import { readFileSync, readdirSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { findChrome } from "../e2e/chrome.mjs";
import { hashOfJournal } from "../e2e/hash.mjs";
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
  ready.push(await page.evaluate(() => performance.getEntriesByName("ready")[0].startTime));
  await context.close();
}
figure("ready after navigation, median of 5", quantile(ready, 0.5), "ms");

// Clusters at work, at several speeds. Only frames in which time passes are counted.
const FRAMES = 400;
const produce = (topic, partitions) => {
  const all = Array.from({ length: 12 }, (_, n) => Math.floor((n * partitions) / 12));
  return all.map((partition) => `produce ${topic} partition=${partition} value=x count=40`).join("\n");
};
const clusters = [
  { brokers: 3, partitions: 12, speeds: ["100", "1600", "6400"] },
  { brokers: 12, partitions: 1000, speeds: ["100", "1600"] },
];
for (const cluster of clusters) {
  const what = `${cluster.brokers} brokers x ${cluster.partitions} partitions`;
  for (const percent of cluster.speeds) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-US" });
    const page = await context.newPage();
    await page.goto(server.url + hashOfJournal(`cluster brokers=${cluster.brokers} seed=42\n`));
    await page.waitForSelector("body[data-ready=true]");
    await page.getByTestId("drawer-terminal").click();
    const type = (lines) => page.getByTestId("terminal-input").fill(`${lines}\n`);
    await page.getByTestId("speed").selectOption(percent);
    await type("run until ready");
    await type(`kafka-topics.sh --create --topic load --partitions ${cluster.partitions} --replication-factor 3`);
    await type("run until quiet");
    await page.evaluate(() => {
      const play = document.querySelector("[data-testid=btn-play]");
      window.frames_seen = { times: [], long: 0 };
      new PerformanceObserver((list) => (window.frames_seen.long += list.getEntries().length)).observe({ type: "longtask" });
      let last;
      const frame = (now) => {
        if (last !== undefined && play.dataset.playing === "true") window.frames_seen.times.push(now - last);
        last = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    while ((await page.evaluate(() => window.frames_seen.times.length)) < FRAMES) {
      await type(produce("load", cluster.partitions));
      const play = page.getByTestId("btn-play");
      if ((await play.getAttribute("data-playing")) === "false") await play.click();
      await page.waitForFunction(
        (enough) =>
          window.frames_seen.times.length >= enough ||
          document.querySelector("[data-testid=btn-play]").dataset.playing === "false",
        FRAMES,
      );
    }
    const { times, long } = await page.evaluate(() => window.frames_seen);
    const speed = `${Number(percent) / 100}x`;
    figure(`frame p50 while playing, ${what}, ${speed}`, quantile(times, 0.5), "ms");
    figure(`frame p95 while playing, ${what}, ${speed}`, quantile(times, 0.95), "ms");
    figure(`tasks longer than 50 ms in ${times.length} frames, ${what}, ${speed}`, long, "");
    await context.close();
  }
}
await browser.close();
await server.close();
