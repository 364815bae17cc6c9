import { erfcx, normalLogPdf } from "@argmin/base";

const rootHalfPi = Math.sqrt(Math.PI / 2);

/** Below this the difference of nearly equal numbers is taken from its asymptotic series. */
const seriesLimit = -25;

/**
 * log(pdf(z) + z cdf(z)) of the standard normal: the logarithm of the expected improvement of one whose mean is z standard
 * deviations below the incumbent, in standard deviations, and its derivative; exact to 12 digits however small it is
 * (S. Ament, S. Daulton, D. Eriksson, M. Balandat and E. Bakshy, "Unexpected improvements to expected improvement", 2023).
 */
export function logImprovement(z: number): { readonly value: number; readonly slope: number } {
  if (z < seriesLimit) {
    // pdf + z cdf = pdf / z^2 (1 - 3 / z^2 + 15 / z^4 - 105 / z^6 + ...), and cdf = pdf / |z| (1 - 1 / z^2 + 3 / z^4 - ...)
    const q = 1 / (z * z);
    const gain = q * (1 - q * (3 - q * (15 - q * (105 - q * (945 - q * 10_395)))));
    const below = -(1 - q * (1 - q * (3 - q * (15 - q * (105 - q * 945))))) / z;
    return { value: normalLogPdf(z) + Math.log(gain), slope: below / gain };
  }
  if (z > 9) return { value: Math.log(z), slope: 1 / z };
  // The ratio of the probability below z to the density there.
  const ratio = z > 0 ? Math.sqrt(2 * Math.PI) * Math.exp(0.5 * z * z) - upperRatio(z) : upperRatio(-z);
  const gain = 1 + z * ratio;
  return { value: normalLogPdf(z) + Math.log(gain), slope: ratio / gain };
}

/** The probability above x over the density there: Mills' ratio, for positive x. */
function upperRatio(x: number): number {
  return rootHalfPi * erfcx(x * Math.SQRT1_2);
}
