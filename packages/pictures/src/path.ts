import { numberText } from "./number-text.ts";

/** Where something is: x to the right, y downwards. */
export type Point = readonly [x: number, y: number];

/** One piece of a path: a letter of SVG's path language with its numbers, coordinates absolute. */
export type PathCommand =
  | readonly ["M" | "L", number, number]
  | readonly ["H" | "V", number]
  | readonly ["Q", number, number, number, number]
  | readonly ["C", number, number, number, number, number, number]
  | readonly ["A", number, number, number, 0 | 1, 0 | 1, number, number]
  | readonly ["Z"];

/** The `d` of a path. */
export function pathText(commands: readonly PathCommand[]): string {
  return commands.map(([letter, ...numbers]) => `${letter}${numbers.map(numberText).join(" ")}`).join("");
}

/** Straight lines from point to point. */
export function linePath(points: readonly Point[]): readonly PathCommand[] {
  return points.map(([x, y], i): PathCommand => [i === 0 ? "M" : "L", x, y]);
}

/** The outline through all points, closed. */
export function polygonPath(points: readonly Point[]): readonly PathCommand[] {
  return points.length === 0 ? [] : [...linePath(points), ["Z"]];
}

/** Straight lines from point to point, each corner rounded by at most `radius`: never by more than half of a line it ends. */
export function roundedLinePath(points: readonly Point[], radius: number): readonly PathCommand[] {
  return points.flatMap((point, i): readonly PathCommand[] => {
    const before = points[i - 1];
    const after = points[i + 1];
    if (before === undefined) return [["M", ...point]];
    if (after === undefined) return [["L", ...point]];
    const reach = Math.min(radius, distance(before, point) / 2, distance(point, after) / 2);
    const isCorner = reach > 0.01 && !isStraight(before, point, after);
    return isCorner
      ? [
          ["L", ...towards(point, before, reach)],
          ["Q", ...point, ...towards(point, after, reach)],
        ]
      : [["L", ...point]];
  });
}

function distance([x1, y1]: Point, [x2, y2]: Point): number {
  return Math.hypot(x2 - x1, y2 - y1);
}

/** Where you are after `reach` from one point in the direction of another. */
function towards(from: Point, to: Point, reach: number): Point {
  const share = reach / distance(from, to);
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

function isStraight([x1, y1]: Point, [x2, y2]: Point, [x3, y3]: Point): boolean {
  return Math.abs((x2 - x1) * (y3 - y2) - (y2 - y1) * (x3 - x2)) < 1e-6;
}
