// The byte viewer: from a replica to its files, a field and its bytes, a look-up step by step, files out of the page
// and into it, all of it by keyboard.

import assert from "node:assert/strict";
import test from "node:test";
import { inflateRawSync } from "node:zlib";
import { download, drop, openViewer } from "./viewer.mjs";

/** A topic with an index entry for almost every batch. */
const INDEXED = [
  "run until quiet",
  "kafka-topics.sh --create --topic indexed --partitions 1 --replication-factor 3 --config index.interval.bytes=60",
  "run until quiet",
  ...Array(14).fill(["produce indexed value=latte", "run 200ms"]).flat(),
];
const LOG = "file-orders-0/00000000000000000000.log";

test("a field and its bytes light each other up, by pointer and by keyboard; Escape gives the focus back", async (t) => {
  const { page, id, says, focused, accessibility } = await openViewer(t);
  const field = (name) => page.locator(".bytes-field", { has: page.locator(`.bytes-field-name:text-is("${name}")`) }).first();
  const lit = () => page.locator(".bytes-hexes .is-pointed").allTextContents();

  // A click on a byte goes to its field, and an arrow to the next, a moment later.
  const hasFocus = (field) => page.waitForFunction((field) => document.activeElement.id === field, field);

  await field("magic").hover();
  await says("bytes-pointed", "Version of the format");
  assert.deepEqual(await lit(), ["02"]);

  await page.locator(".bytes-hexes .bytes-run").first().click();
  await says("bytes-pointed", "baseOffset = 0");
  await hasFocus("field-0");
  assert.equal((await lit()).join(" "), "00 00 00 00 00 00 00 00");

  await page.keyboard.press("ArrowDown");
  await says("bytes-pointed", "batchLength");
  await hasFocus("field-1");
  await page.keyboard.press("End");
  await says("bytes-pointed", "headersCount");
  assert.deepEqual(await accessibility(), []);

  await id("block-next").click();
  await says("block", "2/");
  await page.keyboard.press("Escape");
  await id("bytes-hex").waitFor({ state: "detached" });
  assert.equal(await focused(), "open-files");
});

test("it speaks Korean, and fits a phone", async (t) => {
  const { page, id, says, accessibility, screenshot } = await openViewer(t, { lang: "ko", theme: "dark", width: 390 });
  await page.locator(".bytes-field").nth(4).click();
  await says("bytes-pointed", "CRC-32C");
  const overflow = await page.evaluate(() => document.querySelector("[data-testid=bytes]").scrollWidth - innerWidth);
  assert(overflow <= 0, `${overflow} px wider than the screen`);
  assert.deepEqual(await accessibility(), []);
  await id("mode-look-up").click();
  await id("pointers").waitFor();
  await screenshot("bytes-narrow-ko-dark");
});

test("dirty bytes are told from durable ones", async (t) => {
  const { page, id, says } = await openViewer(t);
  await page.keyboard.press("Escape");
  for (const line of ["produce orders value=fresh acks=1", "run 300ms"]) {
    await id("terminal-input").fill(line);
    await id("terminal-input").press("Enter");
  }
  await id("open-files").click();
  await says("bytes-durable", "page cache only");
  await page.locator(".bytes-map-dirty").waitFor();
});

test("one's own records go through every codec, and the browser's clock says how long that takes", async (t) => {
  const many = ["run until quiet", 'produce orders value="GET /cart HTTP/1.1 200 user=alice" count=50', "run until quiet"];
  const { page, id, accessibility, screenshot } = await openViewer(t, { before: many });
  await id("mode-codecs").click();
  await id("codecs-measure").click();
  await id("codecs-table").waitFor();
  const cells = (codec) => id(`codec-${codec}`).locator("td").allTextContents();
  const size = async (codec) => Number((await cells(codec))[0].replace(/[^0-9]/g, ""));
  for (const codec of ["gzip", "snappy", "lz4", "zstd"]) {
    assert((await size(codec)) < (await size("none")), `${codec} packs what repeats`);
    const [, , pack, unpack] = await cells(codec);
    assert.match(`${pack} ${unpack}`, /^\d+ µs \d+ µs$/);
  }
  assert.deepEqual(await accessibility(), []);
  await screenshot("bytes-codecs");
  await page.keyboard.press("Escape");
});

test("a look-up goes step by step, by offset and by time, and leads to the bytes", async (t) => {
  const { page, id, text, says, accessibility } = await openViewer(t, { before: INDEXED, replica: "indexed-0" });
  await id("mode-look-up").click();
  await id("look-up-value").fill("not a number");
  await id("look-up-value").press("Enter");
  await page.getByText("whole number").waitFor();
  await id("look-up-value").fill("11");
  await id("look-up-value").press("Enter");
  await says("look-up-words", "segment");
  const steps = Number((await text("look-up-at")).split("/")[1]);
  assert(steps >= 4);
  for (let step = 2; step <= steps; step++) {
    await id("look-up-next").click();
    await says("look-up-at", `${step}/`);
  }
  await says("look-up-words", "Found: offset 11");
  assert.equal(await page.locator(".pointer-cell.is-found").count(), 2, "an entry of the offset index, and a batch");
  assert.equal(await page.locator(".pointer-links path.is-now").count(), 1);
  assert.deepEqual(await accessibility(), []);
  await id("look-up-back").click();
  await says("look-up-words", "Record 11");

  await id("look-up-what").selectOption("time");
  await page.waitForFunction(() => Number(document.querySelector("[data-testid=look-up-value]").value) > 1e12);
  await id("look-up-start").click();
  const all = Number((await text("look-up-at")).split("/")[1]);
  for (let step = 2; step <= all; step++) await id("look-up-next").click();
  await says("look-up-words", "Found");
  await id("look-up-bytes").click();
  await id("bytes-hex").waitFor();

  await id("mode-dump").click();
  await says("bytes-dump", "baseOffset: 0 lastOffset:");
});

test("a file, a segment and a disk can be downloaded, and dropped again", async (t) => {
  const { page, id, says } = await openViewer(t);
  const file = await download(page, id("download-file"));
  assert.equal(file.name, "00000000000000000000.log");
  assert.equal(file.bytes[16], 2, "magic");
  const segment = await download(page, id("download-segment"));
  assert.equal(segment.name, "orders-0-00000000000000000000.zip");
  const disk = await download(page, id("download-disk"));
  assert.equal(disk.name, "broker-1.zip");
  assert.deepEqual(firstOf(segment.bytes).content.length, 0, "the .index is empty so far");

  await drop(page, [{ name: disk.name, bytes: [...disk.bytes] }]);
  await says("bytes-source", "Opened files: broker-1.zip");
  await id(LOG).waitFor();
  await says("block", "1/");
  const again = await download(page, id("download-file"));
  assert.deepEqual(again.bytes, file.bytes);

  // A single segment, damaged in its last batch: read up to there, and told where.
  const torn = [...file.bytes.subarray(0, file.bytes.length - 3)];
  await drop(page, [{ name: "00000000000000000000 (1).log", bytes: torn }]);
  await says("bytes-damage", "torn write");
  await id("mode-dump").click();
  await says("bytes-dump", "invalid bytes at the end");
});

test("bad files get words with the place and change nothing", async (t) => {
  const { page, id, text, says } = await openViewer(t);
  const before = await text("bytes-path");
  await drop(page, [{ name: "noise.log", bytes: Array(300).fill(0x55) }]);
  await says("file-problem", "Byte 16: magic is 85");
  await drop(page, [{ name: "holiday.png", bytes: [0x89, 0x50, 0x4e, 0x47] }]);
  await says("file-problem", "holiday.png is no file of Kafka's");
  await drop(page, [{ name: "cut.zip", bytes: [0x50, 0x4b, 3, 4, 0, 0] }]);
  await says("file-problem", "cannot be read as a zip at byte");
  assert.equal(await text("bytes-path"), before);
  await id("file-problem").getByRole("button").click();
  await id("file-problem").waitFor({ state: "detached" });

  await page.keyboard.press("Escape");
  await id("bytes-hex").waitFor({ state: "detached" });
  await drop(page, [{ name: "noise.log", bytes: Array(300).fill(0x55) }]);
  await page.getByTestId("notice").filter({ hasText: "Not one batch" }).waitFor();
  await id("lang-ko").click();
  await page.getByTestId("notice").filter({ hasText: "16번째 바이트" }).waitFor();
});

/** Name and content of the first file in a zip. */
function firstOf(zip) {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  assert.equal(view.getUint32(0, true), 0x04034b50);
  const name = zip.subarray(30, 30 + view.getUint16(26, true)).toString();
  const start = 30 + name.length + view.getUint16(28, true);
  return { name, content: inflateRawSync(zip.subarray(start)) };
}
