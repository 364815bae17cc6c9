/**
 * A function to be made small: its value at `x`, and its gradient there into `gradient`. What is not finite counts as worse than
 * any number.
 */
export type Differentiable = (x: Float64Array, gradient: Float64Array) => number;

export type MinimizeOptions = {
  readonly lower: ArrayLike<number>;
  readonly upper: ArrayLike<number>;
  /** Steps at most. */
  readonly iterations?: number;
  /** Evaluations at most. */
  readonly evaluations?: number;
  /** It ends where no component of the gradient that a bound leaves free is larger. */
  readonly gradientTolerance?: number;
  /** It ends when a step improves the value by less than this, relative to the value or to 1, whichever is larger. */
  readonly valueTolerance?: number;
};

export type Minimum = {
  readonly x: Float64Array;
  readonly value: number;
  readonly evaluations: number;
};

/** How many steps the approximation of the curvature remembers. */
const memory = 8;
/** A step must bring at least this part of what the slope promises (Armijo's rule). */
const sufficient = 1e-4;

/**
 * A local minimum of a differentiable function in a box, from `start` on: limited-memory BFGS on the variables that no bound
 * holds (D. C. Liu and J. Nocedal 1989), with steps bent back into the box (D. P. Bertsekas, "Projected Newton methods for
 * optimization problems with simple constraints", 1982).
 *
 * @returns The best point seen: `start`, moved into the box, if there is no better one.
 */
export function minimizeInBox(f: Differentiable, start: ArrayLike<number>, options: MinimizeOptions): Minimum {
  const { lower, upper, iterations = 100, evaluations: limit = 2 * iterations } = options;
  const { gradientTolerance = 1e-6, valueTolerance = 1e-10 } = options;
  const n = start.length;
  let x = Float64Array.from({ length: n }, (_, i) => clamp(start[i]!, lower[i]!, upper[i]!));
  let gradient = new Float64Array(n);
  let value = finite(f(x, gradient));
  let evaluations = 1;
  let [trial, trialGradient] = [new Float64Array(n), new Float64Array(n)];
  const isHeld = new Uint8Array(n);
  const direction = new Float64Array(n);
  const pairs: Pair[] = [];

  for (let iteration = 0; iteration < iterations && value < Infinity; iteration++) {
    let steepest = 0;
    for (let i = 0; i < n; i++) {
      const slope = gradient[i]!;
      isHeld[i] = (x[i]! <= lower[i]! && slope >= 0) || (x[i]! >= upper[i]! && slope <= 0) ? 1 : 0;
      if (isHeld[i] === 0) steepest = Math.max(steepest, Math.abs(slope));
    }
    if (!(steepest > gradientTolerance)) break;
    bend(pairs, gradient, isHeld, direction);
    if (!(dot(direction, gradient) < 0)) {
      pairs.length = 0;
      bend(pairs, gradient, isHeld, direction);
    }
    const slope = dot(direction, gradient);
    // Without knowledge of the curvature the first step is of length 1 at most.
    let length = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    let trialValue = Infinity;
    let isBetter = false;
    while (evaluations < limit && length > 1e-12) {
      let promised = 0;
      for (let i = 0; i < n; i++) {
        trial[i] = clamp(x[i]! + length * direction[i]!, lower[i]!, upper[i]!);
        promised += gradient[i]! * (trial[i]! - x[i]!);
      }
      trialValue = finite(f(trial, trialGradient));
      evaluations += 1;
      isBetter = promised < 0 && trialValue <= value + sufficient * promised;
      if (isBetter) break;
      // The least of the parabola through what is known of the line, kept from being too timid or too bold.
      const bowed = (-promised * length) / (2 * (trialValue - value - promised));
      length = trialValue < Infinity && promised < 0 ? clamp(bowed, 0.1 * length, 0.5 * length) : 0.1 * length;
    }
    if (!isBetter) {
      if (pairs.length === 0) break;
      pairs.length = 0;
      continue;
    }
    remember(pairs, x, trial, gradient, trialGradient);
    const gain = value - trialValue;
    [x, trial] = [trial, x];
    [gradient, trialGradient] = [trialGradient, gradient];
    value = trialValue;
    if (gain <= valueTolerance * Math.max(1, Math.abs(value))) break;
  }
  return { x, value, evaluations };
}

/** A step and what it changed of the gradient. */
type Pair = { readonly step: Float64Array; readonly change: Float64Array; readonly curvature: number };

function remember(
  pairs: Pair[],
  from: Float64Array,
  to: Float64Array,
  gradientFrom: Float64Array,
  gradientTo: Float64Array,
): void {
  const step = to.map((value, i) => value - from[i]!);
  const change = gradientTo.map((value, i) => value - gradientFrom[i]!);
  const curvature = dot(step, change);
  if (!(curvature > 1e-12 * dot(change, change))) return;
  if (pairs.length === memory) pairs.shift();
  pairs.push({ step, change, curvature });
}

/** Minus the gradient of the variables that are not held, times the inverse of the curvature that the pairs know of. */
function bend(pairs: readonly Pair[], gradient: Float64Array, isHeld: Uint8Array, direction: Float64Array): void {
  for (let i = 0; i < gradient.length; i++) direction[i] = isHeld[i] === 1 ? 0 : -gradient[i]!;
  const shares = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    const { step, change, curvature } = pairs[k]!;
    shares[k] = dot(step, direction) / curvature;
    add(direction, change, -shares[k]!);
  }
  const newest = pairs.at(-1);
  if (newest !== undefined) {
    const scale = newest.curvature / dot(newest.change, newest.change);
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  }
  for (const [k, { step, change, curvature }] of pairs.entries())
    add(direction, step, shares[k]! - dot(change, direction) / curvature);
  for (let i = 0; i < direction.length; i++) if (isHeld[i] === 1) direction[i] = 0;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function add(to: Float64Array, what: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * what[i]!;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : Infinity;
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
