import { Rng } from "@argmin/base";
import type { Column, History } from "../history.ts";
import { countedRows, rankingOf, splitRows, type FailedPolicy } from "../tpe/split.ts";
import { pointOf, type Layout, type Point } from "./layout.ts";
import { outcomesOf, type Outcomes } from "./targets.ts";

/** What a model is made from: points of the space and what came of them, less is better. */
export type Observations = {
  readonly points: readonly Point[];
  readonly outcomes: Outcomes;
  /** How many trials of the history say how good they are. */
  readonly ranked: number;
};

/**
 * The trials of a history that have values for all parameters active in them; of more than `limit` the best half, the best quarter of the
 * others, and one from each of as many equally long parts of the rest, in the order in which they finished.
 */
export function observationsOf(layout: Layout, history: History, policy: FailedPolicy, limit: number): Observations {
  const ranking = rankingOf(history);
  let rows = countedRows(
    history,
    Uint32Array.from({ length: history.length }, (_, row) => row),
    policy,
  );
  let ranked = 0;
  for (const row of rows) if (ranking.isRanked(row)) ranked += 1;
  if (rows.length > limit) {
    const half = limit >> 1;
    const { good, bad } = splitRows(ranking, rows, half, limit - half, Rng.fromSeed("gp"));
    rows = Uint32Array.from([...good, ...bad]).sort();
  }
  const columns = new Map(layout.parameters.map(({ label }) => [label, history.column(label)]));
  const points: Point[] = [];
  const kept = rows.filter((row) => {
    const point = pointOf(layout, (label) => valueIn(columns.get(label)!, row));
    if (point !== undefined) points.push(point);
    return point !== undefined;
  });
  return { points, outcomes: outcomesOf(history, kept, ranking), ranked };
}

/** What a row has in a column, if it has anything. */
function valueIn({ values, rows }: Column, row: number): number | undefined {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return rows[low] === row ? values[low] : undefined;
}

/** How many of a history's first trials the hyper-parameters are fitted to: all, or, when there are many, those until the last refit. */
export function fittedLength(length: number, refitAlways: number, refitShare: number): number {
  if (length <= refitAlways) return length;
  let last = refitAlways;
  for (let next = last; next <= length; next += Math.max(1, Math.ceil(next * refitShare))) last = next;
  return last;
}

export function areEqual(a: Observations, b: Observations): boolean {
  return (
    a.points.length === b.points.length &&
    a.outcomes.unit === b.outcomes.unit &&
    areSame(a.outcomes.values, b.outcomes.values) &&
    a.points.every((point, i) => areSame(point, b.points[i]!))
  );
}

/** Whether two lists have the same numbers, NaN where the other has it. */
export function areSame(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return a.length === b.length;
}
