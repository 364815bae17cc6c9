/** A real interval, uniform on the plain or on the logarithmic scale. `low` and `high` are real values, not logarithms. */
export type Interval = { readonly kind: "interval"; readonly low: number; readonly high: number; readonly log: boolean };

/**
 * The values first + k * step for k from 0 to count - 1: equally likely, or, if `log`, with the mass that a log-uniform
 * gives the cell around each.
 */
export type Lattice = {
  readonly kind: "lattice";
  readonly first: number;
  readonly step: number;
  readonly count: number;
  readonly log: boolean;
  /** Decimals to which values are rounded so that 3 * 0.1 is 0.3; `null` where the step is no short decimal. */
  readonly decimals: number | null;
};

/** A normal, or, if `log`, the exponential of one; rounded to multiples of `step` if there is one. Without bounds. */
export type Gaussian = {
  readonly kind: "gaussian";
  readonly mu: number;
  readonly sigma: number;
  readonly log: boolean;
  readonly step: number | null;
  readonly decimals: number | null;
};

/** The options 0 to count - 1 of a choice; `weights` sum to 1 and are `null` if all are equal. */
export type Categories = { readonly kind: "categories"; readonly count: number; readonly weights: readonly number[] | null };

/** The four forms to which all distributions come down; what samplers look at. */
export type Domain = Interval | Lattice | Gaussian | Categories;
