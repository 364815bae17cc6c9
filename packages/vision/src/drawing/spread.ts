/** Something that wants to stand around a place in a row, and how wide it is. */
export interface Wish {
  readonly at: number;
  readonly width: number;
  /** How much it counts that it stands there. */
  readonly weight: number;
}

/**
 * Centres in the given order, at least `gap` apart from edge to edge, whose squared distances from what they wish for, by
 * weight, are the least in sum (pool adjacent violators).
 */
export function spread(wishes: readonly Wish[], gap: number): readonly number[] {
  const offsets: number[] = [];
  wishes.forEach(({ width }, i) => {
    const before = wishes[i - 1];
    offsets.push(before === undefined ? 0 : offsets[i - 1]! + (before.width + width) / 2 + gap);
  });
  const pools: { sum: number; weight: number; count: number }[] = [];
  wishes.forEach(({ at, weight }, i) => {
    let pool = { sum: (at - offsets[i]!) * weight, weight, count: 1 };
    for (let last = pools.at(-1); last !== undefined && last.sum / last.weight > pool.sum / pool.weight; last = pools.at(-1)) {
      pools.pop();
      pool = { sum: last.sum + pool.sum, weight: last.weight + pool.weight, count: last.count + pool.count };
    }
    pools.push(pool);
  });
  return pools
    .flatMap(({ sum, weight, count }) => Array.from({ length: count }, () => sum / weight))
    .map((start, i) => start + offsets[i]!);
}
