import { checkDistribution } from "./distribution-check.ts";
import type { NumericDistribution } from "./distribution.ts";
import { nodeKey, type Sample, type SpaceDefinition, type SpaceNode } from "./node.ts";

/** What every builder takes last. */
export type ParameterOptions = {
  /** The parameter's name; without it, the name is the path to its place in the space. */
  readonly label?: string;
};

/** Options of `hp.float` and `hp.int`. */
export type ScaleOptions = ParameterOptions & {
  /** Search orders of magnitude instead of values; the lower bound must be above 0. */
  readonly log?: boolean;
  /** Only low, low + step, low + 2 step and so on. */
  readonly step?: number;
};

type Weighted = readonly [probability: number, option: SpaceDefinition];

function node(distribution: NumericDistribution, options: ParameterOptions | undefined): SpaceNode<number> {
  const label = options?.label;
  checkDistribution(distribution, label);
  return Object.freeze({ [nodeKey]: { kind: "numeric", label, distribution } } as const);
}

function randint(upper: number, options?: ParameterOptions): SpaceNode<number>;
function randint(low: number, upper: number, options?: ParameterOptions): SpaceNode<number>;
function randint(first: number, second?: number | ParameterOptions, options?: ParameterOptions): SpaceNode<number> {
  return typeof second === "number"
    ? node({ kind: "randint", low: first, high: second }, options)
    : node({ kind: "randint", low: 0, high: first }, second);
}

/**
 * Builders of the parameters of a space; they nest freely in objects, arrays and the options of choices.
 *
 * @remarks The names and arguments are hyperopt's, and so is the meaning but in three points. No value is ever outside the bounds.
 *   Of a quantised range every value has its fair share: hyperopt rounds a uniform draw, which leaves the two ends half the mass of
 *   the others and can round out of the range; here `quniform` draws evenly from the multiples of q between the bounds. And a sample
 *   holds a choice's option, not its index. `hp.float` and `hp.int` take real bounds on either scale. Every builder throws
 *   ArgminError `space/bounds` where no value could be drawn.
 */
export const hp = {
  /** A real number, uniform over [low, high]. */
  uniform: (low: number, high: number, options?: ParameterOptions) => node({ kind: "uniform", low, high }, options),

  /** A multiple of `q` in [low, high], each equally likely; a bound that is no multiple of `q` is not reached. */
  quniform: (low: number, high: number, q: number, options?: ParameterOptions) =>
    node({ kind: "quniform", low, high, q }, options),

  /** exp(uniform(low, high)): the bounds are natural logarithms. `hp.float(…, { log: true })` takes the real ones. */
  loguniform: (low: number, high: number, options?: ParameterOptions) => node({ kind: "loguniform", low, high }, options),

  /** A multiple of `q` in [exp(low), exp(high)], each as likely as a log-uniform makes the cell within q / 2 of it. */
  qloguniform: (low: number, high: number, q: number, options?: ParameterOptions) =>
    node({ kind: "qloguniform", low, high, q }, options),

  /** A real number, normal around `mu` with standard deviation `sigma`, without bounds. */
  normal: (mu: number, sigma: number, options?: ParameterOptions) => node({ kind: "normal", mu, sigma }, options),

  /** A normal rounded to the nearest multiple of `q`. */
  qnormal: (mu: number, sigma: number, q: number, options?: ParameterOptions) => node({ kind: "qnormal", mu, sigma, q }, options),

  /** exp(normal(mu, sigma)): a positive real number. */
  lognormal: (mu: number, sigma: number, options?: ParameterOptions) => node({ kind: "lognormal", mu, sigma }, options),

  /** A log-normal rounded to the nearest multiple of `q`, 0 among them. */
  qlognormal: (mu: number, sigma: number, q: number, options?: ParameterOptions) =>
    node({ kind: "qlognormal", mu, sigma, q }, options),

  /**
   * A uniform draw from [low, high] rounded to the nearest multiple of `q`, as hyperopt and Weights & Biases mean a quantised range:
   * the two ends have what their cells have within the bounds, mostly half the mass of the others, and may lie up to q / 2 outside.
   */
  roundeduniform: (low: number, high: number, q: number, options?: ParameterOptions) =>
    node({ kind: "roundeduniform", low, high, q }, options),

  /** exp(uniform(low, high)) rounded to the nearest multiple of `q`, 0 among them; the ends as in `roundeduniform`. */
  roundedloguniform: (low: number, high: number, q: number, options?: ParameterOptions) =>
    node({ kind: "roundedloguniform", low, high, q }, options),

  /** A real number from 0 to 1 by the beta distribution with the shapes `a` and `b`, of which 1 and 1 are uniform. */
  beta: (a: number, b: number, options?: ParameterOptions) => node({ kind: "beta", a, b }, options),

  /** A beta draw rounded to the nearest multiple of `q`. */
  qbeta: (a: number, b: number, q: number, options?: ParameterOptions) => node({ kind: "qbeta", a, b, q }, options),

  /** An integer from `low` (0 if left out) to `upper` - 1, each equally likely; models see no order in it (a seed, say). */
  randint,

  /** An integer from `low` to `high`, both included, each equally likely. */
  uniformint: (low: number, high: number, options?: ParameterOptions) => node({ kind: "uniformint", low, high }, options),

  /** A real number in [low, high], on a logarithmic scale if `log`, one of low + k * step if there is a `step`. */
  float: (low: number, high: number, { log = false, step, ...options }: ScaleOptions = {}) =>
    node({ kind: "float", low, high, log, step: step ?? null }, options),

  /** An integer low + k * step from `low` to `high`, both included, on a logarithmic scale if `log`. */
  int: (low: number, high: number, { log = false, step = 1, ...options }: ScaleOptions = {}) =>
    node({ kind: "int", low, high, log, step }, options),

  /**
   * One of the options, each equally likely. What is inside an option is active only when that option is taken.
   *
   * @example hp.choice([{ kind: "sgd", momentum: hp.uniform(0, 0.99) }, { kind: "adam" }])
   */
  choice: <const O extends readonly SpaceDefinition[]>(
    options: O,
    { label }: ParameterOptions = {},
  ): SpaceNode<Sample<O[number]>> => Object.freeze({ [nodeKey]: { kind: "choice", label, options, weights: null } } as const),

  /**
   * One of the options, each with its probability; the probabilities sum to 1.
   *
   * @example hp.pchoice([[0.9, "relu"], [0.1, "tanh"]])
   */
  pchoice: <const O extends readonly Weighted[]>(options: O, { label }: ParameterOptions = {}): SpaceNode<Sample<O[number][1]>> =>
    Object.freeze({
      [nodeKey]: {
        kind: "choice",
        label,
        options: options.map(([, option]) => option),
        weights: options.map(([weight]) => weight),
      },
    } as const),
} as const;
