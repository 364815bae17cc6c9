import { ArgminError } from "./errors.ts";
import { erf, erfcx, expOfSquare, logAddExp, polynomial } from "./special.ts";

// All functions here are of the standard normal distribution: shift and scale at the call.

const halfLogTwoPi = 0.9189385332046728;
const inverseRootTwoPi = 0.3989422804014327;
const rootTwoOverPi = 0.7978845608028654;
/** What the double `Math.LN2` lacks of log 2. */
const logTwoRest = 2.3190468138462996e-17;

/** Around 0 the distribution function is taken from erf, beyond it from the tails. */
const centralLimit = 0.66;

/** The density at x. */
export function normalPdf(x: number): number {
  return inverseRootTwoPi * expOfSquare(x, -0.5);
}

/** The logarithm of the density at x. */
export function normalLogPdf(x: number): number {
  return -0.5 * x * x - halfLogTwoPi;
}

/** The probability above x, for x of at least `centralLimit`. */
function upperTail(x: number): number {
  return x > 39 ? 0 : 0.5 * erfcx(x * Math.SQRT1_2) * expOfSquare(x, -0.5);
}

/** The probability below x minus one half, without cancellation around 0. */
function centredCdf(x: number): number {
  return 0.5 * erf(x * Math.SQRT1_2);
}

/** The probability of a value below x, accurate in the left tail down to the smallest double. */
export function normalCdf(x: number): number {
  if (x < -centralLimit) return upperTail(-x);
  if (x > centralLimit) return 1 - upperTail(x);
  return 0.5 + centredCdf(x);
}

/** log(normalCdf(x)), accurate in both tails: it goes on where the probability itself underflows. */
export function normalLogCdf(x: number): number {
  if (x < -centralLimit) return Math.log(0.5 * erfcx(-x * Math.SQRT1_2)) - 0.5 * x * x;
  if (x > centralLimit) return Math.log1p(-upperTail(x));
  return Math.log(0.5 + centredCdf(x));
}

// Rational approximations of M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution",
// Applied Statistics 37 (1988), PPND16: around the median, then by r = sqrt(-log(tail)) up to 5 and above it.
const central = {
  over: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
    133.14166789178438, 3.3871328727963665,
  ],
  under: [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1,
  ],
};
const near = {
  over: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045, 5.769497221460691,
    4.630337846156546, 1.4234371107496835,
  ],
  under: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851, 1.6763848301838038,
    2.053191626637759, 1,
  ],
};
const far = {
  over: [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
    1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  under: [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
    0.1369298809227358, 0.599832206555888, 1,
  ],
};
const centralReach = 0.425;

/** The quantile of probability 1/2 + offset, for |offset| <= `centralReach`. */
function quantileNearMedian(offset: number): number {
  const r = 0.180625 - offset * offset;
  return (offset * polynomial(r, central.over)) / polynomial(r, central.under);
}

/** The positive x whose upper tail has the probability exp(-r^2), for r up to 27. */
function quantileOfTail(r: number): number {
  const shape = r <= 5 ? near : far;
  const t = r <= 5 ? r - 1.6 : r - 5;
  return polynomial(t, shape.over) / polynomial(t, shape.under);
}

/** The x with normalCdf(x) = probability; NaN outside [0, 1]. */
export function normalQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) return NaN;
  const offset = probability - 0.5;
  if (Math.abs(offset) <= centralReach) return quantileNearMedian(offset);
  const tail = offset < 0 ? probability : 1 - probability;
  if (tail === 0) return offset < 0 ? -Infinity : Infinity;
  const size = quantileOfTail(Math.sqrt(-Math.log(tail)));
  return offset < 0 ? -size : size;
}

/** The x with normalLogCdf(x) = logProbability, for probabilities far below the smallest double too; NaN above 0. */
export function normalLogQuantile(logProbability: number): number {
  if (!(logProbability <= 0)) return NaN;
  if (logProbability === -Infinity) return -Infinity;
  const offset = 0.5 * Math.expm1(logProbability + Math.LN2 + logTwoRest);
  if (Math.abs(offset) <= centralReach) return quantileNearMedian(offset);
  if (offset > 0) return -normalQuantile(-Math.expm1(logProbability));
  if (logProbability > -729) return -quantileOfTail(Math.sqrt(-logProbability));
  return quantileFarLeft(logProbability);
}

/** Newton's method on the logarithm of the tail, from its leading asymptotic terms (Abramowitz and Stegun, 26.2.12). */
function quantileFarLeft(logProbability: number): number {
  const size = -logProbability;
  let x = -Math.SQRT2 * Math.sqrt(size - 0.5 * (Math.log(4 * Math.PI) + Math.log(size)));
  // The start is right to four digits and each step doubles them.
  for (let step = 0; step < 3; step++) {
    const hazard = rootTwoOverPi / erfcx(-x * Math.SQRT1_2);
    x -= (normalLogCdf(x) - logProbability) / hazard;
  }
  return x;
}

// Gauss and Legendre's rule with 8 points on [-1, 1]; it is symmetric, so half of it is enough.
const nodes = [0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363];
const weights = [0.362683783378362, 0.31370664587788727, 0.22238103445337448, 0.10122853629037626];

/** log of the mass of a narrow interval, where a difference of probabilities would cancel: |middle| width is at most 2, width 1. */
function logMassNarrow(middle: number, width: number): number {
  const half = 0.5 * width;
  let mean = 0;
  for (let i = 0; i < nodes.length; i++) {
    const t = half * nodes[i]!;
    mean += weights[i]! * Math.exp(-0.5 * t * t) * Math.cosh(middle * t);
  }
  return normalLogPdf(middle) + Math.log(width) + Math.log(mean);
}

/**
 * The logarithm of the probability of a value between a and b, accurate for narrow intervals and far in the tails.
 *
 * @throws ArgminError `value/invalid` if a is above b.
 */
export function logMassBetween(a: number, b: number): number {
  if (a > b) throw new ArgminError("value/invalid", `An interval runs from its lower to its upper end, not from ${a} to ${b}.`);
  if (Number.isNaN(a) || Number.isNaN(b)) return NaN;
  if (a === b) return -Infinity;
  if (a > 0) return logMassBetween(-b, -a);
  const middle = 0.5 * (a + b);
  const width = b - a;
  if (Math.abs(middle) * width <= 2 && width <= 1) return logMassNarrow(middle, width);
  if (b > 0) {
    const outside = normalCdf(a) + normalCdf(-b);
    return outside < 0.5 ? Math.log1p(-outside) : Math.log(centredCdf(b) - centredCdf(a));
  }
  const upper = normalLogCdf(b);
  if (upper === -Infinity) return upper;
  return upper + Math.log1p(-Math.exp(normalLogCdf(a) - upper));
}

/**
 * The q-th quantile of the standard normal distribution cut to [a, b]: always inside, accurate far in the tails.
 *
 * @remarks Relative accuracy 1e-13, around 0 absolute accuracy 1e-16.
 * @returns NaN for q outside [0, 1].
 * @throws ArgminError `value/invalid` if a is above b.
 */
export function truncatedNormalQuantile(q: number, a: number, b: number): number {
  if (a > b) throw new ArgminError("value/invalid", `An interval runs from its lower to its upper end, not from ${a} to ${b}.`);
  if (!(q >= 0 && q <= 1) || Number.isNaN(a) || Number.isNaN(b)) return NaN;
  if (q === 0 || a === b) return a;
  if (q === 1) return b;
  // Every sum below has terms of one sign, or stands where the median is near and absolute accuracy is enough.
  const offset = (1 - q) * centredCdf(a) + q * centredCdf(b);
  const logAbove = Math.log1p(-q);
  const logBelow = Math.log(q);
  let x: number;
  if (Math.abs(offset) <= centralReach) x = quantileNearMedian(offset);
  else if (offset < 0) x = normalLogQuantile(logAddExp(logAbove + normalLogCdf(a), logBelow + normalLogCdf(b)));
  else x = -normalLogQuantile(logAddExp(logAbove + normalLogCdf(-a), logBelow + normalLogCdf(-b)));
  return Math.min(b, Math.max(a, x));
}
