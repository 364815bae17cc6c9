import { createMatrix, type Matrix } from "@argmin/base";
import { priorVariance, root5, type Kernel } from "./kernel.ts";
import { isTermActive, type Point } from "./layout.ts";

/**
 * Some points as one term of a kernel sees them: those that have it, a row each, with coordinates in units of their length scales,
 * so that a squared distance is a sum of squares of what lies side by side.
 */
type Rows = {
  /** Which of the points have the term, ascending. */
  readonly members: Uint32Array;
  /** The term's own parameters with an order, and the factors that take them to those units. */
  readonly ordered: Uint32Array;
  readonly scales: Float64Array;
  readonly coordinates: Float64Array;
  /** Those without an order, what a difference counts, and their values. */
  readonly unordered: Uint32Array;
  readonly penalties: Float64Array;
  readonly values: Float64Array;
};

function rowsOf({ layout, weights }: Kernel, t: number, points: readonly Point[]): Rows {
  const term = layout.terms[t]!;
  const varied = term.own.filter((d) => layout.isVariable[d] === 1);
  const ordered = varied.filter((d) => layout.isUnordered[d] === 0);
  const unordered = varied.filter((d) => layout.isUnordered[d] === 1);
  const scales = Float64Array.from(ordered, (d) => Math.sqrt(weights[d]!));
  const members = Uint32Array.from(points.flatMap((point, i) => (isTermActive(term, point) ? [i] : [])));
  const coordinates = new Float64Array(members.length * ordered.length);
  const values = new Float64Array(members.length * unordered.length);
  for (let m = 0; m < members.length; m++) {
    const point = points[members[m]!]!;
    for (let k = 0; k < ordered.length; k++) coordinates[m * ordered.length + k] = point[ordered[k]!]! * scales[k]!;
    for (let k = 0; k < unordered.length; k++) values[m * unordered.length + k] = point[unordered[k]!]!;
  }
  const penalties = Float64Array.from(unordered, (d) => weights[d]!);
  return { members, ordered, scales, coordinates, unordered, penalties, values };
}

/** The covariances of observations at some points: noise on the diagonal, and only the lower triangle. */
export function covarianceMatrix(kernel: Kernel, points: readonly Point[]): Matrix {
  const n = points.length;
  const { data } = createMatrix(n, n);
  const all = covariancesOf(kernel, points);
  for (const [i, point] of points.entries()) {
    all.at(point, data.subarray(i * n, i * n + i));
    data[i * n + i] = priorVariance(kernel, point) + kernel.noise;
  }
  return { rows: n, columns: n, data };
}

/** The covariances of one point at a time and each of some others. */
export interface Covariances {
  /** At a point, into `into`: of as many of the others, from the first on, as it has entries. */
  at(x: Point, into: Float64Array): void;
  /**
   * At the point that `at` was asked for last, with all others: the derivatives, with respect to its coordinates, of the sums of its
   * covariances weighted by `a` and by `b`, which are added to `ofA` and `ofB`. Of values without an order they are 0.
   */
  slopes(a: Float64Array, b: Float64Array, ofA: Float64Array, ofB: Float64Array): void;
}

/**
 * Lays some points out, so that what is computed for each of thousands of others is little.
 *
 * @remarks What a term inherits is the own parameters of other terms, whole: so squared distances are summed up once for each term's
 *   own, and what the covariances say of them is gathered from all terms before it is multiplied out parameter by parameter.
 */
export function covariancesOf(kernel: Kernel, points: readonly Point[]): Covariances {
  const n = points.length;
  const { layout, variances, coupling } = kernel;
  const terms = layout.terms.map((term, t) => {
    const rows = rowsOf(kernel, t, points);
    return {
      term,
      ...rows,
      variance: variances[t]!,
      // Of the point that was asked for last: its own coordinates; for each of the others the squared distance by them, twice the
      // derivative of the term with respect to its squared distance, and the sum of what all terms say of the distance by them.
      isActive: false,
      own: new Float64Array(rows.ordered.length),
      ownValues: new Float64Array(rows.unordered.length),
      squares: new Float64Array(n),
      steepness: new Float64Array(n),
      influence: new Float64Array(n),
    };
  });
  type TermAtPoint = (typeof terms)[number];
  const ancestors = layout.terms.map((term) => term.ancestors.map((other) => terms[other]!));

  const setOwn = (of: TermAtPoint, x: Point, end: number): void => {
    const { own, ownValues, squares, members, ordered, scales, coordinates, unordered, penalties, values } = of;
    const [wide, many] = [ordered.length, unordered.length];
    for (let k = 0; k < wide; k++) own[k] = x[ordered[k]!]! * scales[k]!;
    for (let k = 0; k < many; k++) ownValues[k] = x[unordered[k]!]!;
    for (let m = 0; m < end; m++) {
      let squared = 0;
      for (let k = 0, at = m * wide; k < wide; k++, at++) {
        const difference = own[k]! - coordinates[at]!;
        squared += difference * difference;
      }
      for (let k = 0, at = m * many; k < many; k++, at++) if (ownValues[k] !== values[at]) squared += penalties[k]!;
      squares[members[m]!] = squared;
    }
  };

  const add = (
    { members, squares, steepness, variance }: TermAtPoint,
    shared: readonly TermAtPoint[],
    end: number,
    into: Float64Array,
  ): void => {
    for (let m = 0; m < end; m++) {
      const i = members[m]!;
      let inherited = 0;
      for (let k = 0; k < shared.length; k++) inherited += shared[k]!.squares[i]!;
      const squared = squares[i]! + coupling * inherited;
      const a = root5 * Math.sqrt(squared);
      const factor = variance * Math.exp(-a);
      into[i]! += factor * (1 + a + (5 / 3) * squared);
      steepness[i] = (-5 / 3) * factor * (1 + a);
    }
  };

  return {
    at: (x, into) => {
      into.fill(0);
      const count = into.length;
      for (const of of terms) {
        of.isActive = isTermActive(of.term, x);
        if (of.isActive) setOwn(of, x, membersBelow(of.members, count));
      }
      for (const [t, of] of terms.entries()) if (of.isActive) add(of, ancestors[t]!, membersBelow(of.members, count), into);
    },
    slopes: (a, b, ofA, ofB) => {
      for (const { influence } of terms) influence.fill(0);
      for (const [t, { isActive, members, steepness, influence }] of terms.entries()) {
        if (!isActive) continue;
        const shared = ancestors[t]!;
        for (let m = 0; m < members.length; m++) {
          const i = members[m]!;
          influence[i]! += steepness[i]!;
          for (let k = 0; k < shared.length; k++) shared[k]!.influence[i]! += coupling * steepness[i]!;
        }
      }
      for (const { isActive, own, members, ordered, scales, coordinates, influence } of terms) {
        if (!isActive) continue;
        const wide = ordered.length;
        const sums = new Float64Array(2 * wide);
        for (let m = 0; m < members.length; m++) {
          const i = members[m]!;
          const [byA, byB] = [influence[i]! * a[i]!, influence[i]! * b[i]!];
          for (let k = 0, at = m * wide; k < wide; k++, at++) {
            const difference = own[k]! - coordinates[at]!;
            sums[k]! += byA * difference;
            sums[wide + k]! += byB * difference;
          }
        }
        for (let k = 0; k < wide; k++) {
          ofA[ordered[k]!]! += sums[k]! * scales[k]!;
          ofB[ordered[k]!]! += sums[wide + k]! * scales[k]!;
        }
      }
    },
  };
}

/** How many of some ascending numbers are less than `limit`. */
function membersBelow(members: Uint32Array, limit: number): number {
  let end = members.length;
  while (end > 0 && members[end - 1]! >= limit) end -= 1;
  return end;
}
