// The byte viewer as a person opens it, and files on their way in and out.

import { readFile } from "node:fs/promises";
import { openPage } from "./support.mjs";

/** Two batches more than the opening scenario leaves. */
const TWO_BATCHES = [
  "run until quiet",
  "produce orders key=alice value=latte headers=trace:a1",
  "run until quiet",
  "produce orders value=mocha count=3",
  "run until quiet",
];

/** Opens the page with a few batches in orders-0 and the viewer on broker-1's copy. */
export async function openViewer(t, options = {}) {
  const app = await openPage(t, options);
  const { page } = app;
  const id = (testid) => page.getByTestId(testid);
  const isNarrow = (options.width ?? 1280) < 760;
  await id(isNarrow ? "tab-terminal" : "drawer-terminal").click();
  const { before = TWO_BATCHES, replica = "orders-0" } = options;
  for (const line of before) {
    await id("terminal-input").fill(line);
    await id("terminal-input").press("Enter");
    await page.waitForFunction(() => document.querySelector('[data-testid="terminal-input"]').value === "");
  }
  if (isNarrow) await id("tab-stage").click();
  await id(`replica-broker-1-${replica}`).focus();
  await page.keyboard.press("Enter");
  if (isNarrow) await id("tab-inspector").click();
  await id("open-files").focus();
  await page.keyboard.press("Enter");
  await id("bytes-hex").waitFor();
  const text = async (testid) => (await id(testid).textContent()).trim();
  /** Waits until the text of an element contains `wanted`. */
  const says = (testid, wanted) =>
    page.waitForFunction(
      ([testid, wanted]) => document.querySelector(`[data-testid="${testid}"]`)?.textContent.includes(wanted),
      [testid, wanted],
    );
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.dataset.testid || "");
  return { ...app, id, text, says, focused };
}

/** Drops files on the page, as the browser would. */
export const drop = (page, files) =>
  page.evaluate((files) => {
    const transfer = new DataTransfer();
    for (const { name, bytes } of files) transfer.items.add(new File([new Uint8Array(bytes)], name));
    for (const type of ["dragover", "drop"])
      document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
  }, files);

/** Drops what is on this computer, folders too, as a hand on a mouse does: only then does the browser show a folder. */
export async function dropFromDisk(page, paths) {
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  // What is dropped goes to what the browser has drawn at that place.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  for (const type of ["dragEnter", "dragOver", "drop"])
    await client.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
}

/** The bytes of what a button downloads. */
export async function download(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}
