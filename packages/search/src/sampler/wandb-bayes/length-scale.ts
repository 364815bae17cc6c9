import { searchLine, type Place } from "./line-search.ts";

/** A function of the length scale's logarithm, and its derivative. */
export type Loss = (logLength: number) => { readonly value: number; readonly slope: number };

/** The logarithms of scikit-learn's bounds for a length scale. */
const lower = Math.log(1e-5);
const upper = Math.log(1e5);

/**
 * Where the search begins: at 1, then twice anew. W&B fixes the seed of the restarts, which NumPy draws from a log-uniform: so they are
 * always these.
 */
const starts: readonly number[] = [
  0,
  ...[0.43599490214200376, 0.025926231827891333].map((unit) => lower + unit * (upper - lower)),
];

/** It ends where the slope within the bounds is no larger, or a step brings less, relative to the value or to 1. */
const slopeTolerance = 1e-5;
const valueTolerance = 2.2e-9;
const stepLimit = 200;

/** As close to a bound as NumPy's `isclose` calls equal. */
const absoluteCloseness = 1e-8;
const relativeCloseness = 1e-5;

/** The best of the places that descents from the starts lead to. */
export function bestLogLength(loss: Loss): number {
  let best = { at: 0, value: Infinity };
  for (const start of starts) {
    const found = descend(loss, start);
    if (found.value < best.value) best = found;
  }
  return best.at;
}

/** Whether a length scale has run into its bounds. */
export function isAtBounds(logLength: number): boolean {
  const closeness = absoluteCloseness + relativeCloseness * Math.abs(logLength);
  return [lower, upper].some((bound) => Math.abs(logLength - bound) <= closeness);
}

/**
 * A local minimum: what L-BFGS-B (R. H. Byrd, P. Lu, J. Nocedal and C. Zhu 1995), which scikit-learn takes, comes down to with one
 * variable. Its first step is as long as the slope, to the bounds if need be: where the likelihood is steep it leaps over narrow minima, and
 * how often W&B's search falls back on chance depends on that.
 */
function descend(loss: Loss, start: number): { readonly at: number; readonly value: number } {
  let at = start;
  let { value, slope } = loss(at);
  let curvature = 1;
  for (let steps = 0; steps < stepLimit && Math.abs(within(at - slope) - at) > slopeTolerance;) {
    const origin = at;
    const direction = within(origin - slope / curvature) - origin;
    const placeAt = (step: number): Place => {
      const { value: there, slope: steepness } = loss(within(origin + step * direction));
      return { step, value: there, slope: steepness * direction };
    };
    const toBound = ((direction > 0 ? upper : lower) - origin) / direction;
    const found = searchLine(placeAt, { step: 0, value, slope: slope * direction }, steps === 0 ? 1 : toBound);
    if (found === undefined || !Number.isFinite(found.value)) {
      if (curvature === 1) break;
      curvature = 1;
      continue;
    }
    steps += 1;
    const gain = value - found.value;
    const slopeBefore = slope;
    at = within(origin + found.step * direction);
    slope = found.slope / direction;
    const size = Math.max(Math.abs(value), Math.abs(found.value), 1);
    value = found.value;
    if (gain <= valueTolerance * size) break;
    const measured = (slope - slopeBefore) / (at - origin);
    if (measured > 0) curvature = measured;
  }
  return { at, value };
}

function within(logLength: number): number {
  return Math.min(Math.max(logLength, lower), upper);
}
