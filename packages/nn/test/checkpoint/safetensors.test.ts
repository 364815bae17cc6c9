import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "@argmin/nn";

const tensor = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((shape) => {
  const size = shape.reduce((product, length) => product * length, 1);
  return fc
    .array(fc.float({ noNaN: true }), { minLength: size, maxLength: size })
    .map((data): StoredTensor => ({ shape, data: Float32Array.from(data) }));
});
const name = fc.string({ unit: "grapheme" }).filter((text) => text !== "__metadata__" && text !== "__proto__");

/** A file with this header and this many bytes of tensors. */
function file(header: string, room: number): Uint8Array {
  const json = Buffer.from(header);
  const bytes = Buffer.alloc(8 + json.length + room);
  bytes.writeBigUInt64LE(BigInt(json.length));
  json.copy(bytes, 8);
  return bytes;
}

describe("safetensors", () => {
  it("come back as they went", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key }),
        fc.dictionary(name, fc.string()),
        (entries, metadata) => {
          const back = decodeSafetensors(encodeSafetensors({ tensors: new Map(entries), metadata }), "file");
          expect([...back.tensors]).toEqual(expect.arrayContaining(entries));
          expect(back.tensors.size).toBe(entries.length);
          expect(back.metadata).toEqual({ ...metadata });
        },
      ),
    );
  });

  it("are laid out as the format says", () => {
    const bytes = encodeSafetensors({
      tensors: new Map([["a", { shape: [2], data: Float32Array.of(1, -2) }]]),
      metadata: { by: "me" },
    });
    const header = '{"__metadata__":{"by":"me"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(Buffer.from(bytes)).toEqual(
      Buffer.concat([
        Buffer.from([padded.length, 0, 0, 0, 0, 0, 0, 0]),
        Buffer.from(padded),
        Buffer.from([0, 0, 128, 63, 0, 0, 0, 192]),
      ]),
    );
  });

  it("cut short anywhere are refused", () => {
    const whole = encodeSafetensors({ tensors: new Map([["a", { shape: [2, 1], data: Float32Array.of(1, -2) }]]), metadata: {} });
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeSafetensors(whole.subarray(0, length), "model.safetensors"), String(length)).toThrow(
        /^model\.safetensors is not a whole safetensors file: /,
      );
    }
  });

  const bad: readonly (readonly [what: string, header: string, room: number, message: string])[] = [
    ["no JSON", "{", 0, "the header is not valid JSON"],
    ["a list", "[]", 0, "its header is no JSON object"],
    ["another type", '{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}', 4, 'the tensor a is of type "F16", wanted "F32"'],
    ["no offsets", '{"a":{"dtype":"F32","shape":[1]}}', 4, "the entry of a has no shape or no pair of offsets"],
    [
      "half a size",
      '{"a":{"dtype":"F32","shape":[0.5],"data_offsets":[0,2]}}',
      2,
      "the entry of a has no shape or no pair of offsets",
    ],
    ["a text for an entry", '{"a":"b"}', 0, "the entry of a is no JSON object"],
    ["too few bytes", '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4, "the tensor a of [2] wants 8 bytes, not 4"],
    ["bytes beyond the end", '{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 4, "the tensor a ends at byte 8 of 4"],
    ["bytes left over", '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 9, "its tensors cover 4 of 9 bytes"],
    ["metadata of numbers", '{"__metadata__":{"a":1}}', 0, "its metadata a is no text"],
    ["metadata of none", '{"__metadata__":1}', 0, "its metadata is no JSON object"],
  ];
  for (const [what, header, room, message] of bad) {
    it(`with ${what} are refused`, () => {
      expect(() => decodeSafetensors(file(header, room), "x")).toThrow(message);
    });
  }
});
