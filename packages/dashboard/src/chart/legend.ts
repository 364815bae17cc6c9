import {
  measure,
  middleBaseline,
  pathText,
  sequential,
  svg,
  type SvgContent,
  type TextStyle,
  type Theme,
} from "@argmin/pictures";
import { label } from "./frame.ts";

/** One entry: a mark, and what it means. */
export interface LegendItem {
  readonly words: string;
  readonly mark: (x: number, middle: number) => SvgContent;
  readonly markWidth: number;
}

const style: TextStyle = { size: 11.5 };
const lineHeight = 20;

/** Entries side by side, in as many lines as they need; `height` is what they take from `y` on. */
export function legend(
  items: readonly LegendItem[],
  { x: left, y: top, width, theme }: { readonly x: number; readonly y: number; readonly width: number; readonly theme: Theme },
): { readonly content: SvgContent; readonly height: number } {
  let [x, row] = [0, 0];
  const content = items.map(({ words, mark, markWidth }) => {
    const length = markWidth + 6 + measure(words, style);
    if (x > 0 && x + length > width) [x, row] = [0, row + 1];
    const middle = top + row * lineHeight + lineHeight / 2;
    const item = [
      mark(left + x, middle),
      label(words, left + x + markWidth + 6, middleBaseline(middle, style), { fill: theme.mutedText, style }),
    ];
    x += length + 20;
    return item;
  });
  return { content, height: items.length === 0 ? 0 : (row + 1) * lineHeight };
}

/** A dot of a colour. */
export function dotItem(words: string, fill: string, opacity?: number): LegendItem {
  return { words, markWidth: 8, mark: (x, middle) => svg.circle({ cx: x + 4, cy: middle, r: 4, fill, fillOpacity: opacity }) };
}

/** A piece of a line. */
export function lineItem(words: string, stroke: string, width = 2): LegendItem {
  return {
    words,
    markWidth: 20,
    mark: (x, middle) =>
      svg.path({
        d: pathText([
          ["M", x, middle],
          ["H", x + 20],
        ]),
        fill: "none",
        stroke,
        strokeWidth: width,
      }),
  };
}

/** A filled square. */
export function squareItem(words: string, fill: string, opacity?: number): LegendItem {
  return {
    words,
    markWidth: 12,
    mark: (x, middle) => svg.rect({ x, y: middle - 6, width: 12, height: 12, rx: 2, fill, fillOpacity: opacity }),
  };
}

/** A ring as it stands around the best. */
export function ringItem(words: string, theme: Theme): LegendItem {
  return {
    words,
    markWidth: 12,
    mark: (x, middle) => svg.circle({ cx: x + 6, cy: middle, r: 5, fill: "none", stroke: theme.highlight, strokeWidth: 2 }),
  };
}

/** The colours of ranks, from the worst to the best. */
export function rankItems(theme: Theme): readonly LegendItem[] {
  const count = 5;
  const size = 14;
  return [
    {
      words: "trials by rank, from the worst to the best",
      markWidth: count * size,
      mark: (x, middle) =>
        Array.from({ length: count }, (_, i) =>
          svg.rect({ x: x + i * size, y: middle - 6, width: size, height: 12, fill: rankColour(theme, i / (count - 1)) }),
        ),
    },
  ];
}

/** The colour of a rank between 0 (the worst) and 1 (the best): the worst still stand out from the page. */
export function rankColour(theme: Theme, rank: number): string {
  return sequential(theme, 0.14 + 0.86 * rank);
}
