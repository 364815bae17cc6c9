import { choleskyIfAny, createMatrix, dotOfParts, gramOfLower, invertLower, logDeterminant, type Matrix } from "@argmin/base";
import { kernelOf, matern, maternSlope, placesOf, squaredDifference } from "./kernel.ts";
import { isTermActive, type Layout, type Point } from "./layout.ts";

const logTwoPi = Math.log(2 * Math.PI);

/** What the likelihood needs of the points, computed once for all hyper-parameters: one entry a pair i > j, at i (i - 1) / 2 + j. */
type Pairs = {
  /** By parameter: squared differences where both points have it, else 0. */
  readonly squares: readonly Float64Array[];
  /** By term: the points that have it, ascending. */
  readonly members: readonly Uint32Array[];
};

function pairsOf({ axes, terms, isUnordered, isVariable }: Layout, points: readonly Point[]): Pairs {
  const n = points.length;
  const squares = axes.map((_, d) => {
    const list = new Float64Array((n * (n - 1)) / 2);
    if (isVariable[d] === 0) return list;
    for (let i = 1, at = 0; i < n; i++) {
      for (let j = 0; j < i; j++, at++) {
        const square = squaredDifference(isUnordered[d]!, points[i]![d]!, points[j]![d]!);
        list[at] = Number.isNaN(square) ? 0 : square;
      }
    }
    return list;
  });
  const members = terms.map((term) => Uint32Array.from(points.flatMap((point, i) => (isTermActive(term, point) ? [i] : []))));
  return { squares, members };
}

/** The logarithm of the targets' density given hyper-parameters; its gradient goes to `gradient`. */
export type LogLikelihood = (hyper: Float64Array, gradient: Float64Array) => number;

/**
 * The log marginal likelihood of observations (Rasmussen and Williams, 2.30) as a function of the kernel's hyper-parameters, which
 * stand as logarithms in the places of `placesOf`, and its gradient (their 5.9).
 *
 * @returns -Infinity where the covariances have no Cholesky factor.
 */
export function logLikelihoodOf(layout: Layout, points: readonly Point[], targets: Float64Array): LogLikelihood {
  const n = points.length;
  const { terms } = layout;
  const places = placesOf(layout);
  const { squares, members } = pairsOf(layout, points);
  const pairCount = (n * (n - 1)) / 2;
  const distances = terms.map(() => new Float64Array(pairCount));
  const inheritedDistances = terms.map(({ inherited }) => new Float64Array(inherited.length > 0 ? pairCount : 0));
  const influence = new Float64Array(pairCount);

  return (hyper, gradient) => {
    gradient.fill(0);
    const { weights, variances, noise, coupling } = kernelOf(layout, hyper);
    const covariances = createMatrix(n, n);
    for (let i = 0; i < n; i++) covariances.data[i * n + i] = noise;
    for (const [t, { own, inherited }] of terms.entries()) {
      const squared = distances[t]!.fill(0);
      for (const d of inherited) addTo(inheritedDistances[t]!, squares[d]!, weights[d]!, d === inherited[0]);
      if (inherited.length > 0) addTo(squared, inheritedDistances[t]!, coupling, true);
      for (const d of own) addTo(squared, squares[d]!, weights[d]!, false);
      const variance = variances[t]!;
      eachPair(members[t]!, (i, j, at) => {
        covariances.data[i * n + j]! += variance * matern(squared[at]!);
      });
      for (const i of members[t]!) covariances.data[i * n + i]! += variance;
    }
    const factor = choleskyIfAny(covariances);
    if (factor === undefined) return Number.NEGATIVE_INFINITY;
    const inverseFactor = invertLower(factor);
    const inverse = gramOfLower(inverseFactor).data;
    const solution = solutionOf(inverseFactor, targets);
    let fit = 0;
    for (let i = 0; i < n; i++) fit += targets[i]! * solution[i]!;

    let traced = 0;
    for (let i = 0; i < n; i++) traced += solution[i]! ** 2 - inverse[i * n + i]!;
    gradient[places.noise] = 0.5 * noise * traced;
    for (const [t, { own, inherited }] of terms.entries()) {
      const variance = variances[t]!;
      const squared = distances[t]!;
      influence.fill(0);
      let ofVariance = 0;
      for (const i of members[t]!) ofVariance += 0.5 * (solution[i]! ** 2 - inverse[i * n + i]!);
      eachPair(members[t]!, (i, j, at) => {
        // Both of the entries (i, j) and (j, i).
        const weight = solution[i]! * solution[j]! - inverse[i * n + j]!;
        ofVariance += weight * matern(squared[at]!);
        influence[at] = weight * variance * maternSlope(squared[at]!);
      });
      gradient[places.variances + t] = variance * ofVariance;
      for (const d of own) gradient[places.lengths + d]! -= 2 * weights[d]! * dot(influence, squares[d]!);
      for (const d of inherited) gradient[places.lengths + d]! -= 2 * coupling * weights[d]! * dot(influence, squares[d]!);
      if (inherited.length > 0) gradient[places.coupling]! += 2 * coupling * dot(influence, inheritedDistances[t]!);
    }
    return -0.5 * (fit + logDeterminant(factor) + n * logTwoPi);
  };
}

function eachPair(members: Uint32Array, visit: (i: number, j: number, at: number) => void): void {
  for (let a = 1; a < members.length; a++) {
    const i = members[a]!;
    const row = (i * (i - 1)) / 2;
    for (let b = 0; b < a; b++) visit(i, members[b]!, row + members[b]!);
  }
}

/** (L L^T)^-1 b, from the inverse of L. */
export function solutionOf(inverseFactor: Matrix, b: Float64Array): Float64Array {
  const { rows: n, data } = inverseFactor;
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const sum = dotOfParts(data, i * n, b, 0, i + 1);
    for (let j = 0; j <= i; j++) x[j]! += data[i * n + j]! * sum;
  }
  return x;
}

function addTo(sum: Float64Array, list: Float64Array, weight: number, isFirst: boolean): void {
  if (isFirst) for (let at = 0; at < sum.length; at++) sum[at] = weight * list[at]!;
  else for (let at = 0; at < sum.length; at++) sum[at]! += weight * list[at]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  return dotOfParts(a, 0, b, 0, a.length);
}
