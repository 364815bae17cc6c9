/**
 * How many examples are right: the largest prediction is the largest target, the first of equals winning. What is no number is
 * wrong.
 *
 * With a threshold each unit is right on its own and an example counts the share of its right units, as Keras's binary
 * accuracy does.
 */
export function countRight(
  prediction: Float32Array,
  target: Float32Array,
  rows: number,
  units: number,
  threshold: number | undefined,
): number {
  let right = 0;
  if (threshold !== undefined) {
    for (let i = 0; i < rows * units; i++) {
      if (target[i]! > 0.5 ? prediction[i]! > threshold : prediction[i]! <= threshold) right += 1;
    }
    return right / units;
  }
  for (let row = 0; row < rows * units; row += units) {
    if (isLargest(prediction, row, units, largestIndex(target, row, units))) right += 1;
  }
  return right;
}

/** Whether the element at `index` from `start` is larger than those before it and no smaller than those after it. */
function isLargest(values: Float32Array, start: number, units: number, index: number): boolean {
  const value = values[start + index]!;
  for (let i = 0; i < units; i++) {
    const other = values[start + i]!;
    // Written so that nothing holds for NaN.
    if (!(i < index ? value > other : value >= other)) return false;
  }
  return true;
}

/** Where the largest of `units` elements from `start` is, counted from `start`. */
function largestIndex(values: Float32Array, start: number, units: number): number {
  let best = 0;
  for (let i = 1; i < units; i++) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}
