import { normalCdf, truncatedNormalQuantile, type Rng } from "@argmin/base";
import { gaussianWidth, type Axis, type DiscreteAxis } from "./axis.ts";

/** The kernels around every value of a discrete axis, as logarithms. */
export type Table =
  /** On a lattice of even cells a kernel's mass on a cell follows from their distance; it is still to be divided by the mass `inside` the bounds. */
  | { readonly kind: "even"; readonly count: number; readonly byOffset: Float64Array; readonly inside: Float64Array }
  /** Otherwise a row for each value, by the index of the kernel's centre, computed when first asked for. */
  | {
      readonly kind: "rows";
      readonly axis: DiscreteAxis;
      readonly bandwidth: number;
      readonly rows: (Float64Array | undefined)[];
    };

export function createTable(axis: DiscreteAxis, bandwidth: number): Table {
  if (axis.edges !== null && axis.isEven) return evenTable(axis.count, bandwidth);
  return { kind: "rows", axis, bandwidth, rows: [] };
}

/** Adds to the logarithm of each kernel what it has at a value. `centres` are indices of values. */
export function addLogKernels(terms: Float64Array, table: Table, centres: Int32Array, value: number): void {
  const isEven = table.kind === "even";
  const row = isEven ? table.byOffset : (table.rows[value] ??= rowOf(table.axis, table.bandwidth, value));
  const shift = isEven ? table.count - 1 - value : 0;
  for (let i = 0; i < terms.length; i++) terms[i] = terms[i]! + row[centres[i]! + shift]!;
}

/** Less mass than that does not matter beside the prior's; its logarithm is a number. */
const smallestMass = 1e-300;

function evenTable(count: number, sigma: number): Table {
  // What of a kernel lies beyond the far edge of the cell at each distance.
  const beyond = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    beyond[k] = normalCdf(-(k + 0.5) / (count * sigma));
    if (beyond[k] === 0) break;
  }
  const byOffset = new Float64Array(2 * count - 1);
  const inside = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const mass = k === 0 ? 1 - 2 * beyond[0]! : beyond[k - 1]! - beyond[k]!;
    byOffset[count - 1 + k] = byOffset[count - 1 - k] = Math.log(Math.max(mass, smallestMass));
    inside[k] = 1 - beyond[k]! - beyond[count - 1 - k]!;
  }
  return { kind: "even", count, byOffset, inside };
}

function rowOf({ count, edges, centres, logPriors }: DiscreteAxis, bandwidth: number, value: number): Float64Array {
  const row = new Float64Array(count);
  if (edges === null) {
    const other = bandwidth * Math.exp(logPriors[value]!);
    row.fill(Math.log(other));
    row[value] = Math.log(1 - bandwidth + other);
    return row;
  }
  for (let k = 0; k < count; k++) {
    const centre = centres[k]!;
    const mass = massBetween((edges[value]! - centre) / bandwidth, (edges[value + 1]! - centre) / bandwidth);
    row[k] = Math.log(Math.max(mass, smallestMass) / massBetween(-centre / bandwidth, (1 - centre) / bandwidth));
  }
  return row;
}

function massBetween(a: number, b: number): number {
  return a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a);
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
