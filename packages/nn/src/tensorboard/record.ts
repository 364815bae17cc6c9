import { maskedCrc32c } from "./crc32c.ts";

/** @file The framing of TensorBoard's event files: length, checksum of the length, payload, checksum of the payload; little-endian. */

/** One record of a file. */
export interface Record {
  readonly payload: Uint8Array;
  /** Where it ends in the file. */
  readonly end: number;
}

const headerBytes = 12;
const footerBytes = 4;

/** A payload as a record: 16 bytes more. */
export function frameRecord(payload: Uint8Array): Uint8Array {
  const record = new Uint8Array(headerBytes + payload.length + footerBytes);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(payload.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(payload, headerBytes);
  view.setUint32(headerBytes + payload.length, maskedCrc32c(payload), true);
  return record;
}

/** The records of a file up to its end, or to where a process that was killed left one half written, or a disk one damaged. */
export function* readRecords(file: Uint8Array): Generator<Record> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let start = 0; start + headerBytes + footerBytes <= file.length;) {
    const length = Number(view.getBigUint64(start, true));
    const end = start + headerBytes + length + footerBytes;
    if (end > file.length || view.getUint32(start + 8, true) !== maskedCrc32c(file.subarray(start, start + 8))) return;
    const payload = file.subarray(start + headerBytes, end - footerBytes);
    if (view.getUint32(end - footerBytes, true) !== maskedCrc32c(payload)) return;
    yield { payload, end };
    start = end;
  }
}
