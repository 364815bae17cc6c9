/**
 * @file Round numbers along an axis. Each function gives at most `most` of them inside `[low, high]`, ascending and evenly spread, and
 * as many as there are round steps for.
 */

/** Multiples of 1, 2 or 5 times a power of ten; whole numbers only if so wanted. */
export function linearTicks(low: number, high: number, most: number, { isWhole = false } = {}): readonly number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return Number.isFinite(low) ? [low] : [];
  const smallest = isWhole ? 0 : -300;
  let exponent = Math.max(smallest, Math.floor(Math.log10(span / Math.max(1, most))) - 1);
  for (;;) {
    for (const digit of [1, 2, 5]) {
      const step = digit * 10 ** exponent;
      const first = Math.ceil(low / step - 1e-9);
      const last = Math.floor(high / step + 1e-9);
      if (last - first + 1 > most) continue;
      return Array.from({ length: last - first + 1 }, (_, i) => timesPower((first + i) * digit, exponent));
    }
    exponent += 1;
  }
}

/** Powers of ten, with 2 and 5 times them or with some left out as there is room; below a decade or so the round numbers that leave no wide gap. */
export function logTicks(low: number, high: number, most: number): readonly number[] {
  if (!(low > 0) || !(high > low)) return low > 0 ? [low] : [];
  const decades = Math.log10(high / low);
  if (decades < 1.2) {
    // Even steps crowd at the upper end and may leave the lower one without any: uneven ones serve better there.
    const uneven = [
      [1, 1.5, 2, 3, 5, 7],
      [1, 2, 5],
      [1, 3],
    ].map((digits) => powersBetween(low, high, digits, 1));
    const gap = (ticks: readonly number[]): number => widestRatio([low, ...ticks, high]);
    return uneven
      .filter(({ length }) => length <= most)
      .reduce((best, ticks) => (gap(ticks) < gap(best) - 1e-9 ? ticks : best), linearTicks(low, high, most));
  }
  for (const digits of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = powersBetween(low, high, digits, 1);
    if (ticks.length <= most) return ticks;
  }
  for (let stride = 2; ; stride++) {
    const ticks = powersBetween(low, high, [1], stride);
    if (ticks.length <= most) return ticks;
  }
}

/** Milliseconds in steps that people count time in. */
export function durationTicks(low: number, high: number, most: number): readonly number[] {
  const step = timeSteps.find((candidate) => Math.floor(high / candidate) - Math.ceil(low / candidate) + 1 <= most);
  if (step === undefined) return linearTicks(low / day, high / day, most).map((days) => days * day);
  if (step < second) return linearTicks(low, high, most);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) => (first + i) * step);
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const timeSteps = [
  100,
  ...[1, 2, 5, 10, 20, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 20, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12].map((count) => count * hour),
  ...[1, 2, 5, 10, 20, 50].map((count) => count * day),
];

/** Multiplied by a power of ten without the last digit's noise: 3 * 10 ** -1 is 0.3. */
function timesPower(whole: number, exponent: number): number {
  return exponent < 0 ? whole / 10 ** -exponent : whole * 10 ** exponent;
}

function widestRatio(values: readonly number[]): number {
  return values.reduce((widest, value, i) => (i === 0 ? widest : Math.max(widest, value / values[i - 1]!)), 1);
}

function powersBetween(low: number, high: number, digits: readonly number[], stride: number): readonly number[] {
  const from = Math.floor(Math.log10(low));
  const to = Math.ceil(Math.log10(high));
  const ticks: number[] = [];
  for (let exponent = Math.ceil(from / stride) * stride; exponent <= to; exponent += stride) {
    for (const digit of digits) {
      const tick = timesPower(digit, exponent);
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick);
    }
  }
  return ticks;
}
