import { logGamma } from "./special.ts";

/**
 * The distribution function of the beta distribution at `x`: the regularized incomplete beta function I_x(a, b), for a and b above 0.
 *
 * @see Press et al., "Numerical Recipes", section 6.4: the continued fraction (NIST DLMF 8.17.22), by Lentz's method.
 */
export function betaCdf(x: number, a: number, b: number): number {
  if (Number.isNaN(x)) return x;
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // On the other side of the mean the fraction converges slowly; the mirrored one is fast there.
  const isBelow = x <= (a + 1) / (a + b + 2);
  const logFactor = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  const factor = Math.exp(logFactor);
  return isBelow ? (factor * fraction(x, a, b)) / a : 1 - (factor * fraction(1 - x, b, a)) / b;
}

/** The value below which a beta distribution has the probability `p`, from 0 to 1. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (!(p > 0)) return p === 0 ? 0 : Number.NaN;
  if (p >= 1) return p === 1 ? 1 : Number.NaN;
  if (a === 1 && b === 1) return p;
  // Positive doubles are in the order of their bits: halving there takes as many steps for 1e-300 as for 0.5, 62 at most.
  let low = 0n;
  let high = oneBits;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (betaCdf(fromBits(middle), a, b) < p) low = middle;
    else high = middle;
  }
  const [under, over] = [fromBits(low), fromBits(high)];
  return p - betaCdf(under, a, b) < betaCdf(over, a, b) - p ? under : over;
}

const bits = new DataView(new ArrayBuffer(8));

function fromBits(value: bigint): number {
  bits.setBigInt64(0, value);
  return bits.getFloat64(0);
}

bits.setFloat64(0, 1);
const oneBits = bits.getBigInt64(0);

const mostTerms = 100_000;
const tiny = 1e-300;

function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < mostTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    const change = d * c;
    value *= change;
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return value;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
