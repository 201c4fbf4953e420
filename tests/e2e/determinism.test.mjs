// The engine as wasm makes the same runs as the native build, whose traces are in engine/testdata.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const probe = new URL("target/wasm32-unknown-unknown/release/kafkascope_wasm_probe.wasm", root);

test("wasm and native make the same events from the same seeds", async () => {
  const { instance } = await WebAssembly.instantiate(readFileSync(probe));
  const { trace } = instance.exports;
  const hex = (half) => BigInt.asUintN(64, half).toString(16).padStart(16, "0");
  const expected = readFileSync(new URL("engine/testdata/traces.txt", root), "utf8").trim().split("\n");
  assert.ok(expected.length >= 8);
  for (const line of expected) {
    const [seed, native] = line.split(" ");
    assert.equal(hex(trace(Number(seed), 1)) + hex(trace(Number(seed), 0)), native, `seed ${seed}`);
  }
});
