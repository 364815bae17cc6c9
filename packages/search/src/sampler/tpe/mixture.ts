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
  for (let i = 0; i < kernels; i++) logConstants[i] = Math.log(weights[i]! / total);
  for (const [d, axis] of axes.entries()) {
    if (axis.kind === "numeric") addNormalisers(logConstants, columns[d]!, bandwidths[d]!, axis.low, axis.high);
  }
  const logPriorWeight = Math.log(priorWeight / total);
  const tables = axes.map((axis, d) => (axis.kind === "discrete" ? createTable(axis, bandwidths[d]!) : undefined));
  const terms = new Float64Array(kernels);

  const logDensity = (point: Float64Array): number => {
    terms.set(logConstants);
    let prior = logPriorWeight;
    for (let d = 0; d < axes.length; d++) {
      const axis = axes[d]!;
      const column = columns[d]!;
      const x = point[d]!;
      if (axis.kind === "numeric") {
        prior += axis.logPrior(x);
        const scale = Math.SQRT1_2 / bandwidths[d]!;
        for (let i = 0; i < kernels; i++) {
          const distance = (x - column[i]!) * scale;
          terms[i]! -= distance * distance;
        }
      } else {
        prior += axis.logPriors[x]!;
        const row = tables[d]!(x);
        for (let i = 0; i < kernels; i++) terms[i]! += row[column[i]!]!;
      }
    }
    let greatest = prior;
    for (let i = 0; i < kernels; i++) if (terms[i]! > greatest) greatest = terms[i]!;
    let sum = Math.exp(prior - greatest);
    for (let i = 0; i < kernels; i++) {
      const difference = terms[i]! - greatest;
      if (difference > negligible) sum += Math.exp(difference);
    }
    return greatest + Math.log(sum);
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

  return { logDensity, sample };
}

/** Takes the logarithm of what a kernel would integrate to away from each kernel's constant. */
function addNormalisers(logConstants: Float64Array, column: Float64Array, sigma: number, low: number, high: number): void {
  const logScale = Math.log(sigma) + 0.9189385332046728;
  const isBounded = Number.isFinite(low);
  for (let i = 0; i < column.length; i++) {
    const centre = column[i]!;
    const inside = isBounded ? normalCdf((high - centre) / sigma) - normalCdf((low - centre) / sigma) : 1;
    logConstants[i]! -= logScale + Math.log(inside);
  }
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
