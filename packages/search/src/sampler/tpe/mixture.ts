import { normalCdf, truncatedNormalQuantile, type Rng } from "@argmin/base";
import { gaussianWidth, type Axis, type DiscreteAxis } from "./axis.ts";

/** What a mixture is made of. */
export type MixtureParts = {
  readonly axes: readonly Axis[];
  /** One array an axis: the coordinates of the kernels' centres. */
  readonly columns: readonly Float64Array[];
  /** One weight a kernel. */
  readonly weights: Float64Array;
  /** The weight of the prior as a component of its own. */
  readonly priorWeight: number;
  /** One an axis: a standard deviation, or, where values have no order, the share of the prior in each kernel. */
  readonly bandwidths: Float64Array;
};

/** A density over several parameters at once: a weighted sum of products of one-dimensional kernels, and of the prior. */
export interface Mixture {
  /** The logarithm of the density at a point of one coordinate an axis. */
  logDensity(point: Float64Array): number;
  /** The part that comes from the prior: no more than `logDensity`, and known much faster. */
  logDensityOfPrior(point: Float64Array): number;
  /** Draws a point into `point`. */
  sample(rng: Rng, point: Float64Array): void;
}

const smallestMass = 1e-300;
/** Terms so far below the greatest change nothing in the sum's first 16 digits. */
const negligible = -40;

/**
 * The mixture of product kernels: normal ones cut to the bounds on a line, their exact masses on the cells of a lattice, and
 * on values without an order the value itself mixed with the prior.
 */
export function createMixture({ axes, columns, weights, priorWeight, bandwidths }: MixtureParts): Mixture {
  const kernels = weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, priorWeight);
  const logConstants = new Float64Array(kernels);
  let logScales = 0;
  const masses = new Float64Array(kernels).fill(1);
  for (const [d, axis] of axes.entries()) {
    if (axis.kind !== "numeric") continue;
    logScales += Math.log(bandwidths[d]!) + halfLogTwoPi;
    if (Number.isFinite(axis.low)) multiplyByMassInside(masses, columns[d]!, bandwidths[d]!);
  }
  for (let i = 0; i < kernels; i++) logConstants[i] = Math.log(weights[i]! / (total * masses[i]!)) - logScales;
  const logPriorWeight = Math.log(priorWeight / total);
  const tables = axes.map((axis, d) => (axis.kind === "discrete" ? createTable(axis, bandwidths[d]!) : undefined));
  // A typed array is looked up by integers three times as fast as by doubles.
  const codes = axes.map((axis, d) => (axis.kind === "discrete" ? new Int32Array(columns[d]!) : undefined));
  const terms = new Float64Array(kernels);

  const logDensityOfPrior = (point: Float64Array): number => {
    let prior = logPriorWeight;
    for (let d = 0; d < axes.length; d++) {
      const axis = axes[d]!;
      prior += axis.kind === "numeric" ? axis.logPrior(point[d]!) : axis.logPriors[point[d]!]!;
    }
    return prior;
  };

  const logDensity = (point: Float64Array): number => {
    terms.set(logConstants);
    for (let d = 0; d < axes.length; d++) {
      const axis = axes[d]!;
      const x = point[d]!;
      if (axis.kind === "numeric") addNormal(terms, columns[d]!, x, Math.SQRT1_2 / bandwidths[d]!);
      else addTabled(terms, codes[d]!, tables[d]!(x));
    }
    return logSumWith(terms, logDensityOfPrior(point));
  };

  const sample = (rng: Rng, point: Float64Array): void => {
    let rest = rng.float() * total;
    let kernel = 0;
    while (kernel < kernels && rest >= weights[kernel]!) rest -= weights[kernel++]!;
    for (let d = 0; d < axes.length; d++) {
      const axis = axes[d]!;
      point[d] = kernel < kernels ? drawNear(axis, columns[d]![kernel]!, bandwidths[d]!, rng) : drawPrior(axis, rng);
    }
  };

  return { logDensity, logDensityOfPrior, sample };
}

function addNormal(terms: Float64Array, column: Float64Array, x: number, scale: number): void {
  for (let i = 0; i < terms.length; i++) {
    const distance = (x - column[i]!) * scale;
    terms[i] = terms[i]! - distance * distance;
  }
}

function addTabled(terms: Float64Array, codes: Int32Array, row: Float64Array): void {
  for (let i = 0; i < terms.length; i++) terms[i] = terms[i]! + row[codes[i]!]!;
}

/** log(exp(first) + the sum of exp of the terms). */
function logSumWith(terms: Float64Array, first: number): number {
  let greatest = first;
  for (let i = 0; i < terms.length; i++) if (terms[i]! > greatest) greatest = terms[i]!;
  let sum = Math.exp(first - greatest);
  for (let i = 0; i < terms.length; i++) {
    const difference = terms[i]! - greatest;
    if (difference > negligible) sum += Math.exp(difference);
  }
  return greatest + Math.log(sum);
}

const halfLogTwoPi = 0.9189385332046728;

/** Multiplies each kernel's mass by that of its normal between 0 and 1. */
function multiplyByMassInside(masses: Float64Array, column: Float64Array, sigma: number): void {
  for (let i = 0; i < column.length; i++) {
    const centre = column[i]!;
    masses[i]! *= tabulatedCdf((1 - centre) / sigma) - tabulatedCdf(-centre / sigma);
  }
}

/** Of the standard normal distribution function at multiples of 1 / cdfResolution, up to where it is 1. */
const cdfResolution = 256;
const cdfReach = 6;
const cdfTable = Float64Array.from({ length: cdfReach * cdfResolution + 2 }, (_, i) => normalCdf(i / cdfResolution));

/** The standard normal distribution function to within 5e-7: a kernel's mass inside the bounds is never near 0. */
function tabulatedCdf(x: number): number {
  const place = Math.abs(x) * cdfResolution;
  if (place >= cdfReach * cdfResolution) return x > 0 ? 1 : 0;
  const left = Math.trunc(place);
  const value = cdfTable[left]! + (place - left) * (cdfTable[left + 1]! - cdfTable[left]!);
  return x > 0 ? value : 1 - value;
}

/** For a value, the logarithms of its probability under the kernels around every value. Computed when first asked for. */
function createTable(axis: DiscreteAxis, bandwidth: number): (value: number) => Float64Array {
  const rows = new Map<number, Float64Array>();
  const fill = axis.edges === null ? unorderedRow(axis, bandwidth) : orderedRow(axis, axis.edges, bandwidth);
  return (value) => {
    let row = rows.get(value);
    if (row === undefined) {
      row = new Float64Array(axis.count);
      fill(value, row);
      rows.set(value, row);
    }
    return row;
  };
}

type FillRow = (value: number, row: Float64Array) => void;

function unorderedRow({ logPriors }: DiscreteAxis, share: number): FillRow {
  return (value, row) => {
    const other = share * Math.exp(logPriors[value]!);
    row.fill(Math.log(other));
    row[value] = Math.log(1 - share + other);
  };
}

function orderedRow({ count, centres, isEven }: DiscreteAxis, edges: Float64Array, sigma: number): FillRow {
  const logInside = Float64Array.from(centres, (centre) =>
    Math.log(normalCdf((1 - centre) / sigma) - normalCdf(-centre / sigma)),
  );
  if (!isEven) {
    return (value, row) => {
      for (let k = 0; k < count; k++) {
        const [low, high] = [(edges[value]! - centres[k]!) / sigma, (edges[value + 1]! - centres[k]!) / sigma];
        row[k] = logMass(low, high) - logInside[k]!;
      }
    };
  }
  // Of equal cells only the distance between the two counts.
  const byDistance = Float64Array.from({ length: count }, (_, k) =>
    logMass((k - 0.5) / (count * sigma), (k + 0.5) / (count * sigma)),
  );
  return (value, row) => {
    for (let k = 0; k < count; k++) row[k] = byDistance[Math.abs(k - value)]! - logInside[k]!;
  };
}

/** log of the probability between a and b; where it is too small to matter beside the prior, of something tiny. */
function logMass(a: number, b: number): number {
  const mass = a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a);
  return Math.log(Math.max(mass, smallestMass));
}

/** Draws from a kernel around `centre`, a coordinate of the axis. */
export function drawNear(axis: Axis, centre: number, bandwidth: number, rng: Rng): number {
  if (axis.kind === "numeric") return drawNormal(centre, bandwidth, axis.low, axis.high, rng);
  if (axis.edges === null) return rng.float() < bandwidth ? drawPrior(axis, rng) : centre;
  return cellOf(axis.edges, drawNormal(axis.centres[centre]!, bandwidth, 0, 1, rng));
}

/** Draws from the prior. */
export function drawPrior(axis: Axis, rng: Rng): number {
  if (axis.kind === "numeric") return Number.isFinite(axis.low) ? rng.float() : rng.normal(0, 1 / gaussianWidth);
  if (axis.edges !== null) return cellOf(axis.edges, rng.float());
  let rest = rng.float();
  for (let i = 0; i < axis.count - 1; i++) {
    rest -= Math.exp(axis.logPriors[i]!);
    if (rest < 0) return i;
  }
  return axis.count - 1;
}

/** Most draws fall inside; where hardly any would, the quantile is taken. */
const rejections = 8;

function drawNormal(mean: number, sigma: number, low: number, high: number, rng: Rng): number {
  for (let i = 0; i < rejections; i++) {
    const x = rng.normal(mean, sigma);
    if (x >= low && x <= high) return x;
  }
  return mean + sigma * truncatedNormalQuantile(rng.float(), (low - mean) / sigma, (high - mean) / sigma);
}

/** The index of the cell that holds x. */
function cellOf(edges: Float64Array, x: number): number {
  let low = 0;
  let high = edges.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! <= x) low = middle;
    else high = middle;
  }
  return low;
}
