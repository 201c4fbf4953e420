// The wasm half of the engine's figures: the same workloads as the native benchmark, without a page.
import { readFileSync } from "node:fs";

const probe = new URL("../../target/wasm32-unknown-unknown/release/kafkascope_wasm_probe.wasm", import.meta.url);
const { instance } = await WebAssembly.instantiate(readFileSync(probe));
const { replicate, make_log, clean, make_timeline, seek } = instance.exports;

const figure = (name, value, unit) => console.log(`${name}\t${value.toFixed(2)}\t${unit}`);
const ms = (act) => {
  const started = performance.now();
  act();
  return performance.now() - started;
};
const quantile = (values, q) => values.sort((a, b) => a - b)[Math.floor(values.length * q)];

const RECORDS = 400_000;
const times = Array.from({ length: 5 }, () => ms(() => replicate(RECORDS)));
figure("records/s, produce to consumer, RF 3, 100 B, wasm", RECORDS / (quantile(times, 0.5) / 1000), "records/s");

make_log(100_000_000);
let cleaned;
const passes = Array.from({ length: 5 }, () => ms(() => (cleaned = Number(clean()))));
figure("cleaner, 115 B records, wasm", cleaned / 1000 / quantile(passes, 0.5), "MB/s");

const positions = make_timeline(1_000_000);
const seeks = Array.from({ length: 400 }, (_, n) => ms(() => seek(Number((BigInt(n) * 7_919_993n) % BigInt(positions)))));
figure("seek anywhere in 1 M events, p95, wasm", quantile(seeks, 0.95), "ms");
figure("memory after 1 M events, wasm", instance.exports.memory.buffer.byteLength / 2 ** 20, "MiB");
