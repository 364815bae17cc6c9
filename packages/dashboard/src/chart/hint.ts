import { linePath, pathText, svg, type Point, type SvgElement } from "@argmin/pictures";
import { numberWords } from "../scale/words.ts";
import { tenth } from "./marks.ts";

/**
 * @file What marks say when they are pointed at: invisible shapes over them, each with its words, since many marks of one colour are one
 * path. The report shows which one is meant.
 */

/** A mark, and what it says. */
export interface Hint {
  readonly words: string;
  readonly at: Point;
}

/** More in one chart make a page heavy. */
export const mostHints = 5000;
/** More in one plot stand too close to be pointed at. */
const mostOfPlot = 1500;

const reach = 6;

/** Discs over the marks of a plot; none where they are too many. */
export function hints(marks: readonly Hint[]): SvgElement | undefined {
  const shown = marks.filter(({ at: [x, y] }) => Number.isFinite(x) && Number.isFinite(y));
  if (shown.length === 0 || shown.length > mostOfPlot) return undefined;
  return svg.g(
    { fill: "none", pointerEvents: "all" },
    shown.map(({ words, at: [x, y] }) => svg.circle({ cx: tenth(x), cy: tenth(y), r: reach }, svg.title({}, words))),
  );
}

/** Broad strokes over lines. A point without a place is left out: the stroke bridges it. */
export function lineHints(
  lines: readonly { readonly words: string; readonly points: readonly Point[] }[],
): SvgElement | undefined {
  if (lines.length === 0) return undefined;
  return svg.g(
    { fill: "none", pointerEvents: "stroke", strokeWidth: reach, strokeLinejoin: "round", strokeLinecap: "round" },
    lines.map(({ words, points }) => {
      const placed = points.filter(([, y]) => Number.isFinite(y));
      const stride = Math.ceil(placed.length / mostCorners);
      const corners = placed.filter((_, i) => i % stride === 0 || i === placed.length - 1);
      const d = pathText(linePath(corners.map(([x, y]) => [tenth(x), tenth(y)])));
      return corners.length > 1 && svg.path({ d }, svg.title({}, words));
    }),
  );
}

/** A stroke need not follow its line more closely. */
const mostCorners = 40;

/** "trial 12: 0.6571", and what else there is to say of it. */
export function trialWords(
  { number, value }: { readonly number: number; readonly value: number },
  ...more: readonly string[]
): string {
  return [`trial ${number}: ${numberWords(value, 4)}`, ...more].join(", ");
}
