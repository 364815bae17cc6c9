import { spread } from "./spread.ts";

/**
 * @file The horizontal places of one column of a drawing: what stands in each row, in an order with few crossings (barycentres), near
 * what it is connected to.
 */

/** What stands in a row: a node's box, or where an edge between rows further apart passes. */
export interface Cell {
  readonly row: number;
  readonly width: number;
  /** The node, or undefined for a passage. */
  readonly node: number | undefined;
}

/** An edge between two cells of rows one after the other. */
export interface Link {
  readonly from: number;
  readonly to: number;
}

export interface ColumnLayout {
  readonly cells: readonly Cell[];
  readonly links: readonly Link[];
  /** The centre of each cell; the leftmost edge is at 0. */
  readonly centres: readonly number[];
  readonly width: number;
}

const passageWidth = 12;
const gap = 20;

/** @param nodes - The column's nodes, with their rows and the widths of their boxes. */
export function layOutColumn(
  nodes: readonly { readonly node: number; readonly row: number; readonly width: number; readonly from: readonly number[] }[],
): ColumnLayout {
  const cells: Cell[] = nodes.map(({ node, row, width }) => ({ node, row, width }));
  const cellOf = new Map(nodes.map(({ node }, cell) => [node, cell]));
  const links: Link[] = [];
  nodes.forEach(({ from, row }, to) => {
    for (const source of from) {
      let last = cellOf.get(source);
      if (last === undefined) continue;
      for (let between = cells[last]!.row + 1; between < row; between += 1) {
        cells.push({ node: undefined, row: between, width: passageWidth });
        links.push({ from: last, to: cells.length - 1 });
        last = cells.length - 1;
      }
      links.push({ from: last, to });
    }
  });
  const rows = orderRows(cells, links);
  const centres = placeCells(cells, links, rows);
  const left = Math.min(...cells.map(({ width }, i) => centres[i]! - width / 2));
  const right = Math.max(...cells.map(({ width }, i) => centres[i]! + width / 2));
  return { cells, links, centres: centres.map((centre) => centre - left), width: right - left };
}

const sweeps = 8;

/** The cells of each row from left to right. */
function orderRows(cells: readonly Cell[], links: readonly Link[]): readonly (readonly number[])[] {
  const count = Math.max(...cells.map(({ row }) => row)) + 1;
  let rows: readonly (readonly number[])[] = Array.from({ length: count }, (_, row) =>
    cells.flatMap((cell, i) => (cell.row === row ? [i] : [])),
  );
  let best = rows;
  let fewest = crossings(rows, links);
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep += 1) {
    rows = sortedByNeighbours(rows, links, sweep % 2 === 0);
    const count = crossings(rows, links);
    if (count < fewest) {
      best = rows;
      fewest = count;
    }
  }
  return best;
}

/** Each row sorted by where its neighbours stand on average, in the rows above (going down) or below. */
function sortedByNeighbours(
  rows: readonly (readonly number[])[],
  links: readonly Link[],
  isDown: boolean,
): readonly (readonly number[])[] {
  const places = new Map(rows.flatMap((row) => row.map((cell, place) => [cell, place])));
  const sorted = rows.map((row) => [...row]);
  const order = isDown ? sorted.keys() : [...sorted.keys()].toReversed();
  for (const row of order) {
    const wish = (cell: number): number => {
      const neighbours = links.flatMap(({ from, to }) => (isDown ? (to === cell ? [from] : []) : from === cell ? [to] : []));
      return mean(neighbours.map((neighbour) => places.get(neighbour)!)) ?? places.get(cell)!;
    };
    const wishes = new Map(sorted[row]!.map((cell) => [cell, wish(cell)]));
    sorted[row]!.sort((a, b) => wishes.get(a)! - wishes.get(b)!);
    sorted[row]!.forEach((cell, place) => places.set(cell, place));
  }
  return sorted;
}

function crossings(rows: readonly (readonly number[])[], links: readonly Link[]): number {
  const places = new Map(rows.flatMap((row, number) => row.map((cell, place) => [cell, { number, place }])));
  const between: (readonly [number, number])[][] = rows.map(() => []);
  for (const { from, to } of links) between[places.get(from)!.number]!.push([places.get(from)!.place, places.get(to)!.place]);
  let count = 0;
  for (const lines of between) {
    lines.forEach(([from, to], i) => {
      for (let j = i + 1; j < lines.length; j += 1) {
        const [otherFrom, otherTo] = lines[j]!;
        if ((from - otherFrom) * (to - otherTo) < 0) count += 1;
      }
    });
  }
  return count;
}

/** A box that stands alone in its row stands in the middle; what branches off stands around it. */
function placeCells(cells: readonly Cell[], links: readonly Link[], rows: readonly (readonly number[])[]): readonly number[] {
  const centres = cells.map(() => 0);
  const above: number[][] = cells.map(() => []);
  const below: number[][] = cells.map(() => []);
  for (const { from, to } of links) {
    above[to]!.push(from);
    below[from]!.push(to);
  }
  const widths = trackWidths(cells, above, below);
  const isPassingBy = (cell: number): boolean => cells[cell]!.node === undefined && widths[cell] === passageWidth;
  // Boxes line up with boxes: an edge that only passes by does not push them aside.
  const wishOf = (neighbours: readonly number[]): number | undefined => {
    const boxes = neighbours.filter((neighbour) => !isPassingBy(neighbour));
    return mean((boxes.length > 0 ? boxes : neighbours).map((neighbour) => centres[neighbour]!));
  };
  const place = (row: readonly number[], neighboursOf: (cell: number) => readonly number[]): void => {
    if (row.length === 1) return;
    const wishes = row.map((cell) => ({
      at: wishOf(neighboursOf(cell)) ?? centres[cell]!,
      width: widths[cell]!,
      weight: isPassingBy(cell) ? 0.001 : 1,
    }));
    spread(wishes, gap).forEach((centre, i) => (centres[row[i]!] = centre));
  };
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (const row of rows) place(row, (cell) => above[cell]!);
    for (const row of rows.toReversed()) place(row, (cell) => below[cell]!);
  }
  for (const row of rows) place(row, (cell) => [...above[cell]!, ...below[cell]!]);
  return centres;
}

/**
 * The room that each cell takes: a passage as much as the widest box of the branch it belongs to, so that a branch runs straight
 * whether its boxes stand beside those of another branch or not.
 */
function trackWidths(
  cells: readonly Cell[],
  above: readonly (readonly number[])[],
  below: readonly (readonly number[])[],
): readonly number[] {
  const widths = cells.map(({ width }) => width);
  const pass = (cell: number, neighbours: readonly number[], back: readonly (readonly number[])[]): void => {
    const [only, ...others] = neighbours;
    if (only === undefined || others.length > 0 || back[only]!.length > 1) return;
    if (cells[cell]!.node === undefined) widths[cell] = Math.max(widths[cell]!, widths[only]!);
  };
  const byRow = [...cells.keys()].sort((a, b) => cells[a]!.row - cells[b]!.row);
  for (const cell of byRow) pass(cell, above[cell]!, below);
  for (const cell of byRow.toReversed()) pass(cell, below[cell]!, above);
  return widths;
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
