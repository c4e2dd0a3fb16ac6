/**
 * Training for TensorBoard: event files of scalars. A file is a row of records, each its length, a checksum of the length,
 * a `tensorflow.Event` in protobuf's wire format, and a checksum of that
 * (https://github.com/tensorflow/tensorboard, `tensorboard/compat/proto/event.proto`; the record format is TFRecord's).
 *
 * @module
 */

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type LoggedStep, numbersOf, stepNumber } from "./shown.ts";

/** The polynomial of CRC-32C (Castagnoli), its bits reversed. */
const CASTAGNOLI = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ CASTAGNOLI : rest >>> 1;
  return rest;
});

/**
 * CRC-32C of bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crc32c } from "./tensorboard.ts";
 *
 * assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
 * ```
 */
export function crc32c(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = (table[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** A checksum as records hold it: rotated, and moved by a constant, so that the sum of a sum is no sum again. */
function masked(bytes: Uint8Array): number {
  const sum = crc32c(bytes);
  return ((sum >>> 15 | sum << 17) + 0xa282ead8) >>> 0;
}

/** A record of a file. */
function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16), view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, masked(data), true);
  return bytes;
}

/** Fields of `tensorflow.Event`, `Summary` and `Summary.Value`, by their numbers. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2 } as const;

/** The first event of a file. */
function versionEvent(wallTime: number): Uint8Array {
  return new BinaryWriter()
    .tag(EVENT.wallTime, WireType.Bit64).double(wallTime)
    .tag(EVENT.fileVersion, WireType.LengthDelimited).string("brain.Event:2")
    .finish();
}

/** An event with the numbers of a step. */
function scalarEvent(wallTime: number, step: number, numbers: Readonly<Record<string, number>>): Uint8Array {
  const writer = new BinaryWriter()
    .tag(EVENT.wallTime, WireType.Bit64).double(wallTime)
    .tag(EVENT.step, WireType.Varint).int64(step)
    .tag(EVENT.summary, WireType.LengthDelimited).fork();
  for (const [name, value] of Object.entries(numbers)) {
    writer.tag(SUMMARY.value, WireType.LengthDelimited).fork()
      .tag(VALUE.tag, WireType.LengthDelimited).string(`train/${name.replaceAll(".", "/")}`)
      .tag(VALUE.simpleValue, WireType.Bit32).float(Math.fround(value))
      .join();
  }
  return writer.join().finish();
}

/** The name of a run's event file; TensorBoard knows it by the part `tfevents`. */
export const EVENT_FILE = "events.out.tfevents.bupo-bench";

/**
 * The event file of a run. The file of more steps begins with the bytes of that of fewer.
 *
 * @param started Seconds since 1970 that every event bears: a log has no times.
 */
export function tensorboardEvents(steps: readonly LoggedStep[], started: number): Uint8Array<ArrayBuffer> {
  const records = [
    record(versionEvent(started)),
    ...steps.map((step) => record(scalarEvent(started, stepNumber(step), numbersOf(step)))),
  ];
  const bytes = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of records) {
    bytes.set(each, at);
    at += each.length;
  }
  return bytes;
}
