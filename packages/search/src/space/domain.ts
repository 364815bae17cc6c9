import { betaCdf, betaQuantile, normalCdf, normalQuantile } from "@argmin/base";
import { lookUp, type Distribution, type DistributionTable } from "./distribution.ts";

/**
 * A real interval, uniform on the plain or on the logarithmic scale. `low` and `high` are real values, not logarithms. With a
 * `beta`, the draws are those of a beta distribution on [0, 1]; who needs no more than the range may take it for uniform.
 */
export type Interval = {
  readonly kind: "interval";
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly beta?: { readonly a: number; readonly b: number };
};

/**
 * The values first + k * step for k from 0 to count - 1: all equally likely, or, if `log`, as likely as a log-uniform makes
 * the cell that reaches half a step to both sides of the value. (Below `first` the cell ends at first / 2 at the latest,
 * since half a step lower may be no positive number.) With `rounds`, the draws are those of that interval, each rounded to the
 * nearest value: then the cells of the two ends may be cut.
 */
export type Lattice = {
  readonly kind: "lattice";
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly count: number;
  readonly log: boolean;
  /** Decimals to which values are rounded so that 3 * 0.1 is 0.3; `null` where the step is no short decimal. */
  readonly decimals: number | null;
  readonly rounds?: Interval;
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

const domains: DistributionTable<Domain> = {
  uniform: ({ low, high }) => ({ kind: "interval", low, high, log: false }),
  quniform: ({ low, high, q }) => multiples(low, high, q),
  loguniform: ({ low, high }) => ({ kind: "interval", low: Math.exp(low), high: Math.exp(high), log: true }),
  qloguniform: ({ low, high, q }) => logMultiples(Math.exp(low), Math.exp(high), q),
  normal: ({ mu, sigma }) => ({ kind: "gaussian", mu, sigma, log: false, step: null, decimals: null }),
  qnormal: ({ mu, sigma, q }) => ({ kind: "gaussian", mu, sigma, log: false, step: q, decimals: decimalsOf(q) }),
  lognormal: ({ mu, sigma }) => ({ kind: "gaussian", mu, sigma, log: true, step: null, decimals: null }),
  qlognormal: ({ mu, sigma, q }) => ({ kind: "gaussian", mu, sigma, log: true, step: q, decimals: decimalsOf(q) }),
  roundeduniform: ({ low, high, q }) => roundedTo({ kind: "interval", low, high, log: false }, q),
  roundedloguniform: ({ low, high, q }) =>
    roundedTo({ kind: "interval", low: Math.exp(low), high: Math.exp(high), log: true }, q),
  beta: ({ a, b }) => ({ kind: "interval", low: 0, high: 1, log: false, beta: { a, b } }),
  qbeta: ({ a, b, q }) => roundedTo({ kind: "interval", low: 0, high: 1, log: false, beta: { a, b } }, q),
  randint: ({ low, high }) => lattice(low, high - 1, 1, false),
  uniformint: ({ low, high }) => lattice(low, high, 1, false),
  float: ({ low, high, log, step }) => (step === null ? { kind: "interval", low, high, log } : lattice(low, high, step, log)),
  int: ({ low, high, log, step }) => lattice(low, high, step, log),
  choice: ({ options, weights }) => ({ kind: "categories", count: options.length, weights: weights && normalised(weights) }),
};

/** The form that the distribution comes down to. A lattice whose `count` is below 1 has no value at all. */
export function domainOf(distribution: Distribution): Domain {
  return lookUp(domains, distribution);
}

/**
 * The value below which a fraction `unit` of the domain's probability lies: a uniform `unit` in [0, 1) gives a draw.
 *
 * @remarks Never decreasing in `unit`, so that low-discrepancy points work as well as random ones.
 */
export function quantile(domain: Domain, unit: number): number {
  if (domain.kind === "interval") {
    const { low, high, log, beta } = domain;
    return nearest(domain, beta === undefined ? between(low, high, unit, log) : betaQuantile(unit, beta.a, beta.b));
  }
  if (domain.kind === "gaussian") {
    const deviate = domain.mu + domain.sigma * normalQuantile(clamp(unit, smallestUnit, largestUnit));
    return nearest(domain, domain.log ? Math.exp(deviate) : deviate);
  }
  if (domain.kind === "lattice") {
    if (domain.rounds !== undefined) return nearest(domain, quantile(domain.rounds, unit));
    if (!domain.log) return latticeValue(domain, Math.min(domain.count - 1, Math.floor(unit * domain.count)));
    const [low, high] = latticeEdges(domain);
    return nearest(domain, between(low, high, unit, true));
  }
  if (domain.weights === null) return Math.min(domain.count - 1, Math.floor(unit * domain.count));
  let rest = unit;
  for (let i = 0; i < domain.count - 1; i++) {
    rest -= domain.weights[i]!;
    if (rest < 0) return i;
  }
  return domain.count - 1;
}

/**
 * The fraction of the domain's probability that lies at `value` or below it: what `quantile` inverts. Of values that an interval is
 * rounded to, the interval's own there; 0 and 1 beyond the ends.
 */
export function cumulative(domain: Domain, value: number): number {
  if (domain.kind === "interval") {
    const { low, high, log, beta } = domain;
    if (beta !== undefined) return betaCdf(value, beta.a, beta.b);
    return value >= high ? 1 : value <= low ? 0 : share(low, high, value, log);
  }
  if (domain.kind === "gaussian") {
    const deviate = domain.log ? Math.log(Math.max(value, 0)) : value;
    return normalCdf((deviate - domain.mu) / domain.sigma);
  }
  if (domain.kind === "categories") {
    const { count, weights } = domain;
    const option = nearest(domain, value);
    if (weights === null) return (option + 1) / count;
    return option === count - 1 ? 1 : weights.slice(0, option + 1).reduce((sum, weight) => sum + weight, 0);
  }
  const { rounds, first, last, step, count, log } = domain;
  if (rounds !== undefined) return cumulative(rounds, value);
  if (value < first - step / 2) return 0;
  const known = nearest(domain, value);
  if (known === last) return 1;
  if (!log) return (Math.round((known - first) / step) + 1) / count;
  const [low, high] = latticeEdges(domain);
  return share(low, high, known + step / 2, true);
}

/** The value of the domain that is nearest to `value`. */
export function nearest(domain: Domain, value: number): number {
  if (domain.kind === "interval") return clamp(value, domain.low, domain.high);
  if (domain.kind === "categories") return clamp(Math.round(value), 0, domain.count - 1);
  if (domain.kind === "lattice") {
    return latticeValue(domain, clamp(Math.round((value - domain.first) / domain.step), 0, domain.count - 1));
  }
  const { log, step, decimals } = domain;
  // What is drawn around values far out may lie beyond all numbers, or below all positive ones.
  if (step === null) return clamp(value, log ? Number.MIN_VALUE : -Number.MAX_VALUE, Number.MAX_VALUE);
  const limit = Math.min(Number.MAX_VALUE / 2, step * 2 ** 1022);
  // Adding 0 turns -0 into 0.
  return rounded(Math.round(clamp(value, -limit, limit) / step) * step, decimals) + 0;
}

/** Whether the domain can produce `value`, give or take rounding in the last digits where there is a step. */
export function contains(domain: Domain, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (domain.kind === "interval") return value >= domain.low && value <= domain.high;
  if (domain.kind === "categories") return Number.isInteger(value) && value >= 0 && value < domain.count;
  if (domain.step !== null && Math.abs(value - nearest(domain, value)) > stepTolerance * domain.step) return false;
  return domain.kind === "lattice" || !domain.log || value > 0 || (value === 0 && domain.step !== null);
}

/** The number of different values, `null` if there is no end to them. */
export function countOf(domain: Domain): number | null {
  return domain.kind === "lattice" || domain.kind === "categories" ? domain.count : null;
}

/** Value number `k` of a lattice. */
export function latticeValue(domain: Lattice, k: number): number {
  if (k === 0) return domain.first;
  if (k === domain.count - 1) return domain.last;
  return rounded(domain.first + k * domain.step, domain.decimals);
}

/** The ends of the cells around the first and the last value of a logarithmic lattice. */
export function latticeEdges({ first, last, step }: Lattice): readonly [number, number] {
  return [Math.max(first - step / 2, first / 2), last + step / 2];
}

const stepTolerance = 1e-9;
/** The quantile of a normal is infinite at 0 and at 1. */
const smallestUnit = 2 ** -54;
const largestUnit = 1 - 2 ** -53;

/** The multiples of `q` from `low` to `high`. */
function multiples(low: number, high: number, q: number): Lattice {
  const inside = logMultiples(low, high, q);
  // A bound that the division found to be a multiple may lie on the wrong side of it by a rounding error.
  return { ...inside, log: false, first: Math.max(low, inside.first), last: Math.min(high, inside.last) };
}

/** The same on a logarithmic scale; the bounds are themselves rounded, as exponentials, so that 64 belongs to exp(log(64)). */
function logMultiples(low: number, high: number, q: number): Lattice {
  const start = Math.ceil(unlessRounding(low / q));
  const end = Math.floor(unlessRounding(high / q));
  const decimals = decimalsOf(q);
  const [first, last] = [start, end].map((k) => rounded(k * q, decimals) + 0);
  return { kind: "lattice", first: first!, last: last!, step: q, count: end - start + 1, log: true, decimals };
}

/** The multiples of `q` to which the draws of an interval round; those that a bound only touches are never drawn. */
function roundedTo(rounds: Interval, q: number): Lattice {
  const start = Math.floor(unlessRounding(rounds.low / q + 0.5));
  const end = Math.max(start, Math.ceil(unlessRounding(rounds.high / q - 0.5)));
  const decimals = decimalsOf(q);
  const [first, last] = [start, end].map((k) => rounded(k * q, decimals) + 0);
  // A logarithmic scale has no place for 0.
  const log = rounds.log && first! > 0;
  return { kind: "lattice", first: first!, last: last!, step: q, count: end - start + 1, log, decimals, rounds };
}

/** low, low + step, low + 2 step and so on, up to `high`. */
function lattice(low: number, high: number, step: number, log: boolean): Lattice {
  const count = Math.floor(unlessRounding((high - low) / step)) + 1;
  const decimals = decimalsOf(low, step);
  // Rounding to as many decimals as a double holds may miss the lower bound itself by a last digit.
  const last = count === 1 ? low : Math.min(high, rounded(low + (count - 1) * step, decimals));
  return { kind: "lattice", first: low + 0, last: last + 0, step, count, log, decimals };
}

/** The nearest integer if `quotient` misses it by no more than rounding in the division can, else `quotient` itself. */
function unlessRounding(quotient: number): number {
  const whole = Math.round(quotient);
  return Math.abs(quotient - whole) <= 1e-14 * Math.max(1, Math.abs(quotient)) ? whole : quotient;
}

/** How many decimals it takes to write the numbers, `null` if more than 15. */
function decimalsOf(...values: readonly number[]): number | null {
  const decimals = Math.max(...values.map(decimalsOfOne));
  return decimals <= 15 ? decimals : null;
}

function decimalsOfOne(value: number): number {
  const [mantissa = "", exponent = "0"] = String(value).split("e");
  const fraction = mantissa.split(".")[1] ?? "";
  return Math.max(0, fraction.length - Number(exponent));
}

function rounded(value: number, decimals: number | null): number {
  if (decimals === null) return value;
  if (decimals === 0) return Math.round(value);
  const scale = 10 ** decimals;
  const scaled = value * scale;
  return Math.abs(scaled) < Number.MAX_SAFE_INTEGER ? Math.round(scaled) / scale : value;
}

function between(low: number, high: number, fraction: number, log: boolean): number {
  if (!log) return low + (high - low) * fraction;
  const from = Math.log(low);
  return Math.exp(from + (Math.log(high) - from) * fraction);
}

/** The inverse of `between`. */
function share(low: number, high: number, value: number, log: boolean): number {
  if (!log) return (value - low) / (high - low);
  const from = Math.log(low);
  return (Math.log(value) - from) / (Math.log(high) - from);
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

function normalised(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
