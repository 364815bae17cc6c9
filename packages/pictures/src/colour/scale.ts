import { colourDistance, mixColours } from "./oklab.ts";

/**
 * `count` colours along a line through some others, each as far from the next as the eye tells: equal steps of a quantity then
 * look equal.
 */
export function evenColours(through: readonly string[], count: number): readonly string[] {
  const lengths = through.slice(1).map((colour, i) => colourDistance(through[i]!, colour));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return Array.from({ length: count }, (_, i) => {
    let rest = (total * i) / Math.max(1, count - 1);
    const piece = lengths.findIndex((length, j) => {
      if (rest <= length || j === lengths.length - 1) return true;
      rest -= length;
      return false;
    });
    return mixColours(through[piece]!, through[piece + 1]!, Math.min(1, rest / lengths[piece]!));
  });
}
