// Links made by hand, as somebody without the page could write one.

import { deflateRawSync } from "node:zlib";

export const hashWith = (text) => `#v1.${deflateRawSync(text).toString("base64url")}`;

/** CRC32C, as the format says. */
function checksum(text) {
  let crc = ~0;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0x82f63b78 & -(crc & 1));
  }
  return (~crc >>> 0).toString(16).padStart(8, "0");
}

/** The part of the address that opens a journal at a moment. */
export const hashOfJournal = (journal, moment = "moment 0 now=0 events=0") =>
  hashWith(`${moment} crc=${checksum(moment + journal)}\n${journal}`);
