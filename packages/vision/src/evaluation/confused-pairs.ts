/** Two classes that are taken for one another. */
export interface ConfusedPair {
  /** Class numbers: of the first, more images are taken for the second than the other way. */
  readonly first: number;
  readonly second: number;
  /** Images of the first that are taken for the second, and the other way. */
  readonly firstAsSecond: number;
  readonly secondAsFirst: number;
}

/**
 * The pairs of classes that are confused most often, both ways together; of equals the first classes.
 *
 * @param confusion - `[class of the image, class that the network says]`, row-major: how many images.
 */
export function confusedPairs(confusion: Uint32Array, most: number): readonly ConfusedPair[] {
  const units = Math.sqrt(confusion.length);
  const pairs: ConfusedPair[] = [];
  for (let one = 0; one < units; one++) {
    for (let other = one + 1; other < units; other++) {
      const [forth, back] = [confusion[one * units + other]!, confusion[other * units + one]!];
      if (forth + back === 0) continue;
      pairs.push(
        back > forth
          ? { first: other, second: one, firstAsSecond: back, secondAsFirst: forth }
          : { first: one, second: other, firstAsSecond: forth, secondAsFirst: back },
      );
    }
  }
  return pairs.toSorted((a, b) => b.firstAsSecond + b.secondAsFirst - a.firstAsSecond - a.secondAsFirst).slice(0, most);
}
