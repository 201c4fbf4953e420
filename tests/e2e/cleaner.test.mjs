// Compaction and retention to look at: the cleaner step by step, on a broker's log and on a real Kafka's files, folders
// that are dropped, and why something has not gone yet.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { download, drop, dropFromDisk, openViewer } from "./viewer.mjs";

const REAL = fileURLToPath(new URL("fixtures/real-kafka", import.meta.url));

/** A compacted topic: three of tea, two of cake of which the second is a tombstone, one of pie. */
const PRICES = [
  "run until quiet",
  "kafka-topics.sh --create --topic prices --replica-assignment 1:2:3 --config cleanup.policy=compact --config segment.bytes=300",
  "run until quiet",
  "produce prices key=tea value=3",
  "run 200ms",
  "produce prices key=cake value=5",
  "run 200ms",
  "produce prices key=tea value=4",
  "run 200ms",
  "produce prices key=cake null-value",
  "run 200ms",
  "produce prices key=tea value=5",
  "run 200ms",
  "produce prices key=pie value=6",
  "run 1s",
];

async function openCleaner(t, options = {}) {
  const app = await openViewer(t, { before: PRICES, replica: "prices-0", ...options });
  await app.id("mode-cleaner").click();
  await app.id("cleaner-board").waitFor();
  return app;
}

const steps = async (text) => Number((await text("cleaner-at")).split("/")[1]);
const cells = (page, kind) => page.locator(`.clean-log .clean-cell.${kind} .clean-offset`).allTextContents();

test("the cleaner goes step by step: the map, the copy, the swap; the log itself does not change", async (t) => {
  const { page, id, text, says, accessibility } = await openCleaner(t);
  await says("cleaner-ratio", "dirty ratio 1.0 > min.cleanable.dirty.ratio 0.5");
  const before = await download(page, id("download-disk"));

  await id("cleaner-close-active").check();
  await id("cleaner-start").focus();
  await page.keyboard.press("Enter");
  await says("cleaner-words", 'the newest offset of "tea" is 0');
  assert.deepEqual(await cells(page, "is-newest"), ["0"]);
  for (let step = 2; step <= 6; step++) await id("cleaner-next").click();
  await says("cleaner-at", "6/");
  assert.deepEqual(await cells(page, "is-newest"), ["3", "4", "5"], "the newest of each key");
  assert.deepEqual(await page.locator(".clean-map li").allTextContents(), ["cake3", "pie5", "tea4"]);
  await id("cleaner-next").click();
  await says("cleaner-words", "The map is complete: 3 keys, up to offset 6");
  await id("cleaner-next").click();
  await says("cleaner-words", '0 goes. A newer record of "tea" is at 4');
  assert.deepEqual(await accessibility(), []);
  await id("cleaner-back").click();
  await says("cleaner-words", "The map is complete");

  await id("cleaner-scrub").focus();
  await page.keyboard.press("End");
  await says("cleaner-words", "6 is written to cleaner-offset-checkpoint");
  await says("cleaner-result", "Of 6 records");
  assert.deepEqual(await cells(page, "is-dropped"), ["0", "1", "2"]);
  assert.deepEqual(await cells(page, "is-kept"), ["3", "4", "5"]);
  assert.deepEqual(await accessibility(), []);
  const cleaned = await download(page, id("cleaner-download"));
  assert.equal(cleaned.name, "prices-0-cleaned.zip");
  const after = await download(page, id("download-disk"));
  assert.deepEqual(after.bytes, before.bytes, "the broker's own files");

  // The result is files like any others, and can be cleaned again: now the tombstone goes.
  await id("cleaner-look").click();
  await says("bytes-source", "prices-0 (cleaned)");
  await id("mode-dump").click();
  await says("bytes-dump", "offset: 3");
  assert(!(await text("bytes-dump")).includes("offset: 2 "));
  await id("mode-cleaner").click();
  await id("cleaner-after-horizon").check();
  await id("cleaner-start").click();
  await id("cleaner-scrub").focus();
  await page.keyboard.press("End");
  assert.deepEqual(await cells(page, "is-dropped"), ["3"]);
});

test("it plays by itself, in Korean and with little motion, and fits a phone", async (t) => {
  const { page, id, says, accessibility, screenshot } = await openCleaner(t, {
    lang: "ko",
    theme: "dark",
    width: 390,
    reducedMotion: true,
  });
  await id("cleaner-close-active").check();
  await id("cleaner-start").click();
  await id("cleaner-scrub").focus();
  await page.keyboard.press("End");
  for (let step = 0; step < 3; step++) await id("cleaner-back").click();
  await id("cleaner-play").click();
  await says("cleaner-words", "cleaner-offset-checkpoint에 6이 적힙니다");
  const overflow = await page.evaluate(() => document.querySelector("[data-testid=bytes]").scrollWidth - innerWidth);
  assert(overflow <= 0, `${overflow} px wider than the screen`);
  assert.deepEqual(await accessibility(), []);
  await screenshot("cleaner-narrow-ko-dark");
});

test("where nothing may be cleaned it says so", async (t) => {
  const { page, id, says } = await openViewer(t);
  await id("mode-cleaner").click();
  await says("cleaner-nothing", "nothing that the cleaner may touch");
  await page.getByText("This topic's cleanup.policy does not say compact").waitFor();
  await id("cleaner-start").focus();
  await page.keyboard.press("Enter");
  assert.equal(await id("cleaner-words").isVisible(), false);
  await page.locator(".bytes-dir summary", { hasText: "__cluster_metadata-0/" }).click();
  await id("file-__cluster_metadata-0/00000000000000000000.log").click();
  await says("cleaner-none", "The metadata log is never compacted");
});

test("a segment of a real Kafka is read, and compacted", async (t) => {
  const { page, id, text, says } = await openViewer(t);
  const name = "00000000000000000899.log";
  const bytes = [...(await readFile(`${REAL}/compacted-0/${name}`))];
  await drop(page, [{ name, bytes }]);
  await says("bytes-source", name);
  await says("block", "1/3");
  await id("mode-dump").click();
  await says("bytes-dump", "offset: 901 CreateTime: 1767225650818 keySize: 5 valueSize: -1 sequence: -1 headerKeys: [] key: key-1");
  await id("mode-look-up").click();
  await id("look-up-value").fill("950");
  await id("look-up-value").press("Enter");
  const all = Number((await text("look-up-at")).split("/")[1]);
  for (let step = 2; step <= all; step++) await id("look-up-next").click();
  await says("look-up-words", "Found: offset 950");
  // The cell of the batch that was found leads to its bytes.
  await page.locator(".pointer-cell.is-found").last().click();
  await says("block", "2/3");

  await id("mode-cleaner").click();
  await id("cleaner-start").click();
  const count = await steps(text);
  assert(count > 190, "98 records in the map, 98 judged, the swap");
  await id("cleaner-scrub").focus();
  await page.keyboard.press("End");
  await says("cleaner-result", "Of 98 records");

  // Cut in the middle of its second batch, it is taken up to there, by the cleaner as well.
  await drop(page, [{ name, bytes: bytes.slice(0, 2500) }]);
  await says("bytes-damage", "torn write");
  await id("mode-cleaner").click();
  await page.getByText("damaged at byte 1994").waitFor();
  await id("cleaner-start").click();
  await id("cleaner-scrub").focus();
  await page.keyboard.press("End");
  await says("cleaner-result", "Of 45 records");
});

test("a folder is opened as it is, dropped or chosen", async (t) => {
  const { page, id, says } = await openViewer(t);
  await dropFromDisk(page, [REAL]);
  await says("bytes-source", "Opened files: real-kafka");
  await id("file-real-kafka/compacted-0/00000000000000000899.log").waitFor();
  await page.locator(".bytes-dir summary", { hasText: "real-kafka/gzip-0/" }).click();
  await id("file-real-kafka/gzip-0/00000000000000000166.timeindex").click();
  await says("bytes-path", "real-kafka/gzip-0/00000000000000000166.timeindex");

  await id("folder-input").setInputFiles(`${REAL}/compacted-0`);
  await says("bytes-source", "Opened files: compacted-0");
  await id("file-compacted-0/00000000000000000000.log").click();
  await says("block", "1/");
  await id("mode-cleaner").click();
  await id("cleaner-start").click();
  await says("cleaner-words", "Building the map");

  await dropFromDisk(page, [fileURLToPath(new URL("../bench", import.meta.url))]);
  await says("file-problem", "bench is no file of Kafka's");
});

test("a record says why it is still here, and goes when it said", async (t) => {
  const { page, id, text, says, accessibility } = await openViewer(t, {
    before: [
      "run until quiet",
      "kafka-topics.sh --create --topic logs --replica-assignment 1:2:3 --config retention.ms=60000 --config segment.bytes=200",
      "run until quiet",
      "produce logs key=a value=first count=2",
      "run 1s",
    ],
    replica: "logs-0",
  });
  await page.keyboard.press("Escape");
  await says("why-not-deleted", "It will be deleted at");
  await says("why-not-deleted", "retention.ms=1m");
  await says("why-not-deleted", "log.retention.check.interval.ms=5m");
  await says("why-not-compacted", "cleanup.policy does not say compact");
  assert.deepEqual(await accessibility(), []);
  const [, minutes, seconds] = (await text("why-not-deleted")).match(/deleted at (\d+):(\d+)/);
  await page.locator(".offsets .offset").first().click();
  await says("why-not-deleted", `It will be deleted at ${minutes}:${seconds}`);
  await id("lang-ko").click();
  await says("why-not-deleted", `${minutes}:${seconds}`);
  await says("why-not-deleted", "에 지워집니다");
  await id("lang-en").click();

  const type = async (line) => {
    await id("terminal-input").fill(line);
    await id("terminal-input").press("Enter");
    await page.waitForFunction(() => document.querySelector('[data-testid="terminal-input"]').value === "");
  };
  await type("run 6m");
  await says("why-not-deleted", "The log has no record with this offset");
});
