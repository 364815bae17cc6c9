import { normalCdf, type Rng } from "@argmin/base";
import type { Axis } from "./axis.ts";
import { addLogKernels, createTable, drawNear, drawPrior, type Table } from "./kernels.ts";

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

/** Terms so far below the greatest change nothing in the sum's first 16 digits. */
const negligible = -40;

const halfLogTwoPi = 0.9189385332046728;

/**
 * A density over several parameters at once: a weighted sum of products of one-dimensional kernels, and of the prior.
 *
 * @remarks The kernels are normal ones cut to the bounds on a line, their exact masses on the cells of a lattice, and on values
 *   without an order the value itself mixed with the prior. An instance keeps memory that its calls share.
 */
export class Mixture {
  readonly #parts: MixtureParts;
  readonly #total: number;
  readonly #logPriorWeight: number;
  /** The part of each kernel's logarithm that is the same wherever it is asked for. */
  readonly #logConstants: Float64Array;
  /** Of discrete axes; a typed array is looked up by integers three times as fast as by doubles. */
  readonly #codes: readonly (Int32Array | undefined)[];
  readonly #tables: readonly (Table | undefined)[];
  readonly #terms: Float64Array;

  constructor(parts: MixtureParts) {
    const { axes, columns, weights, priorWeight, bandwidths } = parts;
    const kernels = weights.length;
    let total = priorWeight;
    for (let i = 0; i < kernels; i++) total += weights[i]!;
    const masses = new Float64Array(kernels).fill(total);
    const logConstants = new Float64Array(kernels);
    const codes: (Int32Array | undefined)[] = [];
    const tables: (Table | undefined)[] = [];
    let logScales = 0;
    for (let d = 0; d < axes.length; d++) {
      const axis = axes[d]!;
      const column = columns[d]!;
      const bandwidth = bandwidths[d]!;
      if (axis.kind === "numeric") {
        logScales += Math.log(bandwidth) + halfLogTwoPi;
        if (Number.isFinite(axis.low)) multiplyByMassInside(masses, column, bandwidth);
        codes.push(undefined);
        tables.push(undefined);
      } else {
        const indices = new Int32Array(kernels);
        for (let i = 0; i < kernels; i++) indices[i] = column[i]!;
        const table = createTable(axis, bandwidth);
        if (table.kind === "even") for (let i = 0; i < kernels; i++) masses[i]! *= table.inside[indices[i]!]!;
        codes.push(indices);
        tables.push(table);
      }
    }
    for (let i = 0; i < kernels; i++) logConstants[i] = Math.log(weights[i]! / masses[i]!) - logScales;
    this.#parts = parts;
    this.#total = total;
    this.#logPriorWeight = Math.log(priorWeight / total);
    this.#logConstants = logConstants;
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
    const { axes, columns, bandwidths } = this.#parts;
    const terms = this.#terms;
    const constants = this.#logConstants;
    for (let i = 0; i < terms.length; i++) terms[i] = constants[i]!;
    for (let d = 0; d < axes.length; d++) {
      const table = this.#tables[d];
      if (table === undefined) addNormal(terms, columns[d]!, point[d]!, Math.SQRT1_2 / bandwidths[d]!);
      else addLogKernels(terms, table, this.#codes[d]!, point[d]!);
    }
    return logSumWith(terms, this.logDensityOfPrior(point));
  }

  /** Draws a point into `point`. */
  sample(rng: Rng, point: Float64Array): void {
    const { axes, columns, weights, bandwidths } = this.#parts;
    const kernels = weights.length;
    let rest = rng.float() * this.#total;
    let kernel = 0;
    while (kernel < kernels && rest >= weights[kernel]!) rest -= weights[kernel++]!;
    for (let d = 0; d < axes.length; d++) {
      const axis = axes[d]!;
      point[d] = kernel < kernels ? drawNear(axis, columns[d]![kernel]!, bandwidths[d]!, rng) : drawPrior(axis, rng);
    }
  }
}

function addNormal(terms: Float64Array, column: Float64Array, x: number, scale: number): void {
  for (let i = 0; i < terms.length; i++) {
    const distance = (x - column[i]!) * scale;
    terms[i] = terms[i]! - distance * distance;
  }
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
