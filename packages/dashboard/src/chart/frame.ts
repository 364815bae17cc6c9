import {
  fit,
  measure,
  middleBaseline,
  svg,
  widest,
  wrap,
  type SvgContent,
  type SvgElement,
  type TextStyle,
  type Theme,
} from "@argmin/pictures";
import type { Scale, Tick } from "../scale/scale.ts";
import { fitApart } from "./option-labels.ts";

/** A rectangle in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One axis of a plot: its scale, and what it measures in words. */
export interface Axis {
  readonly scale: Scale;
  readonly name?: string;
}

/** The place of a plot's marks, and all that stands around and behind them. */
export interface Frame {
  /** Where marks go. */
  readonly area: Box;
  /** Pixels of a value; NaN of one that has no place. */
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly background: SvgContent;
}

export const tickStyle: TextStyle = { size: 11 };
export const nameStyle: TextStyle = { size: 12 };

const tickGap = 7;
const nameRoom = 22;
const tickRoom = 18;

export interface FrameOptions {
  readonly theme: Theme;
  readonly x: Axis;
  readonly y: Axis;
  /** Room kept for labels at the left, so that frames above each other align; what they want unless given. */
  readonly left?: number;
}

/** The room that the labels of a vertical axis want at its left, and get unless they are long names of options. */
function leftRoom({ scale }: Axis, { width }: Box, height: number): number {
  const wanted = widest(
    ticksAcross(scale, height).map(({ text }) => text),
    tickStyle,
  );
  return (scale.kind === "options" ? Math.min(wanted, mostLabelShare * width) : wanted) + tickGap;
}

/** Of a plot's width, for the names of options at its left. */
const mostLabelShare = 0.4;

/** The room below a plot that its horizontal axis wants: labels in one row or two, and the name. */
function belowRoom(axis: Axis, width: number): number {
  return tickRoom + (labelRows(axis.scale, width).rows - 1) * 14 + (axis.name === undefined ? 0 : nameRoom);
}

/** Axes, grid and labels inside a box; what remains is the area. The vertical axis's name stands above it, where it reads best. */
export function frameIn(box: Box, { theme, x, y, left }: FrameOptions): Frame {
  const top = y.name === undefined ? 6 : nameRoom;
  const guess = box.height - top - tickRoom;
  const leftEdge = box.x + (left ?? leftRoom(y, box, guess));
  const width = box.x + box.width - leftEdge;
  const area: Box = { x: leftEdge, y: box.y + top, width, height: box.height - top - belowRoom(x, width) };
  return {
    area,
    x: (value) => area.x + x.scale.place(value) * area.width,
    y: (value) => area.y + (1 - y.scale.place(value)) * area.height,
    background: [
      drawVertical(y, area, box, theme),
      drawHorizontal(x, area, theme),
      svg.rect({ ...area, fill: "none", stroke: theme.outline, strokeWidth: 1 }),
    ],
  };
}

/** The labels below a horizontal axis, and the lines that go up from them. */
function drawHorizontal({ scale, name }: Axis, area: Box, theme: Theme): SvgContent {
  const { ticks, rows } = labelRows(scale, area.width);
  const bottom = area.y + area.height;
  return [
    ticks.map(({ at }) => gridLine(scale, at, area, theme, true)),
    ticks.map(({ at, text }, i) => {
      const row = i % rows;
      const x = Math.round(area.x + at * area.width) + 0.5;
      const isFirst = scale.kind === "numbers" && x - measure(text, tickStyle) / 2 < area.x - 4;
      const isLast = scale.kind === "numbers" && x + measure(text, tickStyle) / 2 > area.x + area.width + 4;
      return [
        svg.line({ x1: x, y1: bottom, x2: x, y2: bottom + 4 + row * 14, stroke: theme.axis }),
        label(text, isFirst ? area.x - 4 : isLast ? area.x + area.width + 4 : x, bottom + 15 + row * 14, {
          anchor: isFirst ? "start" : isLast ? "end" : "middle",
          fill: theme.mutedText,
        }),
      ];
    }),
    name !== undefined &&
      label(fit(name, area.width, nameStyle), area.x + area.width / 2, bottom + 14 * rows + 19, {
        anchor: "middle",
        fill: theme.text,
        style: nameStyle,
      }),
  ];
}

function drawVertical({ scale, name }: Axis, area: Box, box: Box, theme: Theme): SvgContent {
  const ticks = ticksAcross(scale, area.height);
  const texts = ticks.map(({ text }) => text);
  const room = area.x - tickGap - box.x;
  const shown =
    scale.kind === "options"
      ? fitApart(
          texts,
          texts.map(() => room),
          tickStyle,
        )
      : texts;
  return [
    ticks.map(({ at }, i) => {
      const y = area.y + (1 - at) * area.height;
      return [
        gridLine(scale, at, area, theme, false),
        label(shown[i]!, area.x - tickGap, middleBaseline(y, tickStyle), { anchor: "end", fill: theme.mutedText }),
      ];
    }),
    name !== undefined &&
      label(fit(name, box.width, nameStyle), box.x, area.y - 10, { anchor: "start", fill: theme.text, style: nameStyle }),
  ];
}

/** Lines stand on whole pixels, so that they are sharp; between options there is nothing to count along them. */
function gridLine({ kind }: Scale, at: number, area: Box, theme: Theme, isUpright: boolean): SvgElement | undefined {
  if (kind === "options") return undefined;
  const place = isUpright ? area.x + at * area.width : area.y + (1 - at) * area.height;
  const sharp = Math.round(place) + 0.5;
  const ends = isUpright
    ? { x1: sharp, y1: area.y, x2: sharp, y2: area.y + area.height }
    : { x1: area.x, y1: sharp, x2: area.x + area.width, y2: sharp };
  return svg.line({ ...ends, stroke: theme.grid });
}

export interface LabelOptions {
  readonly anchor?: "start" | "middle" | "end";
  readonly fill: string;
  /** That of ticks unless given. */
  readonly style?: TextStyle;
}

/** A line of text. */
export function label(text: string, x: number, y: number, { anchor, fill, style = tickStyle }: LabelOptions): SvgElement {
  return svg.text(
    { x, y, fontSize: style.size, fontWeight: style.weight, textAnchor: anchor === "start" ? undefined : anchor, fill },
    text,
  );
}

/** Lines of text under each other; `y` is the first baseline. */
export function paragraph(
  text: string,
  box: { readonly x: number; readonly y: number; readonly width: number },
  options: LabelOptions & { readonly lineHeight?: number },
): { readonly content: SvgContent; readonly lines: number } {
  const style = options.style ?? tickStyle;
  const lines = wrap(text, box.width, style);
  const { lineHeight = style.size * 1.45 } = options;
  return { content: lines.map((line, i) => label(line, box.x, box.y + i * lineHeight, options)), lines: lines.length };
}

/** As many ticks as a vertical axis of that height has room for. */
function ticksAcross(scale: Scale, height: number): readonly Tick[] {
  const ticks = scale.ticks(Math.max(2, Math.floor(height / 28)));
  if (scale.kind === "numbers") return ticks;
  const stride = Math.max(1, Math.ceil((ticks.length * 14) / Math.max(14, height)));
  return ticks.filter((_, i) => i % stride === 0);
}

/** The most ticks whose labels are clear of each other in one row; options may take two, and are cut only where that is not enough. */
function labelRows(scale: Scale, width: number): { readonly ticks: readonly Tick[]; readonly rows: 1 | 2 } {
  if (scale.kind === "numbers") {
    for (let most = Math.min(mostTicks, Math.max(2, Math.floor(width / 34))); most > 1; most--) {
      const ticks = scale.ticks(most);
      if (areClear(ticks, width, 1) && areClearAtEnds(ticks, width)) return { ticks, rows: 1 };
    }
    return { ticks: scale.ticks(1), rows: 1 };
  }
  const all = scale.ticks(Infinity);
  const areInside = all.every(({ at, text }) => measure(text, tickStyle) <= roomAround(at, width));
  if (areInside && areClear(all, width, 1)) return { ticks: all, rows: 1 };
  if (areInside && areClear(all, width, 2)) return { ticks: all, rows: 2 };
  const stride = Math.ceil((all.length * narrowest) / (2 * width));
  const ticks = all.filter((_, i) => i % stride === 0);
  const room = (2 * stride * width) / all.length - clearance;
  const texts = fitApart(
    ticks.map(({ text }) => text),
    ticks.map(({ at }) => Math.min(room, roomAround(at, width))),
    tickStyle,
  );
  return { ticks: ticks.map(({ at }, i) => ({ at, text: texts[i]! })), rows: ticks.length > 1 ? 2 : 1 };
}

/** How wide a label may be that stands around its mark and stays with its own plot: below the labels of the vertical axis there is room. */
function roomAround(at: number, width: number): number {
  return 2 * Math.min(at * width + 24, (1 - at) * width + 6);
}

/** More marks than that are read by nobody. */
const mostTicks = 14;
/** The least room that a cut label of an option is worth. */
const narrowest = 40;
const clearance = 12;

function areClear(ticks: readonly Tick[], width: number, rows: 1 | 2): boolean {
  return ticks.every(({ at, text }, i) => {
    const next = ticks[i + rows];
    const half = measure(text, tickStyle) / 2;
    return next === undefined || at * width + half + clearance <= next.at * width - measure(next.text, tickStyle) / 2;
  });
}

/** Whether the outer labels are still clear of their neighbours when they are moved inwards, as far as they reach beyond the axis. */
function areClearAtEnds(ticks: readonly Tick[], width: number): boolean {
  const ends = ticks.map(({ at, text }) => {
    const length = measure(text, tickStyle);
    const start = Math.max(-4, Math.min(width + 4 - length, at * width - length / 2));
    return [start, start + length] as const;
  });
  return ends.every(([start], i) => i === 0 || start >= ends[i - 1]![1] + 4);
}
