/** Ranks from 1; equal values share the mean of theirs. */
export function ranksOf(values: Float64Array): Float64Array {
  const sorted = values.toSorted();
  // For each place the rank of the value that stands there.
  const ranks = new Float64Array(sorted.length);
  for (let start = 0; start < sorted.length;) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end += 1;
    ranks.fill((start + 1 + end) / 2, start, end);
    start = end;
  }
  return values.map((value) => ranks[countBelow(value, sorted)]!);
}

/** How many of ascending values are below one. */
export function countBelow(value: number, sorted: Float64Array): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
