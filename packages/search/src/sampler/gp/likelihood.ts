import { choleskyIfAny, createMatrix, dotOfParts, gramOfLower, invertLower, logDeterminant, type Matrix } from "@argmin/base";
import { kernelOf, placesOf, root5, squaredDifference } from "./kernel.ts";
import { isTermActive, type Layout, type Point } from "./layout.ts";

const logTwoPi = Math.log(2 * Math.PI);

/** What the likelihood needs of the points, computed once for all hyper-parameters: one entry a pair i > j, at i (i - 1) / 2 + j. */
type Pairs = {
  /** By parameter: squared differences where both points have it, else 0. */
  readonly squares: readonly Float64Array[];
  /** By term: the points that have it, ascending, and the entries of their pairs. */
  readonly members: readonly Uint32Array[];
  readonly entries: readonly Uint32Array[];
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
  const entries = members.map((list) => {
    const result = new Uint32Array((list.length * (list.length - 1)) / 2);
    for (let a = 1, at = 0; a < list.length; a++) {
      const i = list[a]!;
      for (let b = 0; b < a; b++, at++) result[at] = (i * (i - 1)) / 2 + list[b]!;
    }
    return result;
  });
  return { squares, members, entries };
}

/** The logarithm of the targets' density given hyper-parameters; its gradient goes to `gradient`. */
export type LogLikelihood = (hyper: Float64Array, gradient: Float64Array) => number;

/**
 * The log marginal likelihood of observations (Rasmussen and Williams, 2.30) as a function of the kernel's hyper-parameters, which
 * stand as logarithms in the places of `placesOf`, and its gradient (their 5.9).
 *
 * @remarks What a term inherits is the own parameters of other terms, whole: so squared distances are summed up once for each term's
 *   own, and what pairs of points say of them is gathered from all terms before it is multiplied out parameter by parameter.
 * @returns -Infinity where the covariances have no Cholesky factor.
 */
export function logLikelihoodOf(layout: Layout, points: readonly Point[], targets: Float64Array): LogLikelihood {
  const n = points.length;
  const { terms } = layout;
  const places = placesOf(layout);
  const { squares, members, entries } = pairsOf(layout, points);
  const pairCount = (n * (n - 1)) / 2;
  const lists = (): readonly Float64Array[] => terms.map(() => new Float64Array(pairCount));
  /** By term: the squared distances by its own parameters, Matern's function, its slope, and what the pairs say of those distances. */
  const [ofOwn, similarities, slopes, influences] = [lists(), lists(), lists(), lists()];
  const pairWeights = new Float64Array(pairCount);

  return (hyper, gradient) => {
    gradient.fill(0);
    const { weights, variances, noise, coupling } = kernelOf(layout, hyper);
    const { data: covariances, ...shape } = createMatrix(n, n);
    for (let i = 0; i < n; i++) covariances[i * n + i] = noise;
    for (const [t, { own }] of terms.entries()) {
      const squared = ofOwn[t]!.fill(0);
      for (const d of own) if (layout.isVariable[d] === 1) addTo(squared, squares[d]!, weights[d]!);
    }
    for (let t = 0; t < terms.length; t++) {
      const variance = variances[t]!;
      const [own, similar, slope, list] = [ofOwn[t]!, similarities[t]!, slopes[t]!, members[t]!];
      const shared = terms[t]!.ancestors.map((other) => ofOwn[other]!);
      for (let a = 1; a < list.length; a++) {
        const i = list[a]!;
        for (let b = 0; b < a; b++) {
          const j = list[b]!;
          const at = (i * (i - 1)) / 2 + j;
          let inherited = 0;
          for (let k = 0; k < shared.length; k++) inherited += shared[k]![at]!;
          const squaredDistance = own[at]! + coupling * inherited;
          const r = root5 * Math.sqrt(squaredDistance);
          const decay = Math.exp(-r);
          const similarity = (1 + r + (5 / 3) * squaredDistance) * decay;
          similar[at] = similarity;
          slope[at] = (-5 / 6) * (1 + r) * decay;
          covariances[i * n + j]! += variance * similarity;
        }
      }
      for (const i of list) covariances[i * n + i]! += variance;
    }
    const factor = choleskyIfAny({ ...shape, data: covariances });
    if (factor === undefined) return Number.NEGATIVE_INFINITY;
    const inverseFactor = invertLower(factor);
    const inverse = gramOfLower(inverseFactor).data;
    const solution = solutionOf(inverseFactor, targets);
    let fit = 0;
    for (let i = 0; i < n; i++) fit += targets[i]! * solution[i]!;

    let traced = 0;
    for (let i = 0; i < n; i++) traced += solution[i]! ** 2 - inverse[i * n + i]!;
    gradient[places.noise] = 0.5 * noise * traced;
    // Both of the entries (i, j) and (j, i) of each pair.
    for (let i = 1, at = 0; i < n; i++)
      for (let j = 0; j < i; j++, at++) pairWeights[at] = solution[i]! * solution[j]! - inverse[i * n + j]!;
    for (const influence of influences) influence.fill(0);
    for (let t = 0; t < terms.length; t++) {
      const variance = variances[t]!;
      const [similar, slope, list] = [similarities[t]!, slopes[t]!, entries[t]!];
      const own = influences[t]!;
      const shared = terms[t]!.ancestors;
      let ofVariance = 0;
      let ofCoupling = 0;
      for (const i of members[t]!) ofVariance += 0.5 * (solution[i]! ** 2 - inverse[i * n + i]!);
      for (let e = 0; e < list.length; e++) {
        const at = list[e]!;
        const weight = pairWeights[at]!;
        ofVariance += weight * similar[at]!;
        const influence = weight * variance * slope[at]!;
        own[at]! += influence;
        for (let k = 0; k < shared.length; k++) {
          ofCoupling += influence * ofOwn[shared[k]!]![at]!;
          influences[shared[k]!]![at]! += coupling * influence;
        }
      }
      gradient[places.variances + t] = variance * ofVariance;
      if (shared.length > 0) gradient[places.coupling]! += 2 * coupling * ofCoupling;
    }
    for (const [t, { own }] of terms.entries())
      for (const d of own)
        if (layout.isVariable[d] === 1)
          gradient[places.lengths + d] = -2 * weights[d]! * dotOfParts(influences[t]!, 0, squares[d]!, 0, pairCount);
    return -0.5 * (fit + logDeterminant(factor) + n * logTwoPi);
  };
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

function addTo(sum: Float64Array, list: Float64Array, weight: number): void {
  for (let at = 0; at < sum.length; at++) sum[at]! += weight * list[at]!;
}
