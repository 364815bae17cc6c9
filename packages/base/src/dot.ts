/**
 * The sum of the products of `count` entries of two lists, from a place in each on: in four sums side by side, so that no
 * addition waits for the one before.
 */
export function dotOfParts(a: Float64Array, fromA: number, b: Float64Array, fromB: number, count: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const whole = count - (count % 4);
  for (let k = 0; k < whole; k += 4) {
    s0 += a[fromA + k]! * b[fromB + k]!;
    s1 += a[fromA + k + 1]! * b[fromB + k + 1]!;
    s2 += a[fromA + k + 2]! * b[fromB + k + 2]!;
    s3 += a[fromA + k + 3]! * b[fromB + k + 3]!;
  }
  for (let k = whole; k < count; k++) s0 += a[fromA + k]! * b[fromB + k]!;
  return s0 + s1 + (s2 + s3);
}
