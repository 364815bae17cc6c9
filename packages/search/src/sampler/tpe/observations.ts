import type { Assignment } from "../../space/space.ts";
import type { History } from "../history.ts";
import type { Group } from "./groups.ts";

/** The rows in which all parameters of the group were active, ascending. */
export function rowsOf(history: History, { axes }: Group): Uint32Array {
  const [first, ...others] = axes.map(({ label }) => history.column(label).rows);
  let common = first!;
  for (const rows of others) {
    // A column of as many entries as there are rows has them all.
    if (rows.length === common.length && (rows.length === history.length || isEqual(rows, common))) continue;
    const present = new Set(rows);
    common = common.filter((row) => present.has(row));
  }
  return common;
}

function isEqual(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** One array for each of the group's parameters: its coordinates in some rows, then in further points. */
export function columnsOf(
  history: History,
  { axes }: Group,
  rows: Uint32Array,
  further: readonly Float64Array[] = [],
): readonly Float64Array[] {
  return axes.map(({ label, toCoordinate }, d) => {
    const column = history.column(label);
    const coordinates = new Float64Array(rows.length + further.length);
    for (let i = 0; i < rows.length; i++) coordinates[i] = toCoordinate(column.values[placeOf(column.rows, rows[i]!)]!);
    for (let i = 0; i < further.length; i++) coordinates[rows.length + i] = further[i]![d]!;
    return coordinates;
  });
}

/** Where a row stands in an ascending list that has it. */
function placeOf(rows: Uint32Array, row: number): number {
  if (rows[row] === row) return row;
  let low = 0;
  let high = Math.min(row, rows.length - 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The assignments in which the group is active, one coordinate a parameter. */
export function pointsOf({ axes }: Group, assignments: readonly Assignment[]): readonly Float64Array[] {
  return assignments
    .filter((assignment) => axes.every(({ label }) => assignment[label] !== undefined))
    .map((assignment) => Float64Array.from(axes, ({ label, toCoordinate }) => toCoordinate(assignment[label]!)));
}
