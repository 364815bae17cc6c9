import { svg, translate, wrap, type Picture, type TextStyle, type Theme } from "@argmin/pictures";
import { confusedPairs } from "../evaluation/confused-pairs.ts";
import { drawPairs, pairsWidth } from "./confusion-aside.ts";
import { drawCells, drawScale, scaleHeight } from "./confusion-cells.ts";
import { axesOf, type ConfusionMatrix } from "./confusion-axes.ts";
import { drawBars, drawColumnNames, drawRowNames } from "./confusion-names.ts";
import { styled } from "./styled.ts";

const margin = 28;
const titleStyle: TextStyle = { size: 20, weight: 600 };
const factStyle: TextStyle = { size: 12.5 };
const asideGap = 40;
const reading = "Each row holds the images of one class, each column what the network calls them.";
/** Pairs that stand beside the matrix. */
const mostPairs = 24;

/**
 * A confusion matrix as a picture: a row a class, with what the network calls its images, and how many it names rightly; beside it the
 * pairs of classes that are confused most often, in words. Legible for two classes and for a hundred; beyond 150 the names are left out.
 */
export function drawConfusionMatrix(matrix: ConfusionMatrix, { theme }: { readonly theme: Theme }): Picture {
  const { title, facts = [], confusion } = matrix;
  const axes = axesOf(matrix);
  const { left, top, side, right } = axes;
  const height = Math.max(side + 14 + scaleHeight, 150);
  const pairs = confusedPairs(confusion, Math.min(mostPairs, Math.floor((top + height - 30) / 38)));
  const aside = left + side + right + asideGap;
  const width = margin + aside + pairsWidth(pairs, axes.names) + margin;
  const titles = wrap(title, width - 2 * margin, titleStyle);
  const lines = [...facts, reading].flatMap((fact) => wrap(fact, width - 2 * margin, factStyle));
  const factsTop = margin + titles.length * 26 + 4;
  const bodyTop = factsTop + lines.length * 19 + 14;
  return {
    width,
    height: bodyTop + top + height + margin,
    title,
    description: [...facts, pairsInWords(matrix, pairs)].join(" "),
    content: [
      titles.map((line, i) => styled(line, margin, margin + 16 + 26 * i, titleStyle, theme.text)),
      lines.map((line, i) => styled(line, margin, factsTop + 13 + 19 * i, factStyle, theme.mutedText)),
      svg.g(
        { transform: translate(margin, bodyTop) },
        drawColumnNames(axes, theme),
        drawRowNames(axes, theme),
        drawCells(matrix, axes, theme),
        drawBars(matrix, axes, theme),
        svg.g({ transform: translate(left, top + side + 14) }, drawScale(Math.min(360, Math.max(220, side)), theme)),
        svg.g({ transform: translate(aside, 0) }, drawPairs(pairs, axes.names, theme)),
      ),
    ],
  };
}

function pairsInWords({ classes }: ConfusionMatrix, pairs: ReturnType<typeof confusedPairs>): string {
  const [most] = pairs;
  if (most === undefined) return "No image is taken for another class's.";
  const [first, second] = [classes[most.first], classes[most.second]];
  return `Confused most often: ${most.firstAsSecond} images of ${first} are taken for ${second}, ${most.secondAsFirst} the other way.`;
}
