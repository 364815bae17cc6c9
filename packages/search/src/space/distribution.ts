import type { Template } from "./template.ts";

/** The settings of each kind of distribution. All numbers are finite; `checkDistribution` states the other rules. */
type DistributionSettings = {
  /** Uniform over [low, high]. */
  uniform: { readonly low: number; readonly high: number };
  /** The multiples of `q` in [low, high], all equally likely. */
  quniform: { readonly low: number; readonly high: number; readonly q: number };
  /** exp of a uniform: `low` and `high` are natural logarithms of the ends. */
  loguniform: { readonly low: number; readonly high: number };
  /** The multiples of `q` in [exp(low), exp(high)], each as likely as a log-uniform makes the cell around it. */
  qloguniform: { readonly low: number; readonly high: number; readonly q: number };
  /** Normal, without bounds. */
  normal: { readonly mu: number; readonly sigma: number };
  /** A normal rounded to the nearest multiple of `q`. */
  qnormal: { readonly mu: number; readonly sigma: number; readonly q: number };
  /** exp of a normal; always positive. */
  lognormal: { readonly mu: number; readonly sigma: number };
  /** exp of a normal, rounded to the nearest multiple of `q`; may be 0. */
  qlognormal: { readonly mu: number; readonly sigma: number; readonly q: number };
  /**
   * A uniform draw from [low, high] rounded to the nearest multiple of `q`: the two ends have what their cells have within the
   * bounds, and may lie up to half a `q` beyond them.
   */
  roundeduniform: { readonly low: number; readonly high: number; readonly q: number };
  /** The same of exp of a uniform: `low` and `high` are natural logarithms of the ends. May be 0. */
  roundedloguniform: { readonly low: number; readonly high: number; readonly q: number };
  /** The beta distribution on [0, 1]. */
  beta: { readonly a: number; readonly b: number };
  /** A beta draw rounded to the nearest multiple of `q`. */
  qbeta: { readonly a: number; readonly b: number; readonly q: number };
  /** The integers low to high - 1, equally likely and, to a model, without an order. */
  randint: { readonly low: number; readonly high: number };
  /** The integers low to high, both included, equally likely. */
  uniformint: { readonly low: number; readonly high: number };
  /** A real number between real bounds, on a logarithmic scale if `log`, one of low + k * step if there is a `step`. */
  float: { readonly low: number; readonly high: number; readonly log: boolean; readonly step: number | null };
  /** One of the integers low + k * step up to `high`, both ends included, on a logarithmic scale if `log`. */
  int: { readonly low: number; readonly high: number; readonly log: boolean; readonly step: number };
  /** One of `options`, which may hold further parameters; `weights` are their probabilities, `null` if all are equal. */
  choice: { readonly options: readonly Template[]; readonly weights: readonly number[] | null };
};

export type DistributionKind = keyof DistributionSettings;

/** The distribution of that kind, or any of those kinds, as plain JSON data. */
export type DistributionOf<K extends DistributionKind> = {
  [P in K]: { readonly kind: P } & DistributionSettings[P];
}[K];

/** What a parameter may be, as plain JSON data. */
export type Distribution = DistributionOf<DistributionKind>;

/** Every distribution that yields a number, as opposed to one of several options. */
export type NumericDistribution = DistributionOf<Exclude<DistributionKind, "choice">>;

/** One entry for each kind of distribution: the compiler finds the one that is missing. */
export type DistributionTable<Result> = { readonly [K in DistributionKind]: (distribution: DistributionOf<K>) => Result };

/** What `table` says of the distribution. */
export function lookUp<K extends DistributionKind, Result>(
  table: { readonly [P in K]: (distribution: DistributionOf<P>) => Result },
  distribution: DistributionOf<K>,
): Result {
  return table[distribution.kind](distribution);
}
