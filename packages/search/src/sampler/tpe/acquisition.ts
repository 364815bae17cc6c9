import type { Rng } from "@argmin/base";
import type { Axis } from "./axis.ts";
import type { Mixture } from "./mixture.ts";

export type Search = {
  readonly axes: readonly Axis[];
  readonly good: Mixture;
  readonly bad: Mixture;
  /** What is being tried at present, and how far from it one has to be: the good trials' sigmas. */
  readonly pending: readonly Float64Array[];
  readonly sigmas: Float64Array;
  /** Coordinates that are settled. */
  readonly settled: readonly (number | undefined)[];
  readonly candidates: number;
};

/**
 * Of some draws from the good trials' density the one where it exceeds the bad trials' density most, which is where the
 * expected improvement is greatest (Bergstra et al. 2011, section 4.1). What is close to a pending trial counts less.
 */
export function bestCandidate({ axes, good, bad, pending, sigmas, settled, candidates }: Search, rng: Rng): Float64Array {
  let best = new Float64Array(axes.length);
  let candidate = new Float64Array(axes.length);
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < candidates; i++) {
    good.sample(rng, candidate);
    for (let d = 0; d < settled.length; d++) candidate[d] = settled[d] ?? candidate[d]!;
    let gain = good.logDensity(candidate);
    for (const point of pending) gain += logNovelty(axes, candidate, point, sigmas);
    // Most candidates are out of the running before it is known how dense the bad trials are there.
    if (i > 0 && gain - bad.logDensityOfPrior(candidate) <= bestScore) continue;
    const score = gain - bad.logDensity(candidate);
    if (i > 0 && !(score > bestScore)) continue;
    bestScore = score;
    [best, candidate] = [candidate, best];
  }
  return best;
}

/** Of a point that is tried already, less than anything a density can make good. */
const leastNovelty = 1e-12;

/** The logarithm of how much a pending trial leaves to be learned at a point: nothing in its place, all of it far away. */
function logNovelty(axes: readonly Axis[], point: Float64Array, pending: Float64Array, sigmas: Float64Array): number {
  let distance = 0;
  for (const [d, axis] of axes.entries()) {
    const [a, b] = [point[d]!, pending[d]!];
    if (axis.kind === "numeric") distance += ((a - b) / sigmas[d]!) ** 2;
    else if (axis.edges !== null) distance += ((axis.centres[a]! - axis.centres[b]!) / sigmas[d]!) ** 2;
    else if (a !== b) distance += 1;
  }
  return Math.log(Math.max(leastNovelty, -Math.expm1(-0.5 * distance)));
}
