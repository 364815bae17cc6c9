import { normalCdf, truncatedNormalQuantile, type Rng } from "@argmin/base";
import { gaussianWidth, type Axis, type DiscreteAxis } from "./axis.ts";

/** What kernels around the values of a discrete axis have at each value. */
export type Table =
  /** On a lattice of even cells a normal's mass on a cell follows from their distance; by centre, what makes up for the mass out of bounds. */
  | { readonly kind: "even"; readonly masses: Float64Array; readonly heights: Float64Array; readonly floor: number }
  /** Otherwise a row for each value, by the index of the kernel's centre, computed when first asked for. */
  | {
      readonly kind: "rows";
      readonly axis: DiscreteAxis;
      readonly sigma: number;
      readonly priorShare: number;
      readonly rows: (Float64Array | undefined)[];
    };

export function createTable(axis: DiscreteAxis, sigma: number, priorShare: number): Table {
  if (axis.edges !== null && axis.isEven) return evenTable(axis.count, sigma, priorShare);
  return { kind: "rows", axis, sigma, priorShare, rows: [] };
}

/** Multiplies each term by what its kernel has at a value. `centres` are indices of values. */
export function multiplyByKernels(terms: Float64Array, table: Table, centres: Int32Array, value: number): void {
  if (table.kind === "even") {
    const { masses, heights, floor } = table;
    for (let i = 0; i < terms.length; i++) {
      const centre = centres[i]!;
      terms[i] = terms[i]! * (masses[Math.abs(centre - value)]! * heights[centre]! + floor);
    }
  } else {
    const row = (table.rows[value] ??= rowOf(table.axis, table.sigma, table.priorShare, value));
    for (let i = 0; i < terms.length; i++) terms[i] = terms[i]! * row[centres[i]!]!;
  }
}

function evenTable(count: number, sigma: number, priorShare: number): Table {
  // What of a normal lies beyond the far edge of the cell at each distance.
  const beyond = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    beyond[k] = normalCdf(-(k + 0.5) / (count * sigma));
    if (beyond[k] === 0) break;
  }
  const masses = new Float64Array(count);
  const heights = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    masses[k] = k === 0 ? 1 - 2 * beyond[0]! : beyond[k - 1]! - beyond[k]!;
    heights[k] = (1 - priorShare) / (1 - beyond[k]! - beyond[count - 1 - k]!);
  }
  return { kind: "even", masses, heights, floor: priorShare / count };
}

function rowOf(
  { count, edges, centres, logPriors }: DiscreteAxis,
  sigma: number,
  priorShare: number,
  value: number,
): Float64Array {
  const floor = priorShare * Math.exp(logPriors[value]!);
  const row = new Float64Array(count).fill(floor);
  if (edges === null) {
    row[value]! += 1 - priorShare;
    return row;
  }
  for (let k = 0; k < count; k++) {
    const centre = centres[k]!;
    const mass = massBetween((edges[value]! - centre) / sigma, (edges[value + 1]! - centre) / sigma);
    row[k]! += ((1 - priorShare) * mass) / massBetween(-centre / sigma, (1 - centre) / sigma);
  }
  return row;
}

function massBetween(a: number, b: number): number {
  return a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a);
}

/** Draws from a kernel around `centre`, a coordinate of the axis, without what it has of the prior. */
export function drawNear(axis: Axis, centre: number, sigma: number, rng: Rng): number {
  if (axis.kind === "numeric") return drawNormal(centre, sigma, axis.low, axis.high, rng);
  if (axis.edges === null) return centre;
  return cellOf(axis.edges, drawNormal(axis.centres[centre]!, sigma, 0, 1, rng));
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
