import { choleskyIfAny, dotOfParts, invertLower, type Matrix } from "@argmin/base";
import { covarianceMatrix, covariancesOf } from "./covariances.ts";
import { priorVariance, type Kernel } from "./kernel.ts";
import type { Point } from "./layout.ts";
import { solutionOf } from "./likelihood.ts";

/** What a Gaussian process says of the objective, without noise, at points that nobody has tried. */
export interface Posterior {
  readonly kernel: Kernel;
  readonly points: readonly Point[];
  readonly targets: Float64Array;
  /** The mean at each of the points. */
  readonly means: Float64Array;
  mean(x: Point): number;
  /** Mean and variance. */
  predict(x: Point): Prediction;
  /** The same at many points, in less time. */
  predictAll(xs: readonly Point[]): readonly Prediction[];
  /** The same, and their derivatives with respect to the coordinates; 0 for those of values without an order. */
  predictWithSlopes(x: Point, slopes: { readonly mean: Float64Array; readonly variance: Float64Array }): Prediction;
}

export type Prediction = { readonly mean: number; readonly variance: number };

/** The least variance that is told from none, as a part of the one before anything was known. */
const leastVariance = 1e-12;

/** The posterior given noisy targets at some points (Rasmussen and Williams, 2.25 and 2.26). */
export function posteriorOf(kernel: Kernel, points: readonly Point[], targets: Float64Array): Posterior {
  const n = points.length;
  const inverseFactor = invertLower(robustFactor(covarianceMatrix(kernel, points)));
  const inverse = inverseFactor.data;
  const solution = solutionOf(inverseFactor, targets);
  const others = covariancesOf(kernel, points);
  const covariances = new Float64Array(n);
  const projected = new Float64Array(n);
  const solved = new Float64Array(n);
  const four = [covariances, new Float64Array(n), new Float64Array(n), new Float64Array(n)] as const;

  /** Of the covariances at hand. */
  const prediction = (x: Point): Prediction => {
    const before = priorVariance(kernel, x);
    let explained = 0;
    for (let i = 0; i < n; i++) {
      const sum = dotOfParts(inverse, i * n, covariances, 0, i + 1);
      projected[i] = sum;
      explained += sum * sum;
    }
    const mean = dotOfParts(covariances, 0, solution, 0, n);
    return { mean, variance: Math.max(before - explained, leastVariance * before) };
  };

  return {
    kernel,
    points,
    targets,
    // Since (K + noise) solution = targets.
    means: targets.map((target, i) => target - kernel.noise * solution[i]!),
    mean: (x) => {
      others.at(x, covariances);
      return dotOfParts(covariances, 0, solution, 0, n);
    },
    predict: (x) => {
      others.at(x, covariances);
      return prediction(x);
    },
    predictAll: (xs) => {
      const results: Prediction[] = [];
      for (let first = 0; first < xs.length; first += 4) {
        const some = xs.slice(first, first + 4);
        for (const [k, x] of some.entries()) others.at(x, four[k]!);
        const explained = explainedOfFour(inverse, four, n);
        for (const [k, x] of some.entries()) {
          const before = priorVariance(kernel, x);
          const mean = dotOfParts(four[k]!, 0, solution, 0, n);
          results.push({ mean, variance: Math.max(before - explained[k]!, leastVariance * before) });
        }
      }
      return results;
    },
    predictWithSlopes: (x, slopes) => {
      others.at(x, covariances);
      const result = prediction(x);
      solved.fill(0);
      for (let i = 0; i < n; i++) {
        const share = -2 * projected[i]!;
        for (let j = 0, at = i * n; j <= i; j++, at++) solved[j]! += inverse[at]! * share;
      }
      slopes.mean.fill(0);
      slopes.variance.fill(0);
      others.slopes(solution, solved, slopes.mean, slopes.variance);
      return result;
    },
  };
}

type Four<T> = readonly [T, T, T, T];

/** |L^-1 k|^2 of four vectors k at a time, and two rows of L^-1, so that numbers are read once for all that is made of them. */
function explainedOfFour(inverse: Float64Array, [k0, k1, k2, k3]: Four<Float64Array>, n: number): Four<number> {
  let [e0, e1, e2, e3] = [0, 0, 0, 0];
  const even = n - (n % 2);
  for (let i = 0; i < even; i += 2) {
    let [a0, a1, a2, a3] = [0, 0, 0, 0];
    let [b0, b1, b2, b3] = [0, 0, 0, 0];
    // Up to the diagonal of the second row: beyond its own the first has zeros.
    for (let j = 0, first = i * n, second = first + n; j < i + 2; j++, first++, second++) {
      const a = inverse[first]!;
      const b = inverse[second]!;
      const x0 = k0[j]!;
      const x1 = k1[j]!;
      const x2 = k2[j]!;
      const x3 = k3[j]!;
      a0 += a * x0;
      a1 += a * x1;
      a2 += a * x2;
      a3 += a * x3;
      b0 += b * x0;
      b1 += b * x1;
      b2 += b * x2;
      b3 += b * x3;
    }
    e0 = e0 + a0 * a0 + b0 * b0;
    e1 = e1 + a1 * a1 + b1 * b1;
    e2 = e2 + a2 * a2 + b2 * b2;
    e3 = e3 + a3 * a3 + b3 * b3;
  }
  if (even < n) {
    let [a0, a1, a2, a3] = [0, 0, 0, 0];
    for (let j = 0, at = even * n; j < n; j++, at++) {
      const a = inverse[at]!;
      a0 += a * k0[j]!;
      a1 += a * k1[j]!;
      a2 += a * k2[j]!;
      a3 += a * k3[j]!;
    }
    e0 += a0 * a0;
    e1 += a1 * a1;
    e2 += a2 * a2;
    e3 += a3 * a3;
  }
  return [e0, e1, e2, e3];
}

/** The Cholesky factor, of the matrix with as much added to its diagonal as it takes. */
function robustFactor(covariances: Matrix): Matrix {
  const { rows: n, data } = covariances;
  let scale = 0;
  for (let i = 0; i < n; i++) scale = Math.max(scale, data[i * n + i]!);
  for (let jitter = 1e-10; ; jitter *= 10) {
    const factor = choleskyIfAny(covariances);
    if (factor !== undefined) return factor;
    if (jitter > 1) throw new Error("internal: the covariances are no numbers.");
    for (let i = 0; i < n; i++) data[i * n + i]! += jitter * scale;
  }
}

/**
 * The posterior that also takes points that are being tried as known, with what it expects of them as their outcome: the mean
 * stays as it is, and there is nothing left to be learned there ("kriging believer", D. Ginsbourger, R. Le Riche and
 * L. Carraro 2010).
 */
export function believing(posterior: Posterior, pending: readonly Point[]): Posterior {
  if (pending.length === 0) return posterior;
  const { kernel, points, targets } = posterior;
  const expected = pending.map((point) => posterior.mean(point));
  return posteriorOf(kernel, [...points, ...pending], Float64Array.from([...targets, ...expected]));
}
