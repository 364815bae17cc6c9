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
