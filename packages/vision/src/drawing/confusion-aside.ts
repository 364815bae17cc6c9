import { grouped } from "@argmin/base";
import { fit, measure, svg, type SvgContent, type TextStyle, type Theme } from "@argmin/pictures";
import type { ConfusedPair } from "../evaluation/confused-pairs.ts";
import { styled } from "./styled.ts";

const leastWidth = 350;
/** Between the names and the number of images. */
const nameGap = 16;
const longestPairName = 230;

const headingStyle: TextStyle = { size: 14, weight: 600 };
const pairStyle: TextStyle = { size: 12, weight: 600 };
const countStyle: TextStyle = { size: 12 };
const wordsStyle: TextStyle = { size: 11 };
const pairHeight = 38;

/** What `drawPairs` takes: as much as the longest two names want. */
export function pairsWidth(pairs: readonly ConfusedPair[], names: readonly string[]): number {
  const wanted = pairs.map((pair) => measure(both(pair, names), pairStyle) + nameGap + measure(imagesOf(pair), countStyle));
  return Math.ceil(Math.max(leastWidth, ...wanted));
}

/** The pairs of classes that are confused most often, in words, at 0, 0. */
export function drawPairs(pairs: readonly ConfusedPair[], names: readonly string[], theme: Theme): SvgContent {
  if (pairs.length === 0) return styled("No image is taken for another class's.", 0, 14, headingStyle, theme.text);
  const width = pairsWidth(pairs, names);
  return [
    styled("Confused most often", 0, 14, headingStyle, theme.text),
    pairs.map((pair, i) => {
      const y = 26 + i * pairHeight;
      const { firstAsSecond, secondAsFirst } = pair;
      const images = imagesOf(pair);
      return svg.g(
        {},
        svg.line({ x1: 0, x2: width, y1: y, y2: y, stroke: theme.grid }),
        styled(both(pair, names), 0, y + 15, pairStyle, theme.text),
        styled(images, width, y + 15, countStyle, theme.mutedText, "end"),
        styled(
          `${grouped(firstAsSecond)} of the first taken for the second, ${grouped(secondAsFirst)} the other way`,
          0,
          y + 30,
          wordsStyle,
          theme.mutedText,
        ),
      );
    }),
  ];
}

function imagesOf({ firstAsSecond, secondAsFirst }: ConfusedPair): string {
  const images = firstAsSecond + secondAsFirst;
  return `${grouped(images)} image${images === 1 ? "" : "s"}`;
}

/** Both names, each cut where it is longer than there is room for two. */
function both({ first, second }: ConfusedPair, names: readonly string[]): string {
  return [first, second].map((label) => fit(names[label]!, longestPairName, pairStyle)).join(", ");
}
