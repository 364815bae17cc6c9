import type { Group } from "./groups.ts";
import type { Category, NetworkNode } from "./network-graph.ts";

/**
 * The row that each node stands in, from 0: one below the lowest of those it needs (longest-path layering), so that every edge goes
 * down.
 */
export function rowsOf(nodes: readonly NetworkNode[]): readonly number[] {
  const rows: number[] = [];
  for (const { from } of nodes) rows.push(from.reduce((row, source) => Math.max(row, rows[source]! + 1), 0));
  return rows;
}

/** A frame around a group: the rows it spans. */
export interface FrameRows {
  readonly group: Group;
  readonly first: number;
  readonly last: number;
}

/** The groups around which a frame can be drawn: those in whose rows nobody else stands. */
export function framesOf(nodes: readonly NetworkNode[], rows: readonly number[], groups: readonly Group[]): readonly FrameRows[] {
  return groups.flatMap((group): readonly FrameRows[] => {
    const own = rows.slice(group.first, group.last + 1);
    const frame = { group, first: Math.min(...own), last: Math.max(...own) };
    const isAlone = nodes.every(
      (_, index) => (group.first <= index && index <= group.last) || rows[index]! < frame.first || rows[index]! > frame.last,
    );
    return isAlone ? [frame] : [];
  });
}

/** A place to end a column and begin the next one, above a row. */
export interface Break {
  readonly row: number;
  /** The one node whose output goes from one side to the other; it stands in the row before. */
  readonly source: number;
  /** Whether it parts a frame. */
  readonly isInFrame: boolean;
}

const trailing: ReadonlySet<Category> = new Set(["normalization", "dropout", "activation"]);

/** Where a network can go on in another column: one tensor crosses, to the next row alone, and no inner frame is parted. */
export function breaksOf(nodes: readonly NetworkNode[], rows: readonly number[], frames: readonly FrameRows[]): readonly Break[] {
  const count = Math.max(...rows) + 1;
  return Array.from({ length: count - 1 }, (_, i) => i + 1).flatMap((row): readonly Break[] => {
    const crossing = new Set<number>();
    let goesFurther = false;
    nodes.forEach(({ from }, index) => {
      if (rows[index]! < row) return;
      for (const source of from.filter((before) => rows[before]! < row)) {
        crossing.add(source);
        goesFurther ||= rows[index]! > row;
      }
    });
    const [source, ...others] = crossing;
    if (source === undefined || others.length > 0 || goesFurther || rows[source] !== row - 1) return [];
    // What belongs to the layer before it stays below it.
    if (nodes.every(({ category }, index) => rows[index] !== row || trailing.has(category))) return [];
    const parted = frames.filter(({ first, last }) => first < row && row <= last);
    return parted.some(({ group }) => group.path.length > 1) ? [] : [{ row, source, isInFrame: parted.length > 0 }];
  });
}
