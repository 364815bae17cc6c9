import { Rng } from "@argmin/base";
import { deviationOf, type Importances, type ParameterImportance } from "./importance.ts";
import type { TrialTable } from "./table.ts";

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
  const parameters = table.features.map(({ label, kind }, f): Correlation => {
    const codes = table.codes[f]!;
    const rows = [...codes.keys()].filter((row) => !Number.isNaN(codes[row]!));
    const losses = ranksOf(Float64Array.from(rows, (row) => table.losses[row]!));
    const own = Float64Array.from(rows, (row) => codes[row]!);
    const stream = rng.split(label);
    const weights = Array.from({ length: rows.length < 2 ? 0 : resamples }, () => countsOfResample(rows.length, stream));
    const ones = new Float64Array(rows.length).fill(1);
    if (kind === "unordered") {
      const importance = correlationRatio(own, losses, ones);
      const standardError = deviationOf(weights.map((counts) => correlationRatio(own, losses, counts)));
      return { label, kind: "correlation-ratio", importance, standardError, trials: rows.length };
    }
    const ranks = ranksOf(own);
    const found = weightedCorrelation(ranks, losses, ones);
    const again = weights.map((counts) => (weightedCorrelation(ranks, losses, counts) ?? 0) ** 2);
    const coefficient = found === null || direction === "minimize" ? found : -found + 0;
    const importance = (found ?? 0) ** 2;
    return { label, kind: "spearman", coefficient, importance, standardError: deviationOf(again), trials: rows.length };
  });
  return { method: "correlation", parameters: parameters.toSorted((a, b) => b.importance - a.importance) };
}

/** Ranks from 1; equal values share the mean of theirs. */
export function ranksOf(values: Float64Array): Float64Array {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end += 1;
    for (let i = start; i < end; i++) ranks[order[i]!] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

function countsOfResample(count: number, rng: Rng): Float64Array {
  const counts = new Float64Array(count);
  for (let i = 0; i < count; i++) counts[rng.integer(count)]! += 1;
  return counts;
}

/** Pearson's coefficient; `null` where one side does not vary. */
function weightedCorrelation(xs: Float64Array, ys: Float64Array, weights: Float64Array): number | null {
  const meanX = weightedMean(xs, weights);
  const meanY = weightedMean(ys, weights);
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i]! - meanX;
    const y = ys[i]! - meanY;
    xx += weights[i]! * x * x;
    yy += weights[i]! * y * y;
    xy += weights[i]! * x * y;
  }
  return xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : null;
}

/** The share of the variance of `ys` that lies between groups; 0 where nothing varies. */
function correlationRatio(groups: Float64Array, ys: Float64Array, weights: Float64Array): number {
  const mean = weightedMean(ys, weights);
  const sums = new Map<number, { weight: number; sum: number }>();
  let whole = 0;
  for (let i = 0; i < ys.length; i++) {
    const group = sums.get(groups[i]!) ?? { weight: 0, sum: 0 };
    group.weight += weights[i]!;
    group.sum += weights[i]! * (ys[i]! - mean);
    sums.set(groups[i]!, group);
    whole += weights[i]! * (ys[i]! - mean) ** 2;
  }
  let between = 0;
  for (const { weight, sum } of sums.values()) if (weight > 0) between += (sum * sum) / weight;
  return whole > 0 ? Math.min(1, between / whole) : 0;
}

function weightedMean(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    sum += weights[i]! * values[i]!;
    weight += weights[i]!;
  }
  return weight === 0 ? 0 : sum / weight;
}
