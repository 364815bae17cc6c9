import {
  choleskyIfAny,
  createMatrix,
  gramOfLower,
  invertLower,
  logDeterminant,
  solveCholesky,
  solveLower,
  type Matrix,
} from "@argmin/base";
import { bestLogLength, isAtBounds, type Loss } from "./length-scale.ts";
import type { Point } from "./points.ts";

/** A Gaussian process that was fitted to outcomes, standardised to mean 0 and deviation 1. */
export interface Process {
  /** The natural logarithm of the one length scale. */
  readonly logLength: number;
  /** Whether the length scale has run into its bounds: then the model says nothing. */
  readonly isAtBounds: boolean;
  /** From an outcome to the process's scale and back. */
  readonly standardise: (outcome: number) => number;
  readonly outcomeOf: (standardised: number) => number;
  /** Mean and standard deviation, standardised. */
  readonly predict: (point: Point) => { readonly mean: number; readonly deviation: number };
}

/** Added to the variance of each outcome. */
const nugget = 1e-7;
/** Added to the outcomes' standard deviation, which may be 0. */
const leastDeviation = 1e-6;

/**
 * The process with W&B's kernel (Matérn of smoothness 3/2, signal variance 1, one length scale for all coordinates) whose marginal
 * likelihood is greatest (Rasmussen and Williams 2006, 2.30 and 5.9).
 *
 * @param points - At least one, and as many outcomes.
 * @returns `undefined` where the covariances have no Cholesky factor.
 */
export function fitProcess(points: readonly Point[], outcomes: readonly number[]): Process | undefined {
  const { standardise, outcomeOf } = standardisation(outcomes);
  const targets = Float64Array.from(outcomes, standardise);
  const distances = pairDistances(points);
  const loss = lossOf(points.length, distances, targets);
  const logLength = bestLogLength(loss);
  const length = Math.exp(logLength);
  const factor = choleskyIfAny(covariances(points.length, distances, length));
  if (factor === undefined) return undefined;
  const solution = solveCholesky(factor, targets);
  return {
    logLength,
    isAtBounds: isAtBounds(logLength),
    standardise,
    outcomeOf,
    predict: (point) => {
      const shared = new Float64Array(points.length);
      let mean = 0;
      for (let i = 0; i < shared.length; i++) {
        shared[i] = matern(distanceOf(point, points[i]!) / length);
        mean += shared[i]! * solution[i]!;
      }
      let variance = 1;
      for (const part of solveLower(factor, shared)) variance -= part * part;
      return { mean, deviation: Math.sqrt(Math.max(0, variance)) };
    },
  };
}

type Standardisation = Pick<Process, "standardise" | "outcomeOf">;

/** Divided by the largest outcome first, so that nothing overflows. */
function standardisation(outcomes: readonly number[]): Standardisation {
  const scale = outcomes.reduce((largest, outcome) => Math.max(largest, Math.abs(outcome)), 1);
  const scaled = outcomes.map((outcome) => outcome / scale);
  const mean = scaled.reduce((sum, value) => sum + value, 0) / scaled.length;
  const variance = scaled.reduce((sum, value) => sum + (value - mean) ** 2, 0) / scaled.length;
  const deviation = Math.sqrt(variance) + leastDeviation / scale;
  return {
    standardise: (outcome) => (outcome / scale - mean) / deviation,
    outcomeOf: (standardised) => (standardised * deviation + mean) * scale,
  };
}

/** Minus the log marginal likelihood. */
function lossOf(n: number, distances: Float64Array, targets: Float64Array): Loss {
  return (logLength) => {
    const length = Math.exp(logLength);
    const factor = choleskyIfAny(covariances(n, distances, length));
    if (factor === undefined) return { value: Infinity, slope: 0 };
    const inverse = gramOfLower(invertLower(factor)).data;
    const solution = solveCholesky(factor, targets);
    let fit = 0;
    for (let i = 0; i < n; i++) fit += targets[i]! * solution[i]!;
    let slope = 0;
    for (let i = 1, at = 0; i < n; i++) {
      for (let j = 0; j < i; j++, at++) {
        // Both of the entries (i, j) and (j, i).
        slope -= (solution[i]! * solution[j]! - inverse[i * n + j]!) * maternSlope(distances[at]! / length);
      }
    }
    return { value: 0.5 * (fit + logDeterminant(factor) + n * Math.log(2 * Math.PI)), slope };
  };
}

/** The lower triangle. */
function covariances(n: number, distances: Float64Array, length: number): Matrix {
  const result = createMatrix(n, n);
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j < i; j++, at++) result.data[i * n + j] = matern(distances[at]! / length);
    result.data[i * n + i] = 1 + nugget;
  }
  return result;
}

/** The distances of the pairs i > j, at i (i - 1) / 2 + j. */
function pairDistances(points: readonly Point[]): Float64Array {
  const distances = new Float64Array((points.length * (points.length - 1)) / 2);
  for (let i = 1, at = 0; i < points.length; i++) {
    for (let j = 0; j < i; j++, at++) distances[at] = distanceOf(points[i]!, points[j]!);
  }
  return distances;
}

function distanceOf(a: Point, b: Point): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += (a[d]! - b[d]!) ** 2;
  return Math.sqrt(sum);
}

const rootThree = Math.sqrt(3);

/** Matérn's function of smoothness 3/2 at a distance in length scales. */
function matern(distance: number): number {
  const s = rootThree * distance;
  return (1 + s) * Math.exp(-s);
}

/** Its derivative with respect to the length scale's logarithm. */
function maternSlope(distance: number): number {
  const s = rootThree * distance;
  return s * s * Math.exp(-s);
}
