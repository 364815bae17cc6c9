/** A polynomial's value by Horner's rule; the coefficient of the highest power comes first. */
export function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < coefficients.length; i++) sum = sum * x + coefficients[i]!;
  return sum;
}

// Rational approximations of W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of
// Computation 23 (1969): erf on [0, 0.46875], exp(x^2) erfc(x) on [0.46875, 4] and above 4.
const smallErf = {
  over: [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694],
  under: [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171],
};
const middleErfc = {
  over: [
    2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
    1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
  ],
  under: [
    1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597, 4362.619090143247,
    3439.3676741437216, 1230.3393548037495,
  ],
};
const largeErfc = {
  over: [
    0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
    0.0006587491615298378,
  ],
  under: [1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918],
};
const smallLimit = 0.46875;
const inverseRootPi = 0.5641895835477563;

function erfNearZero(x: number): number {
  const square = x * x;
  return (x * polynomial(square, smallErf.over)) / polynomial(square, smallErf.under);
}

/** exp(x^2) erfc(x) for x of at least `smallLimit`. */
function erfcxRight(x: number): number {
  if (x <= 4) return polynomial(x, middleErfc.over) / polynomial(x, middleErfc.under);
  const inverseSquare = 1 / (x * x);
  const correction = (inverseSquare * polynomial(inverseSquare, largeErfc.over)) / polynomial(inverseSquare, largeErfc.under);
  return (inverseRootPi - correction) / x;
}

/** exp(scale x^2) to full accuracy: the high bits of x are squared apart, so that the square's rounding is not magnified. */
export function expOfSquare(x: number, scale: number): number {
  // From 2^20 on the result is 0 or infinite whatever the rounding, and the split would lose its meaning.
  if (Math.abs(x) >= 0x100000) return Math.exp(scale * x * x);
  const high = Math.trunc(x * 16) / 16;
  return Math.exp(scale * high * high) * Math.exp(scale * (x - high) * (x + high));
}

/** The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size <= smallLimit) return erfNearZero(x);
  // From 6 on the complement is below half a unit in the last place of 1.
  const value = size < 6 ? 1 - expOfSquare(size, -1) * erfcxRight(size) : 1;
  return Number.isNaN(x) ? x : Math.sign(x) * value;
}

/** The complement 1 - erf(x), accurate for large x where erf(x) is 1. */
export function erfc(x: number): number {
  if (Math.abs(x) <= smallLimit) return 1 - erfNearZero(x);
  if (x < 0) return 1 + erf(-x);
  return x > 27 ? 0 : expOfSquare(x, -1) * erfcxRight(x);
}

/** The scaled complement exp(x^2) erfc(x), which neither underflows for large x nor loses digits there. */
export function erfcx(x: number): number {
  if (x >= smallLimit) return erfcxRight(x);
  if (x > -smallLimit) return expOfSquare(x, 1) * (1 - erfNearZero(x));
  return expOfSquare(x, 1) * (1 + erf(-x));
}

/** (-1)^n (zeta(n) - 1) / n for n from 29 down to 2. */
const zetaTerms = [
  -6.4229645638381e-11, 1.330476437424449e-10, -2.7595228851242334e-10, 5.731367241678862e-10, -1.1921401405860912e-9,
  2.4836745438024785e-9, -5.183475041970047e-9, 1.0838659214896955e-8, -2.2711094608943164e-8, 4.7698101693639804e-8,
  -1.0043224823968099e-7, 2.1207184805554665e-7, -4.492469198764566e-7, 9.55141213040742e-7, -2.039215753801366e-6,
  4.374866789907488e-6, -9.439488275268397e-6, 2.050721277567069e-5, -4.492623673813314e-5, 9.945751278180853e-5,
  -0.00022315475845357939, 0.0005096695247430425, -0.001192753911703261, 0.0028905103307415234, -0.007385551028673986,
  0.020580808427784546, -0.0673523010531981, 0.3224670334241132,
];
const oneMinusEuler = 0.42278433509846713;
/** Stirling's series B(2k) / (2k (2k - 1)) for k from 8 down to 1. */
const stirlingTerms = [
  -0.029550653594771242, 0.00641025641025641, -0.0019175269175269176, 0.0008417508417508417, -0.0005952380952380953,
  0.0007936507936507937, -0.002777777777777778, 0.08333333333333333,
];
const halfLogTwoPi = 0.9189385332046728;

/** log Gamma(2 + z) for |z| <= 1/2 (Abramowitz and Stegun, 6.1.33), accurate relative to the zero at z = 0. */
function logGammaNearTwo(z: number): number {
  return z * (oneMinusEuler + z * polynomial(z, zetaTerms));
}

/**
 * The natural logarithm of |Gamma(x)|; +Infinity at 0 and the negative integers.
 *
 * @remarks Relative accuracy holds for positive x, around the zeros at 1 and 2 too; for negative x accuracy is absolute.
 */
export function logGamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x === Infinity || x === -Infinity) return Infinity;
  if (x <= 0) {
    // Reflection, Abramowitz and Stegun 6.1.17; the remainder keeps the sine exact for large |x|.
    return Number.isInteger(x) ? Infinity : Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x % 2)))) - logGamma(1 - x);
  }
  if (x < 0.5) return logGammaNearTwo(x) - Math.log(x) - Math.log1p(x);
  if (x < 1.5) return logGammaNearTwo(x - 1) - Math.log1p(x - 1);
  if (x <= 2.5) return logGammaNearTwo(x - 2);
  let product = 1;
  let shifted = x;
  for (; shifted < 10; shifted++) product *= shifted;
  const series = polynomial(1 / (shifted * shifted), stirlingTerms) / shifted;
  return (shifted - 0.5) * (Math.log(shifted) - 1) - 0.5 + halfLogTwoPi + series - Math.log(product);
}

/** log(sum of exp(values)) without overflow; -Infinity for no values. */
export function logSumExp(values: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) return value;
    if (value > largest) largest = value;
  }
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - largest);
  return largest + Math.log(sum);
}

/** log(exp(a) + exp(b)) without overflow. */
export function logAddExp(a: number, b: number): number {
  const largest = Math.max(a, b);
  return Number.isFinite(largest) ? largest + Math.log1p(Math.exp(Math.min(a, b) - largest)) : largest;
}
