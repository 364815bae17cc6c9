import { fit, measure, svg, type SvgContent, type TextStyle, type Theme } from "@argmin/pictures";
import type { ConfusedPair } from "../evaluation/confused-pairs.ts";
import { styled } from "./styled.ts";
import { grouped } from "./words.ts";

/** What `drawPairs` takes. */
export const pairsWidth = 350;

const headingStyle: TextStyle = { size: 14, weight: 600 };
const pairStyle: TextStyle = { size: 12, weight: 600 };
const countStyle: TextStyle = { size: 12 };
const wordsStyle: TextStyle = { size: 11 };
const pairHeight = 38;

/** The pairs of classes that are confused most often, in words, at 0, 0. */
export function drawPairs(pairs: readonly ConfusedPair[], names: readonly string[], theme: Theme): SvgContent {
  if (pairs.length === 0) return styled("No image is taken for another class's.", 0, 14, headingStyle, theme.text);
  return [
    styled("Confused most often", 0, 14, headingStyle, theme.text),
    pairs.map(({ first, second, firstAsSecond, secondAsFirst }, i) => {
      const y = 26 + i * pairHeight;
      const images = firstAsSecond + secondAsFirst;
      const [one, other] = [names[first]!, names[second]!];
      return svg.g(
        {},
        svg.line({ x1: 0, x2: pairsWidth, y1: y, y2: y, stroke: theme.grid }),
        styled(both(one, other), 0, y + 15, pairStyle, theme.text),
        styled(`${grouped(images)} image${images === 1 ? "" : "s"}`, pairsWidth, y + 15, countStyle, theme.mutedText, "end"),
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

/** Both names, each cut to its half where they have no room. */
function both(one: string, other: string): string {
  const room = pairsWidth - 84;
  const whole = `${one}, ${other}`;
  if (measure(whole, pairStyle) <= room) return whole;
  const half = (room - measure(", ", pairStyle)) / 2;
  return `${fit(one, half, pairStyle)}, ${fit(other, half, pairStyle)}`;
}
