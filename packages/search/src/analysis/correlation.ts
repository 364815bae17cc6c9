import { Rng } from "@argmin/base";
import { deviationOf, type Importances, type ParameterImportance } from "./importance.ts";
import { ranksOf } from "./ranks.ts";
import { activeRows, type TrialTable } from "./table.ts";

/** How the losses go with one parameter. */
export type Correlation = ParameterImportance &
  (
    | {
        readonly kind: "spearman";
        /** From -1 to 1; positive where larger values of the parameter go with larger values of the objective. `null` if either is constant. */
        readonly coefficient: number | null;
      }
    /** Of a choice: the share of the ranks' variance that lies between its options. */
    | { readonly kind: "correlation-ratio" }
  );

export type Correlations = Importances & { readonly method: "correlation"; readonly parameters: readonly Correlation[] };

export type CorrelationSettings = {
  /** The study's direction decides the sign of coefficients only. */
  readonly direction: "minimize" | "maximize";
  /** Resamples of the trials for the standard error; 24 unless said otherwise, 0 for none. */
  readonly resamples?: number;
  readonly seed?: number | string;
};

/**
 * The simplest importance: the square of Spearman's rank correlation, or, of a choice, the correlation ratio (eta squared) of the ranks.
 * Both are shares of the ranks' variance, among the trials in which the parameter was active. It sees trends only: a parameter with its
 * best value in the middle may have none.
 */
export function correlations(table: TrialTable, { direction, resamples = 24, seed = 0 }: CorrelationSettings): Correlations {
  const rng = Rng.fromSeed(seed).split("correlation");
  const drawsOf = remembered((count: number) =>
    Array.from({ length: count < 2 ? 0 : resamples }, (_, i) => resample(count, rng.split(count, i))),
  );
  const rowsOf = remembered((count: number) => Uint32Array.from({ length: count }, (_, row) => row));
  const wholeRanks = ranksOf(table.losses);
  const parameters = table.features.map(({ label, kind }, f): Correlation => {
    const { codes, losses: own } = activeRows(table, f);
    const trials = codes.length;
    const losses = trials === table.rows ? wholeRanks : ranksOf(own);
    const everyRow = rowsOf(trials);
    const draws = drawsOf(trials);
    const scale = Math.sqrt(Math.min(1, mostDraws / Math.max(1, trials)));
    const errorOf = (measure: (rows: Uint32Array) => number): number | null => {
      const spread = deviationOf(draws.map(measure));
      return spread === null ? null : spread * scale;
    };
    if (kind === "unordered") {
      const ratio = (rows: Uint32Array): number => correlationRatio(codes, losses, rows);
      return { label, kind: "correlation-ratio", importance: ratio(everyRow), standardError: errorOf(ratio), trials };
    }
    const ranks = ranksOf(codes);
    const found = correlationOf(ranks, losses, everyRow);
    const coefficient = found === null || direction === "minimize" ? found : -found + 0;
    const standardError = errorOf((rows) => (correlationOf(ranks, losses, rows) ?? 0) ** 2);
    return { label, kind: "spearman", coefficient, importance: (found ?? 0) ** 2, standardError, trials };
  });
  return { method: "correlation", parameters: parameters.toSorted((a, b) => b.importance - a.importance) };
}

/** A resample of more trials has no more draws than this; its spread is scaled down accordingly. */
const mostDraws = 2048;

function resample(count: number, rng: Rng): Uint32Array {
  const rows = new Uint32Array(Math.min(count, mostDraws));
  for (let i = 0; i < rows.length; i++) rows[i] = rng.integer(count);
  return rows;
}

/** Most parameters are active in equally many trials, and can share what is drawn for them. */
function remembered<T>(make: (count: number) => T): (count: number) => T {
  const known = new Map<number, T>();
  return (count) => {
    const found = known.get(count) ?? make(count);
    known.set(count, found);
    return found;
  };
}

/** Pearson's coefficient among the rows; `null` where one side does not vary. */
function correlationOf(xs: Float64Array, ys: Float64Array, rows: Uint32Array): number | null {
  const meanX = meanAmong(xs, rows);
  const meanY = meanAmong(ys, rows);
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (const row of rows) {
    const x = xs[row]! - meanX;
    const y = ys[row]! - meanY;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  return xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : null;
}

/** The share of the variance of `ys` among the rows that lies between the groups; 0 where nothing varies. */
function correlationRatio(groups: Float64Array, ys: Float64Array, rows: Uint32Array): number {
  const mean = meanAmong(ys, rows);
  const size = groups.reduce((most, group) => Math.max(most, group), -1) + 1;
  const counts = new Float64Array(size);
  const sums = new Float64Array(size);
  let whole = 0;
  for (const row of rows) {
    const y = ys[row]! - mean;
    counts[groups[row]!]! += 1;
    sums[groups[row]!]! += y;
    whole += y * y;
  }
  let between = 0;
  for (let group = 0; group < size; group++) if (counts[group]! > 0) between += sums[group]! ** 2 / counts[group]!;
  return whole > 0 ? Math.min(1, between / whole) : 0;
}

function meanAmong(values: Float64Array, rows: Uint32Array): number {
  let sum = 0;
  for (const row of rows) sum += values[row]!;
  return rows.length === 0 ? 0 : sum / rows.length;
}
