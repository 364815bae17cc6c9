import { grouped } from "@argmin/base";
import {
  contrast,
  middleBaseline,
  sequential,
  svg,
  scaleSteps,
  type SvgContent,
  type TextStyle,
  type Theme,
} from "@argmin/pictures";
import type { ConfusionAxes, ConfusionMatrix } from "./confusion-axes.ts";
import { styled } from "./styled.ts";
import { roundPercent } from "./words.ts";

/** Cells with less than this share of their row say nothing when they are pointed at: there are thousands. */
const leastTold = 0.03;
/** From this side on a cell has its number in it, and from the second one its share, too. */
const leastNumbered = 28;
const leastShared = 48;

/**
 * The cells, coloured by their share of their row. The scale is that of the square root, so that a hundredth is seen beside the whole;
 * cells without any image are left empty.
 */
export function drawCells({ confusion, classes }: ConfusionMatrix, axes: ConfusionAxes, theme: Theme): SvgContent {
  const { order, names, pitch, side, left, top, groups } = axes;
  const count = classes.length;
  const gap = pitch >= 16 ? 1 : 0;
  const cells: SvgContent[] = [];
  order.forEach((label, row) => {
    const images = confusion.subarray(label * count, (label + 1) * count).reduce((sum, each) => sum + each, 0);
    order.forEach((said, column) => {
      const cell = confusion[label * count + said]!;
      if (cell === 0) return;
      const share = cell / images;
      const fill = shareColour(theme, share);
      const [x, y] = [left + column * pitch, top + row * pitch];
      const square = svg.rect({ x: x + gap, y: y + gap, width: pitch - gap, height: pitch - gap, fill });
      const words = label === said ? "named rightly" : `taken for ${names[said]}`;
      const title = svg.title({}, `${cell} of ${images} images of ${names[label]} ${words}`);
      const isTold = share >= leastTold || pitch >= leastNumbered;
      cells.push(isTold ? svg.g({}, title, square, numbers(cell, share, { x, y, pitch, fill }, theme)) : square);
    });
  });
  const inner = groups.slice(1).flatMap(({ from }) => {
    const at = from * pitch;
    const line = { stroke: theme.outline, strokeWidth: 1 } as const;
    return [
      svg.line({ x1: left, x2: left + side, y1: top + at, y2: top + at, ...line }),
      svg.line({ x1: left + at, x2: left + at, y1: top, y2: top + side, ...line }),
    ];
  });
  return [
    svg.rect({ x: left, y: top, width: side, height: side, fill: theme.surface }),
    svg.g({ shapeRendering: "crispEdges" }, inner, cells),
    svg.rect({ x: left, y: top, width: side, height: side, fill: "none", stroke: theme.outline }),
  ];
}

function shareColour(theme: Theme, share: number): string {
  return sequential(theme, Math.sqrt(share));
}

interface Cell {
  readonly x: number;
  readonly y: number;
  readonly pitch: number;
  readonly fill: string;
}

function numbers(count: number, share: number, { x, y, pitch, fill }: Cell, theme: Theme): SvgContent {
  if (pitch < leastNumbered) return undefined;
  const ink = contrast(theme.text, fill) >= contrast(theme.page, fill) ? theme.text : theme.page;
  const middle = { x: x + pitch / 2, y: y + pitch / 2 };
  const hasShare = pitch >= leastShared;
  const large: TextStyle = { size: pitch >= 80 ? 18 : hasShare ? 13 : 10.5, weight: 600 };
  const small: TextStyle = { size: pitch >= 80 ? 13 : 10.5 };
  const shift = hasShare ? large.size * 0.55 : 0;
  return [
    styled(grouped(count), middle.x, middleBaseline(middle.y - shift, large), large, ink, "middle"),
    hasShare && styled(roundPercent(share), middle.x, middleBaseline(middle.y + large.size * 0.75, small), small, ink, "middle"),
  ];
}

/** What `drawScale` takes. */
export const scaleHeight = 44;
const scaleStyle: TextStyle = { size: 11 };
const ticks = [0.01, 0.05, 0.2, 0.5, 1] as const;

/** What the colours mean, at 0, 0. */
export function drawScale(width: number, theme: Theme): SvgContent {
  const step = width / scaleSteps;
  return [
    styled("colour: share of the row's images", 0, 10, scaleStyle, theme.mutedText),
    svg.g(
      { shapeRendering: "crispEdges" },
      Array.from({ length: scaleSteps }, (_, i) =>
        svg.rect({ x: i * step, y: 17, width: step + 0.5, height: 9, fill: sequential(theme, i / (scaleSteps - 1)) }),
      ),
    ),
    ticks.map((share) => {
      const x = Math.sqrt(share) * width;
      return [
        svg.line({ x1: x, x2: x, y1: 26, y2: 30, stroke: theme.axis }),
        styled(`${100 * share} %`, x, 41, scaleStyle, theme.mutedText, share === 1 ? "end" : "middle"),
      ];
    }),
  ];
}
