import type { Assignment } from "../../space/space.ts";
import type { Column, History } from "../history.ts";
import type { Group } from "./groups.ts";

/** What was observed of the group's parameters, one column each. */
export function columnsOf(history: History, { axes }: Group): readonly Column[] {
  return axes.map(({ label }) => history.column(label));
}

/** The rows that all of some columns have, ascending. */
export function commonRows(columns: readonly Column[], rowCount: number): Uint32Array {
  let common = columns[0]!.rows;
  for (const { rows } of columns) {
    // A column of as many entries as there are rows has them all.
    if (rows === common || (rows.length === common.length && (rows.length === rowCount || isEqual(rows, common)))) continue;
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
export function coordinatesOf(
  { axes }: Group,
  columns: readonly Column[],
  rows: Uint32Array,
  further: readonly Float64Array[] = [],
): readonly Float64Array[] {
  const coordinates: Float64Array[] = [];
  for (let d = 0; d < axes.length; d++) {
    const { toCoordinate } = axes[d]!;
    const { values, rows: observed } = columns[d]!;
    const list = new Float64Array(rows.length + further.length);
    for (let i = 0; i < rows.length; i++) list[i] = toCoordinate(values[placeOf(observed, rows[i]!)]!);
    for (let i = 0; i < further.length; i++) list[rows.length + i] = further[i]![d]!;
    coordinates.push(list);
  }
  return coordinates;
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
