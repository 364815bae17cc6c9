import { boxHeight, boxTextOf, boxWidth, type BoxPlace, type BoxText } from "./boxes.ts";
import { layOutColumn, type ColumnLayout } from "./column.ts";
import { groupsOf, isIn, nameInside, type Group } from "./groups.ts";
import { flopsOf, type NetworkGraph } from "./network-graph.ts";
import { breaksOf, framesOf, rowsOf, type Break, type FrameRows } from "./rows.ts";

/** @file Where everything of a network stands: rows from top to bottom, cut into columns from left to right. */

/** A frame around a group, or around the part of it that stands in one column. */
export interface FramePlace extends BoxPlace {
  readonly group: Group;
  readonly isContinued: boolean;
}

/** A column on the drawing. */
export interface PlacedColumn {
  readonly layout: ColumnLayout;
  /** The left edge of its contents, without frames. */
  readonly x: number;
  readonly firstRow: number;
  readonly lastRow: number;
  /** Where the lowest frame or box ends. */
  readonly bottom: number;
  /** From the left edge of the outermost frame to its right edge. */
  readonly left: number;
  readonly right: number;
}

/** A row on the drawing; `linesTop` is where the lines that come from the row above may turn sideways. */
export interface PlacedRow {
  readonly top: number;
  readonly bottom: number;
  readonly linesTop: number;
}

export interface NetworkLayout {
  readonly width: number;
  readonly height: number;
  readonly texts: readonly BoxText[];
  readonly boxes: readonly BoxPlace[];
  readonly rows: readonly PlacedRow[];
  readonly rowOf: readonly number[];
  readonly columns: readonly PlacedColumn[];
  /** What joins each column to the next. */
  readonly breaks: readonly Break[];
  readonly frames: readonly FramePlace[];
}

export const columnGap = 56;
/** Room above the first row of a column for the line that comes from the column before. */
export const headRoom = 26;
const rowGap = 9;
/** The height in which lines turn sideways, arrowheads included. */
const linesRoom = 17;
const framePadding = [10, 14] as const;
export const frameTitleRoom = 20;
const leastBox = 118;
const greatestBox = 330;
/** Width by height of a drawing that is easily seen whole, on a screen or on paper. */
const pleasantAspect = 1.45;

/** The layout in as many columns as make the drawing's shape the most pleasant. */
export function layOutNetwork(graph: NetworkGraph): NetworkLayout {
  const { nodes } = graph;
  const groups = groupsOf(nodes);
  const rowOf = rowsOf(nodes);
  const frames = framesOf(nodes, rowOf, groups);
  const flops = flopsOf(graph);
  const texts = nodes.map((node, index) => {
    const inner = frames.findLast(({ group }) => isIn(index, group))?.group;
    return boxTextOf(node, { name: nameInside(node.name, inner), flops, inputShape: nodes[node.from[0] ?? -1]?.shape });
  });
  const breaks = breaksOf(nodes, rowOf, frames);
  const heights = rowHeights(texts, rowOf, frames);
  const columns = new Map<string, ColumnContents>();
  const contentsOf = (firstRow: number, lastRow: number): ColumnContents => {
    const key = `${firstRow}-${lastRow}`;
    const known = columns.get(key);
    if (known !== undefined) return known;
    const contents = columnContents(graph, texts, rowOf, firstRow, lastRow);
    columns.set(key, contents);
    return contents;
  };
  const place = (chosen: readonly Break[]): NetworkLayout => placeColumns({ contentsOf, texts, rowOf, frames, chosen });
  const layouts = [breaks.filter(({ isInFrame }) => !isInFrame), breaks].flatMap((allowed, extra) =>
    Array.from({ length: Math.min(8, allowed.length + 1) }, (_, i) => i + 1).map((count) => ({
      layout: place(chooseBreaks(allowed, heights, count)),
      // Parting a stage costs a little.
      cost: extra * 0.25,
    })),
  );
  const costOf = ({ layout: { width, height }, cost }: (typeof layouts)[number]): number =>
    Math.abs(Math.log(width / height / pleasantAspect)) + cost;
  return layouts.reduce((best, other) => (costOf(other) < costOf(best) - 1e-9 ? other : best)).layout;
}

/** The height of each row with all that stands above it. */
function rowHeights(texts: readonly BoxText[], rowOf: readonly number[], frames: readonly FrameRows[]): readonly number[] {
  return Array.from({ length: Math.max(...rowOf) + 1 }, (_, row) => tallest(texts, rowOf, row) + roomAbove(row, frames));
}

function tallest(texts: readonly BoxText[], rowOf: readonly number[], row: number): number {
  return texts.reduce((height, text, index) => (rowOf[index] === row ? Math.max(height, boxHeight(text)) : height), 0);
}

function roomAbove(row: number, frames: readonly FrameRows[]): number {
  const ended = frames.filter(({ last }) => last === row - 1).reduce((sum, frame) => sum + paddingOf(frame.group), 0);
  const begun = frames.filter(({ first }) => first === row).length;
  return ended + rowGap + begun * frameTitleRoom + linesRoom;
}

function paddingOf({ path }: Group): number {
  return path.length === 1 ? framePadding[1] : framePadding[0];
}

/** The breaks that cut the rows into so many columns, the tallest of them as low as can be. */
function chooseBreaks(allowed: readonly Break[], heights: readonly number[], columns: number): readonly Break[] {
  const total = heights.reduce((sum, height) => sum + height, 0);
  let [low, high] = [0, total];
  let best: readonly Break[] = [];
  for (let step = 0; step < 24; step += 1) {
    const limit = (low + high) / 2;
    const chosen = breaksWithin(allowed, heights, limit);
    if (chosen !== undefined && chosen.length < columns) {
      best = chosen;
      high = limit;
    } else low = limit;
  }
  return best;
}

/** As few breaks as keep each column below a height; undefined if none do. */
function breaksWithin(allowed: readonly Break[], heights: readonly number[], limit: number): readonly Break[] | undefined {
  const chosen: Break[] = [];
  let filled = 0;
  let open: { readonly at: Break; readonly filled: number } | undefined;
  for (const [row, height] of heights.entries()) {
    const here = allowed.find((candidate) => candidate.row === row);
    if (here !== undefined) open = { at: here, filled };
    filled += height;
    if (filled <= limit) continue;
    if (open === undefined) return undefined;
    chosen.push(open.at);
    filled -= open.filled;
    open = undefined;
    if (filled > limit) return undefined;
  }
  return chosen;
}

/** What stands in a column, and how. */
interface ColumnContents {
  /** Of every box in it. */
  readonly boxWidth: number;
  readonly layout: ColumnLayout;
}

function columnContents(
  { nodes }: NetworkGraph,
  texts: readonly BoxText[],
  rowOf: readonly number[],
  firstRow: number,
  lastRow: number,
): ColumnContents {
  const own = [...nodes.keys()].filter((index) => firstRow <= rowOf[index]! && rowOf[index]! <= lastRow);
  const width = Math.min(greatestBox, Math.max(leastBox, ...own.map((index) => boxWidth(texts[index]!))));
  const layout = layOutColumn(own.map((node) => ({ node, row: rowOf[node]! - firstRow, width, from: nodes[node]!.from })));
  return { boxWidth: width, layout };
}

interface Placing {
  readonly contentsOf: (firstRow: number, lastRow: number) => ColumnContents;
  readonly texts: readonly BoxText[];
  readonly rowOf: readonly number[];
  readonly frames: readonly FrameRows[];
  readonly chosen: readonly Break[];
}

function placeColumns({ contentsOf, texts, rowOf, frames, chosen }: Placing): NetworkLayout {
  const rowCount = Math.max(...rowOf) + 1;
  const starts = [0, ...chosen.map(({ row }) => row)];
  const rows: PlacedRow[] = [];
  const columns: PlacedColumn[] = [];
  const boxes: BoxPlace[] = [];
  const framePlaces: FramePlace[] = [];
  let left = 0;
  for (const [number, firstRow] of starts.entries()) {
    const lastRow = (starts[number + 1] ?? rowCount) - 1;
    const { boxWidth: width, layout } = contentsOf(firstRow, lastRow);
    const parts = frames
      .filter(({ first, last }) => first <= lastRow && last >= firstRow)
      .map(({ group, first, last }) => ({
        group,
        first: Math.max(first, firstRow),
        last: Math.min(last, lastRow),
        isContinued: first < firstRow,
      }));
    placeRows(rows, { firstRow, lastRow, texts, rowOf, frames: parts });
    const indent = Math.max(0, ...parts.map(({ group }) => indentOf(group, parts)));
    const x = left + indent;
    for (const [cell, { node }] of layout.cells.entries()) {
      if (node === undefined) continue;
      const height = boxHeight(texts[node]!);
      const row = rows[rowOf[node]!]!;
      boxes[node] = { x: x + layout.centres[cell]! - width / 2, y: (row.top + row.bottom - height) / 2, width, height };
    }
    const cells = layout.cells.map(({ row, width: reach }, cell) => {
      const middle = x + layout.centres[cell]!;
      return { row: firstRow + row, left: middle - reach / 2, right: middle + reach / 2 };
    });
    for (const part of parts) framePlaces.push(framePlace(part, parts, rows, cells));
    const right = x + layout.width + indent;
    const bottom = Math.max(rows[lastRow]!.bottom, ...framePlaces.slice(-parts.length).map(({ y, height }) => y + height));
    columns.push({ layout, x, firstRow, lastRow, bottom, left, right });
    left = right + columnGap;
  }
  return {
    width: left - columnGap,
    height: Math.max(...columns.map(({ bottom }) => bottom)) + (columns.length > 1 ? 12 : 0),
    texts,
    boxes,
    rows,
    rowOf,
    columns,
    breaks: chosen,
    frames: framePlaces,
  };
}

interface FramePart extends FrameRows {
  readonly isContinued: boolean;
}

interface RowsOfColumn {
  readonly firstRow: number;
  readonly lastRow: number;
  readonly texts: readonly BoxText[];
  readonly rowOf: readonly number[];
  readonly frames: readonly FramePart[];
}

function placeRows(rows: PlacedRow[], { firstRow, lastRow, texts, rowOf, frames }: RowsOfColumn): void {
  let bottom = 0;
  for (let row = firstRow; row <= lastRow; row += 1) {
    const top = row === firstRow ? headRoom + roomAbove(row, frames) - rowGap : bottom + roomAbove(row, frames);
    bottom = top + tallest(texts, rowOf, row);
    rows[row] = { top, bottom, linesTop: top - linesRoom };
  }
}

/** How far a frame reaches out of the boxes in it: by its own padding, and by that of the frames in it. */
function indentOf(group: Group, frames: readonly FramePart[]): number {
  const holds = frames.some((other) => other.group.path.length > group.path.length && isIn(other.group.first, group));
  return group.path.length === 1 && holds ? framePadding[0] + framePadding[1] : paddingOf(group);
}

function framePlace(
  part: FramePart,
  parts: readonly FramePart[],
  rows: readonly PlacedRow[],
  cells: readonly { readonly row: number; readonly left: number; readonly right: number }[],
): FramePlace {
  const { group, first, last, isContinued } = part;
  // Lines that pass by in its rows belong to it: a shortcut around its layers.
  const inside = cells.filter(({ row }) => first <= row && row <= last);
  const indent = indentOf(group, parts);
  const left = Math.min(...inside.map((cell) => cell.left)) - indent;
  const right = Math.max(...inside.map((cell) => cell.right)) + indent;
  const within = (other: FramePart, edge: "first" | "last"): boolean =>
    other.group.path.length > group.path.length && other[edge] === part[edge] && isIn(other.group.first, group);
  const innerTitles = parts.filter((other) => within(other, "first")).length;
  const innerEnds = parts.filter((other) => within(other, "last")).reduce((sum, other) => sum + paddingOf(other.group), 0);
  const top = rows[first]!.linesTop - (1 + innerTitles) * frameTitleRoom;
  const bottom = rows[last]!.bottom + paddingOf(group) + innerEnds;
  return { group, isContinued, x: left, y: top, width: right - left, height: bottom - top };
}
