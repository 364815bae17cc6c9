import { normalCdf, type Rng } from "@argmin/base";
import type { Axis } from "./axis.ts";
import type { Widths } from "./bandwidth.ts";
import { createTable, drawNear, drawPrior, multiplyByKernels, type Table } from "./kernels.ts";

/** What a mixture is made of. */
export type MixtureParts = {
  readonly axes: readonly Axis[];
  /** One array an axis: the coordinates of the kernels' centres. */
  readonly columns: readonly Float64Array[];
  /** One weight a kernel. */
  readonly weights: Float64Array;
  /** The weight of the prior as a component of its own. */
  readonly priorWeight: number;
  readonly widths: Widths;
};

/**
 * A density over several parameters at once: a weighted sum of products of one-dimensional kernels, and of the prior.
 *
 * @remarks The kernels are normal ones cut to the bounds on a line, their exact masses on the cells of a lattice, and the value itself
 *   where values have no order; each mixed with the prior. An instance keeps memory that its calls share.
 */
export class Mixture {
  readonly #parts: MixtureParts;
  readonly #total: number;
  readonly #logPriorWeight: number;
  /** Kernels on a line are computed without their constant factor: its logarithm, of all axes. */
  readonly #logScale: number;
  /** One array a numeric axis: by kernel, what makes up for the mass out of bounds and in the prior. */
  readonly #heights: readonly (Float64Array | undefined)[];
  /** Of discrete axes; a typed array is looked up by integers three times as fast as by doubles. */
  readonly #codes: readonly (Int32Array | undefined)[];
  readonly #tables: readonly (Table | undefined)[];
  readonly #terms: Float64Array;

  constructor(parts: MixtureParts) {
    const { axes, columns, weights, priorWeight, widths } = parts;
    const kernels = weights.length;
    let total = priorWeight;
    for (let i = 0; i < kernels; i++) total += weights[i]!;
    const heights: (Float64Array | undefined)[] = [];
    const codes: (Int32Array | undefined)[] = [];
    const tables: (Table | undefined)[] = [];
    let logScale = -Math.log(total);
    for (let d = 0; d < axes.length; d++) {
      const axis = axes[d]!;
      const column = columns[d]!;
      const [sigma, priorShare] = [widths.sigmas[d]!, widths.priorShares[d]!];
      if (axis.kind === "numeric") {
        logScale -= Math.log(sigma) + halfLogTwoPi;
        heights.push(heightsOf(axis, column, sigma, 1 - priorShare));
        codes.push(undefined);
        tables.push(undefined);
      } else {
        const indices = new Int32Array(kernels);
        for (let i = 0; i < kernels; i++) indices[i] = column[i]!;
        heights.push(undefined);
        codes.push(indices);
        tables.push(createTable(axis, sigma, priorShare));
      }
    }
    this.#parts = parts;
    this.#total = total;
    this.#logPriorWeight = Math.log(priorWeight / total);
    this.#logScale = logScale;
    this.#heights = heights;
    this.#codes = codes;
    this.#tables = tables;
    this.#terms = new Float64Array(kernels);
  }

  /** The part of the density that comes from the prior, as a logarithm: no more than `logDensity`, and known much faster. */
  logDensityOfPrior(point: Float64Array): number {
    const { axes } = this.#parts;
    let prior = this.#logPriorWeight;
    for (let d = 0; d < axes.length; d++) {
      const axis = axes[d]!;
      prior += axis.kind === "numeric" ? axis.logPrior(point[d]!) : axis.logPriors[point[d]!]!;
    }
    return prior;
  }

  /** The logarithm of the density at a point of one coordinate an axis. */
  logDensity(point: Float64Array): number {
    const { axes, columns, weights, widths } = this.#parts;
    const terms = this.#terms;
    for (let i = 0; i < terms.length; i++) terms[i] = weights[i]!;
    for (let d = 0; d < axes.length; d++) {
      const axis = axes[d]!;
      const x = point[d]!;
      if (axis.kind === "numeric") {
        const sigma = widths.sigmas[d]!;
        const floor = widths.priorShares[d]! * Math.exp(axis.logPrior(x)) * sigma * rootTwoPi;
        multiplyByNormals(terms, columns[d]!, this.#heights[d]!, x, sigma, floor);
      } else {
        multiplyByKernels(terms, this.#tables[d]!, this.#codes[d]!, x);
      }
    }
    let sum = 0;
    for (let i = 0; i < terms.length; i++) sum += terms[i]!;
    const prior = this.logDensityOfPrior(point);
    // A sum too small for a double is nothing beside the prior.
    const kernels = this.#logScale + Math.log(sum);
    return kernels > prior ? kernels + Math.log1p(Math.exp(prior - kernels)) : prior + Math.log1p(Math.exp(kernels - prior));
  }

  /** Draws a point into `point`. */
  sample(rng: Rng, point: Float64Array): void {
    const { axes, columns, weights, widths } = this.#parts;
    const kernels = weights.length;
    let rest = rng.float() * this.#total;
    let kernel = 0;
    while (kernel < kernels && rest >= weights[kernel]!) rest -= weights[kernel++]!;
    for (let d = 0; d < axes.length; d++) {
      const axis = axes[d]!;
      const isPrior = kernel === kernels || rng.float() < widths.priorShares[d]!;
      point[d] = isPrior ? drawPrior(axis, rng) : drawNear(axis, columns[d]![kernel]!, widths.sigmas[d]!, rng);
    }
  }
}

const halfLogTwoPi = 0.9189385332046728;
const rootTwoPi = 2.5066282746310002;

/** Of exp(-x) at multiples of 1 / expResolution, up to where it is nothing beside the prior's part in a kernel: to within 8e-6 of it. */
const expResolution = 128;
const expReach = 30;
const expTable = Float64Array.from({ length: expReach * expResolution + 2 }, (_, i) => Math.exp(-i / expResolution));

function multiplyByNormals(
  terms: Float64Array,
  column: Float64Array,
  heights: Float64Array,
  x: number,
  sigma: number,
  floor: number,
): void {
  const scale = Math.sqrt(expResolution / 2) / sigma;
  for (let i = 0; i < terms.length; i++) {
    const distance = (x - column[i]!) * scale;
    const place = distance * distance;
    let density = floor;
    if (place < expReach * expResolution) {
      const left = Math.trunc(place);
      density += heights[i]! * (expTable[left]! + (place - left) * (expTable[left + 1]! - expTable[left]!));
    }
    terms[i] = terms[i]! * density;
  }
}

/** By kernel the share of the normal over its mass within the bounds. */
function heightsOf(axis: Axis, column: Float64Array, sigma: number, share: number): Float64Array {
  const heights = new Float64Array(column.length).fill(share);
  if (axis.kind !== "numeric" || !Number.isFinite(axis.low)) return heights;
  for (let i = 0; i < column.length; i++) {
    const centre = column[i]!;
    heights[i] = share / (tabulatedCdf((1 - centre) / sigma) - tabulatedCdf(-centre / sigma));
  }
  return heights;
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
