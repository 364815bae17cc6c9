/** Buckets that TensorBoard shows well. */
const BUCKETS = 30;

/**
 * How values are spread: `[bucket, 3]` of left edge, right edge and count, row-major, as TensorBoard's own writer makes it.
 *
 * Buckets are equally wide from the least to the greatest value and hold their left edge, the last one its right edge too. Of equal
 * values all are in the last bucket; without values all is 0. What is no finite number is left out.
 */
export function histogramOf(values: Float32Array, buckets = BUCKETS): Float64Array {
  const table = new Float64Array(3 * buckets);
  let [low, high] = [Infinity, -Infinity];
  let count = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
    count += 1;
  }
  if (count === 0) return table;
  const width = (high - low) / buckets;
  for (let bucket = 0; bucket < buckets; bucket++) {
    table[3 * bucket] = low + bucket * width;
    table[3 * bucket + 1] = bucket === buckets - 1 ? high : low + (bucket + 1) * width;
  }
  if (width === 0) {
    table[3 * buckets - 1] = count;
    return table;
  }
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const place = 3 * Math.min(Math.floor((value - low) / width), buckets - 1) + 2;
    table[place] = table[place]! + 1;
  }
  return table;
}
