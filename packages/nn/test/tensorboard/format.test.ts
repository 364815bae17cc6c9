import fc from "fast-check";
import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { encodePng } from "@argmin/nn";
import { crc32c, maskedCrc32c } from "../../src/tensorboard/crc32c.ts";
import { encodeEvent, readEventHeading } from "../../src/tensorboard/event.ts";
import { histogramOf } from "../../src/tensorboard/histogram.ts";
import { frameRecord, readRecords } from "../../src/tensorboard/record.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("records", () => {
  it("have the checksums of the format", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
    expect(maskedCrc32c(Buffer.from("123456789"))).toBe(0xc78ab0e5);
    expect(maskedCrc32c(new Uint8Array())).toBe(0xa282ead8);
  });

  it("are framed byte for byte as TensorBoard's are", () => {
    const version = Buffer.concat([Buffer.of(0x1a, 0x0d), Buffer.from("brain.Event:2")]);
    expect(hex(frameRecord(version))).toBe("0f000000000000006d532b091a0d627261696e2e4576656e743a32fc985129");
  });

  it("are read back up to where a file was torn or damaged", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), fc.nat(), fc.nat(), (payloads, cut, flip) => {
        const framed = payloads.map(frameRecord);
        const file = Buffer.concat(framed);
        expect([...readRecords(file)].map(({ payload }) => hex(payload))).toEqual(payloads.map(hex));
        const whole = (length: number): number => {
          let end = 0;
          return framed.filter((record) => (end += record.length) <= length).length;
        };
        const at = cut % (file.length + 1);
        expect([...readRecords(file.subarray(0, at))]).toHaveLength(whole(at));
        if (file.length === 0) return;
        const damaged = flip % file.length;
        file[damaged]! ^= 1;
        expect([...readRecords(file)]).toHaveLength(whole(damaged));
      }),
    );
  });
});

describe("events", () => {
  it("tell of their time, step and kind", () => {
    const event = { wallTime: 1700000000.25, step: 7, content: { kind: "graph", graph: Uint8Array.of(1, 2) } } as const;
    expect(hex(encodeEvent(event))).toBe("0900001040fc54d941100722020102");
    expect(readEventHeading(encodeEvent(event))).toEqual({ wallTime: 1700000000.25, step: 7, kind: "graph" });
    expect(readEventHeading(encodeEvent({ wallTime: 1, step: 0, content: { kind: "version" } }))).toEqual({
      wallTime: 1,
      step: 0,
      kind: "version",
    });
  });
});

/** `[left, right, count]` of each bucket. */
function rows(table: Float64Array): readonly (readonly number[])[] {
  return Array.from({ length: table.length / 3 }, (_, row) => [...table.subarray(3 * row, 3 * row + 3)]);
}

describe("histograms", () => {
  it("have 30 equal buckets from the least to the greatest value", () => {
    const table = rows(histogramOf(Float32Array.of(-15, -14.5, 0, 0.5, 14.75, 15)));
    expect(table).toHaveLength(30);
    expect(table[0]).toEqual([-15, -14, 2]);
    expect(table[15]).toEqual([0, 1, 2]);
    expect(table[29]).toEqual([14, 15, 2]);
    expect(table.filter(([, , count]) => count === 0)).toHaveLength(27);
  });

  it("put equal values into the last bucket, and nothing anywhere of nothing", () => {
    const equal = rows(histogramOf(Float32Array.of(2, 2, 2), 3));
    expect(equal).toEqual([
      [2, 2, 0],
      [2, 2, 0],
      [2, 2, 3],
    ]);
    expect(rows(histogramOf(new Float32Array(), 2))).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it("count every finite value once, whatever the values", () => {
    fc.assert(
      fc.property(fc.float32Array(), (values) => {
        const table = rows(histogramOf(values));
        const finite = values.filter(Number.isFinite);
        expect(table.reduce((sum, [, , count]) => sum + count!, 0)).toBe(finite.length);
        if (finite.length === 0) return;
        expect([table[0]![0], table.at(-1)![1]]).toEqual([Math.min(...finite), Math.max(...finite)]);
        for (const [left, right] of table) expect(left!).toBeLessThanOrEqual(right!);
      }),
    );
  });
});

describe("encodePng", () => {
  it("writes pixels that inflate to themselves, row by row", () => {
    const data = Uint8Array.from({ length: 2 * 3 * 3 }, (_, i) => i * 14);
    const { png, width, height } = encodePng({ width: 3, height: 2, channels: 3, data });
    expect([width, height]).toEqual([3, 2]);
    // The signature, then 13 bytes of header: 3 by 2 pixels of 8 bits, red green blue.
    expect(hex(png.subarray(0, 29))).toBe("89504e470d0a1a0a0000000d4948445200000003000000020802000000");
    const length = Buffer.from(png).readUInt32BE(33);
    const rows = inflateSync(png.subarray(41, 41 + length));
    expect([...rows]).toEqual([0, ...data.subarray(0, 9), 0, ...data.subarray(9)]);
    expect(hex(png.subarray(45 + length))).toBe("0000000049454e44ae426082");
  });

  it("takes grey and opaque ones, and no wrong number of bytes", () => {
    expect(encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(7) }).png[25]).toBe(0);
    expect(encodePng({ width: 1, height: 1, channels: 4, data: new Uint8Array(4) }).png[25]).toBe(6);
    expect(() => encodePng({ width: 2, height: 1, channels: 3, data: new Uint8Array(3) })).toThrow("3 bytes for 1 rows");
  });
});
