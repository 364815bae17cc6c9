import type { Rng } from "@argmin/base";
import type { ExampleValues, ParsedExamples } from "./examples.ts";
import type { TargetForm } from "./outputs.ts";

/** Copies examples, by position, into the rows of a batch from the first on. Both are of one type. */
export function gatherInputs(
  target: ExampleValues,
  { values, size }: Pick<ParsedExamples, "values" | "size">,
  order: Uint32Array,
  from: number,
  to: number,
): void {
  // As bytes: a view of each example would be as much work as the copy.
  const [source, rows] = [bytesOf(values), bytesOf(target)];
  const bytes = size * values.BYTES_PER_ELEMENT;
  for (let i = from; i < to; i++) source.copy(rows, (i - from) * bytes, order[i]! * bytes, (order[i]! + 1) * bytes);
}

function bytesOf({ buffer, byteOffset, byteLength }: ExampleValues): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/**
 * Writes the targets of examples, by position: a 1 in the row of zeros for a class, or the numbers as they are; smoothed towards an
 * even share of each class, or towards one half.
 */
export function gatherTargets(
  target: Float32Array,
  labels: ArrayLike<number>,
  { units, isIndex, labelSmoothing }: TargetForm,
  order: Uint32Array,
  from: number,
  to: number,
): void {
  if (isIndex) {
    const rest = labelSmoothing / units;
    target.fill(rest);
    for (let i = from; i < to; i++) target[(i - from) * units + labels[order[i]!]!] = 1 - labelSmoothing + rest;
    return;
  }
  for (let i = from; i < to; i++) {
    for (let unit = 0; unit < units; unit++) {
      const label = labels[order[i]! * units + unit]!;
      target[(i - from) * units + unit] = label * (1 - labelSmoothing) + labelSmoothing / 2;
    }
  }
}

/** The positions of a set's examples in the order they are given. */
export function positionsOf({ indices, count }: ParsedExamples): Uint32Array {
  return indices?.slice() ?? Uint32Array.from({ length: count }, (_, i) => i);
}

/** Fills dropout masks; keeps its scratch room between steps. */
export class MaskWriter {
  #words = new Uint32Array(0);

  /**
   * Writes 0 with probability `rate`, in steps of 1 / 65536, else 1 / (1 - rate): what is left keeps its expected sum.
   *
   * Two elements come from each word of the stream, the lower half first.
   */
  write(mask: Float32Array, rate: number, rng: Rng): void {
    const pairs = Math.ceil(mask.length / 2);
    if (this.#words.length < pairs) this.#words = new Uint32Array(pairs);
    const words = this.#words.subarray(0, pairs);
    rng.fillUint32(words);
    // At most 65535, so that the scale of a rate of almost 1 stays finite.
    const threshold = Math.min(65_535, Math.round(rate * 65_536));
    const [scale] = new Int32Array(Float32Array.of(65_536 / (65_536 - threshold)).buffer);
    // Bits instead of numbers: the sign of a difference, spread over 32 bits, lets the scale through or not. A comparison that
    // goes either way at random costs three times as much.
    const halves = new Int32Array(words.buffer, 0, pairs);
    const bits = new Int32Array(mask.buffer, mask.byteOffset, mask.length);
    const even = mask.length & ~1;
    for (let i = 0; i < even; i += 2) {
      const pair = halves[i >>> 1]!;
      bits[i] = ((threshold - 1 - (pair & 0xffff)) >> 31) & scale!;
      bits[i + 1] = ((threshold - 1 - (pair >>> 16)) >> 31) & scale!;
    }
    if (even < mask.length) bits[even] = ((threshold - 1 - (halves[pairs - 1]! & 0xffff)) >> 31) & scale!;
  }
}
