import { createMatrix, type Matrix } from "@argmin/base";
import { matern, priorVariance, root5, type Kernel } from "./kernel.ts";
import { isTermActive, type Point } from "./layout.ts";

/**
 * Some points as one term of a kernel sees them: those that have it, a row each, with coordinates in units of their length scales,
 * so that a squared distance is a sum of squares of what lies side by side.
 */
type Rows = {
  /** Which of the points have the term. */
  readonly members: Uint32Array;
  /** The parameters with an order, own and inherited, and the factors that take them to those units. */
  readonly ordered: Uint32Array;
  readonly scales: Float64Array;
  readonly coordinates: Float64Array;
  /** Those without an order, what a difference counts, and their values. */
  readonly unordered: Uint32Array;
  readonly penalties: Float64Array;
  readonly values: Float64Array;
};

function rowsOf({ layout, weights, coupling }: Kernel, t: number, points: readonly Point[]): Rows {
  const term = layout.terms[t]!;
  const factors = new Map<number, number>();
  for (const d of term.own) factors.set(d, weights[d]!);
  for (const d of term.inherited) factors.set(d, coupling * weights[d]!);
  const varied = [...factors.keys()].filter((d) => layout.isVariable[d] === 1);
  const ordered = Uint32Array.from(varied.filter((d) => layout.isUnordered[d] === 0));
  const unordered = Uint32Array.from(varied.filter((d) => layout.isUnordered[d] === 1));
  const scales = Float64Array.from(ordered, (d) => Math.sqrt(factors.get(d)!));
  const members = Uint32Array.from(points.flatMap((point, i) => (isTermActive(term, point) ? [i] : [])));
  const coordinates = new Float64Array(members.length * ordered.length);
  const values = new Float64Array(members.length * unordered.length);
  for (let m = 0; m < members.length; m++) {
    const point = points[members[m]!]!;
    for (let k = 0; k < ordered.length; k++) coordinates[m * ordered.length + k] = point[ordered[k]!]! * scales[k]!;
    for (let k = 0; k < unordered.length; k++) values[m * unordered.length + k] = point[unordered[k]!]!;
  }
  return {
    members,
    ordered,
    scales,
    coordinates,
    unordered,
    penalties: Float64Array.from(unordered, (d) => factors.get(d)!),
    values,
  };
}

/** The covariances of observations at some points: noise on the diagonal, and only the lower triangle. */
export function covarianceMatrix(kernel: Kernel, points: readonly Point[]): Matrix {
  const n = points.length;
  const { data } = createMatrix(n, n);
  for (let t = 0; t < kernel.variances.length; t++) {
    const { members, ordered, coordinates, unordered, penalties, values } = rowsOf(kernel, t, points);
    const variance = kernel.variances[t]!;
    const [wide, many] = [ordered.length, unordered.length];
    for (let a = 1; a < members.length; a++) {
      const row = members[a]! * n;
      for (let b = 0; b < a; b++) {
        let squared = 0;
        for (let k = 0; k < wide; k++) {
          const difference = coordinates[a * wide + k]! - coordinates[b * wide + k]!;
          squared += difference * difference;
        }
        for (let k = 0; k < many; k++) if (values[a * many + k] !== values[b * many + k]) squared += penalties[k]!;
        data[row + members[b]!]! += variance * matern(squared);
      }
    }
  }
  for (let i = 0; i < n; i++) data[i * n + i] = priorVariance(kernel, points[i]!) + kernel.noise;
  return { rows: n, columns: n, data };
}

/** The covariances of one point at a time and each of some others. */
export interface Covariances {
  /** At a point, into `into`, which has an entry for each of the others. */
  at(x: Point, into: Float64Array): void;
  /**
   * At the point that `at` was asked for last: the derivatives, with respect to its coordinates, of the sums of its covariances
   * weighted by `a` and by `b`, which are added to `ofA` and `ofB`. Of values without an order they are 0.
   */
  slopes(a: Float64Array, b: Float64Array, ofA: Float64Array, ofB: Float64Array): void;
}

/** Lays some points out, so that what is computed for each of thousands of others is little. */
export function covariancesOf(kernel: Kernel, points: readonly Point[]): Covariances {
  const { layout, variances } = kernel;
  const terms = layout.terms.map((term, t) => {
    const rows = rowsOf(kernel, t, points);
    const { members, ordered, unordered } = rows;
    return {
      term,
      rows,
      variance: variances[t]!,
      // Of the point that was asked for last.
      isActive: false,
      own: new Float64Array(ordered.length),
      ownValues: new Float64Array(unordered.length),
      steepness: new Float64Array(members.length),
    };
  });
  return {
    at: (x, into) => {
      into.fill(0);
      for (const of of terms) {
        of.isActive = isTermActive(of.term, x);
        if (!of.isActive) continue;
        const { variance, own, ownValues, steepness } = of;
        const { members, ordered, scales, coordinates, unordered, penalties, values } = of.rows;
        const [wide, many] = [ordered.length, unordered.length];
        for (let k = 0; k < wide; k++) own[k] = x[ordered[k]!]! * scales[k]!;
        for (let k = 0; k < many; k++) ownValues[k] = x[unordered[k]!]!;
        for (let m = 0; m < members.length; m++) {
          let squared = 0;
          for (let k = 0, at = m * wide; k < wide; k++, at++) {
            const difference = own[k]! - coordinates[at]!;
            squared += difference * difference;
          }
          for (let k = 0, at = m * many; k < many; k++, at++) if (ownValues[k] !== values[at]) squared += penalties[k]!;
          const a = root5 * Math.sqrt(squared);
          const factor = variance * Math.exp(-a);
          into[members[m]!]! += factor * (1 + a + (5 / 3) * squared);
          steepness[m] = (-5 / 3) * factor * (1 + a);
        }
      }
    },
    slopes: (a, b, ofA, ofB) => {
      for (const { isActive, rows, own, steepness } of terms) {
        if (!isActive) continue;
        const { members, ordered, scales, coordinates } = rows;
        const wide = ordered.length;
        const sums = new Float64Array(2 * wide);
        for (let m = 0; m < members.length; m++) {
          const [byA, byB] = [steepness[m]! * a[members[m]!]!, steepness[m]! * b[members[m]!]!];
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
