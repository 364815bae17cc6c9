import { pathText, svg, type PathCommand, type Point, type SvgElement, type Theme } from "@argmin/pictures";

/** Places to a tenth of a pixel: more cannot be seen and makes files larger. */
export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Where a trial stands among those with the same value, from -0.5 to 0.5: always at the same place, and evenly, however many there are. */
export function spreadOf(number: number): number {
  return ((number * 0.6180339887498949) % 1) - 0.5;
}

/** Round dots of one colour: one path, however many. Points without a place are left out. */
export function dots(
  points: readonly Point[],
  { radius, fill, opacity }: { readonly radius: number; readonly fill: string; readonly opacity?: number },
): SvgElement | undefined {
  const shown = points.filter(hasPlace);
  if (shown.length === 0) return undefined;
  // A line without length and with round ends is a disc. (Of several closed ones, "MZ", a browser's PDF shows none.)
  const d = pathText(
    shown.flatMap(([x, y]): readonly PathCommand[] => [
      ["M", tenth(x), tenth(y)],
      ["H", tenth(x)],
    ]),
  );
  return svg.path({ d, fill: "none", stroke: fill, strokeWidth: 2 * radius, strokeLinecap: "round", strokeOpacity: opacity });
}

/** A line through points, interrupted where one has no place. */
export function line(
  points: readonly Point[],
  paint: { readonly stroke: string; readonly width?: number; readonly opacity?: number },
): SvgElement | undefined {
  return lines([points], paint);
}

/** Lines of one colour, as one path. */
export function lines(
  all: readonly (readonly Point[])[],
  { stroke, width = 1.5, opacity }: { readonly stroke: string; readonly width?: number; readonly opacity?: number },
): SvgElement | undefined {
  const commands = all.flatMap((points) =>
    points.flatMap(([x, y], i): readonly PathCommand[] => {
      if (!hasPlace([x, y])) return [];
      const before = points[i - 1];
      return [[before === undefined || !hasPlace(before) ? "M" : "L", tenth(x), tenth(y)]];
    }),
  );
  if (commands.length === 0) return undefined;
  return svg.path({
    d: pathText(commands),
    fill: "none",
    stroke,
    strokeWidth: width,
    strokeLinejoin: "round",
    strokeLinecap: "round",
    strokeOpacity: opacity,
  });
}

/** Level until the next point, then up or down to it. */
export function steps(points: readonly Point[]): readonly Point[] {
  return points.flatMap((point, i): readonly Point[] => {
    const before = points[i - 1];
    return before === undefined ? [point] : [[point[0], before[1]], point];
  });
}

/** Upright strokes from `top` to `bottom`: at most one in each pixel. */
export function strokes(
  xs: readonly number[],
  {
    top,
    bottom,
    stroke,
    width = 1.5,
  }: { readonly top: number; readonly bottom: number; readonly stroke: string; readonly width?: number },
): SvgElement | undefined {
  const places = [...new Set(xs.filter((x) => !Number.isNaN(x)).map(Math.round))].toSorted((a, b) => a - b);
  if (places.length === 0) return undefined;
  const d = pathText(
    places.flatMap((x): readonly PathCommand[] => [
      ["M", x, top],
      ["V", bottom],
    ]),
  );
  return svg.path({ d, fill: "none", stroke, strokeWidth: width });
}

/** Small triangles that point up or down: values that lie beyond the edge. */
export function arrowheads(
  points: readonly Point[],
  { isUp, fill }: { readonly isUp: boolean; readonly fill: string },
): SvgElement | undefined {
  const shown = points.filter(hasPlace);
  if (shown.length === 0) return undefined;
  const tip = isUp ? -4 : 4;
  const d = pathText(
    shown.flatMap(([x, y]): readonly PathCommand[] => [
      ["M", tenth(x - 3.5), tenth(y - tip / 2)],
      ["L", tenth(x + 3.5), tenth(y - tip / 2)],
      ["L", tenth(x), tenth(y + tip)],
      ["Z"],
    ]),
  );
  return svg.path({ d, fill });
}

/** A ring around the best. */
export function ring([x, y]: Point, theme: Theme, radius = 5.5): SvgElement | undefined {
  if (!hasPlace([x, y])) return undefined;
  return svg.circle({ cx: tenth(x), cy: tenth(y), r: radius, fill: "none", stroke: theme.highlight, strokeWidth: 2 });
}

function hasPlace([x, y]: Point): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}
