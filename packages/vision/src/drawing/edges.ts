import type { Point } from "@argmin/pictures";
import { columnGap, type NetworkLayout, type PlacedColumn } from "./layout.ts";
import type { NetworkGraph } from "./network-graph.ts";

/** A line from one box down to another, corner by corner. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly points: readonly Point[];
}

/** Between lines that enter a box side by side. */
const portGap = 18;

/** The lines of a network: upright or level, turning only between rows, side by side where they would cover each other. */
export function routeEdges(graph: NetworkGraph, layout: NetworkLayout): readonly Edge[] {
  const ports = portsOf(graph, layout);
  return graph.nodes.flatMap(({ from }, to) =>
    from.map((source, input): Edge => {
      const port = ports.get(portKey(to, input))!;
      const columnOf = (node: number): number =>
        layout.columns.findIndex(({ firstRow, lastRow }) => firstRow <= layout.rowOf[node]! && layout.rowOf[node]! <= lastRow);
      const [start, end] = [columnOf(source), columnOf(to)];
      const points =
        start === end ? withinColumn(source, to, port, layout, start) : acrossColumns(source, to, port, layout, start, end);
      return { from: source, to, points };
    }),
  );
}

function portKey(node: number, input: number): string {
  return `${node}.${input}`;
}

/** Where on top of its box each line ends: in the order in which they arrive from left to right, one from right above in the middle. */
function portsOf({ nodes }: NetworkGraph, layout: NetworkLayout): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  nodes.forEach(({ from }, to) => {
    const { x, width } = layout.boxes[to]!;
    const arrivals = from
      .map((source, input) => ({ input, at: lastTurn(source, to, layout) }))
      .toSorted((a, b) => a.at - b.at || a.input - b.input);
    const gap = Math.min(portGap, width / (2 * from.length));
    const straight = arrivals.findIndex(({ at }) => Math.abs(at - x - width / 2) < 1);
    const middle = straight < 0 ? (from.length - 1) / 2 : straight;
    arrivals.forEach(({ input }, place) => ports.set(portKey(to, input), x + width / 2 + (place - middle) * gap));
  });
  return ports;
}

/** The x from which a line comes into the rows' gap above its target. */
function lastTurn(source: number, to: number, layout: NetworkLayout): number {
  const passages = passagesBetween(source, to, layout);
  return passages.at(-1)?.x ?? centreOf(source, layout);
}

function centreOf(node: number, { boxes }: NetworkLayout): number {
  const { x, width } = boxes[node]!;
  return x + width / 2;
}

/** Where an edge passes the rows between its ends. */
function passagesBetween(
  source: number,
  to: number,
  layout: NetworkLayout,
): readonly { readonly x: number; readonly row: number }[] {
  const column = layout.columns.find(({ firstRow, lastRow }) => {
    const rows = [layout.rowOf[source]!, layout.rowOf[to]!];
    return rows.every((row) => firstRow <= row && row <= lastRow);
  });
  if (column === undefined) return [];
  const { cells, links, centres } = column.layout;
  const target = cells.findIndex(({ node }) => node === to);
  const begin = cells.findIndex(({ node }) => node === source);
  // Back from the target, as each passage has one link that leads to it.
  for (const link of links.filter((candidate) => candidate.to === target)) {
    const passages: { x: number; row: number }[] = [];
    let at = link.from;
    while (cells[at]!.node === undefined) {
      passages.unshift({ x: column.x + centres[at]!, row: column.firstRow + cells[at]!.row });
      at = links.find((candidate) => candidate.to === at)!.from;
    }
    if (at === begin) return passages;
  }
  return [];
}

function withinColumn(source: number, to: number, port: number, layout: NetworkLayout, column: number): readonly Point[] {
  const from = layout.boxes[source]!;
  const stops = [...passagesBetween(source, to, layout), { x: port, row: layout.rowOf[to]! }];
  const points: Point[] = [[centreOf(source, layout), from.y + from.height]];
  let x = centreOf(source, layout);
  for (const stop of stops) {
    if (Math.abs(stop.x - x) > 0.5) {
      const y = turnHeight(source, stop.row, layout, layout.columns[column]!);
      points.push([x, y], [stop.x, y]);
    }
    x = stop.x;
  }
  return [...points, [port, layout.boxes[to]!.y]];
}

/** The height at which a source's lines turn above a row: other sources' lines there that it would lie on turn elsewhere. */
function turnHeight(source: number, row: number, { rows, rowOf }: NetworkLayout, { layout, firstRow }: PlacedColumn): number {
  const { cells, links } = layout;
  const starts = new Set<number>();
  for (const { from, to } of links) {
    if (firstRow + cells[to]!.row !== row) continue;
    const origin = originOf(from, layout);
    if (rowOf[origin]! < row) starts.add(origin);
  }
  const order = [...starts].sort((a, b) => a - b);
  // A merge's branches come from both sides and do not meet; only where several boxes are reached could lines lie on each other.
  const targets = new Set(links.flatMap(({ to }) => (firstRow + cells[to]!.row === row ? [to] : [])));
  const { linesTop, top } = rows[row]!;
  const room = top - linesTop - 9;
  const share = targets.size < 2 || order.length < 2 ? 0.5 : (order.indexOf(source) + 1) / (order.length + 1);
  return linesTop + room * share;
}

function originOf(cell: number, { cells, links }: PlacedColumn["layout"]): number {
  let at = cell;
  while (cells[at]!.node === undefined) at = links.find(({ to }) => to === at)!.from;
  return cells[at]!.node!;
}

/** Out at the bottom of a column, up in the gap beside it, and into the next one from above. */
function acrossColumns(
  source: number,
  to: number,
  port: number,
  layout: NetworkLayout,
  start: number,
  end: number,
): readonly Point[] {
  const from = layout.boxes[source]!;
  const x = centreOf(source, layout);
  const below = layout.columns[start]!.bottom + 10;
  const gutter = layout.columns[end]!.left - columnGap / 2;
  const above = 6;
  const { linesTop, top } = layout.rows[layout.rowOf[to]!]!;
  const entry = layout.columns[end]!;
  // In a frame the line comes down its middle, where no title stands; above a single box it needs no turn.
  const { x: left, width } = layout.boxes[to]!;
  const isFramed = layout.frames.some((frame) => frame.y < top && frame.x < left && left + width < frame.x + frame.width);
  const isAlone = layout.rowOf.filter((row) => row === layout.rowOf[to]).length === 1;
  const centre = isAlone && !isFramed ? port : entry.x + entry.layout.width / 2;
  const down: Point = [x, from.y + from.height];
  // Several targets share the line down to the gap above them.
  const isShared = Math.abs(centre - port) > 0.5;
  const turn = linesTop + (top - linesTop - 9) / 2;
  const last: readonly Point[] = isShared
    ? [
        [centre, above],
        [centre, turn],
        [port, turn],
        [port, layout.boxes[to]!.y],
      ]
    : [
        [port, above],
        [port, layout.boxes[to]!.y],
      ];
  return [down, [x, below], [gutter, below], [gutter, above], ...last];
}
