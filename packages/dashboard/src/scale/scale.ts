import { durationTicks, linearTicks, logTicks } from "./ticks.ts";
import { durationWords, numberWords, powerText } from "./words.ts";

/** A mark on an axis: where, as a share of its length, and what is written there. */
export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Where values lie along an axis, and what is written there. */
export interface Scale {
  /** "options": each tick stands for one of several things, each with a share of the axis of its own. */
  readonly kind: "numbers" | "options";
  /** The share of the axis's length at which a value lies, 0 to 1; NaN of a value that has no place. Values beyond the ends lie at them. */
  readonly place: (value: number) => number;
  /** Some of the ticks there could be, at most so many; all of them on a scale of options. */
  readonly ticks: (most: number) => readonly Tick[];
}

export interface NumberScaleOptions {
  /** Whole numbers are marked only. */
  readonly isWhole?: boolean;
  /** Free room at both ends, as a share of the length between the two bounds. */
  readonly margin?: number;
}

/** Even steps from one number to another; if they are equal, to a little on both sides of it. */
export function linearScale(low: number, high: number, { isWhole = false, margin = 0 }: NumberScaleOptions = {}): Scale {
  const [from, to] = widened(low, high, margin);
  const place = shareBetween(from, to);
  return {
    kind: "numbers",
    place,
    ticks: (most) => ticksOf(linearTicks(from, to, most, { isWhole }), place, numberTexts),
  };
}

/** Even steps for equal factors. Both ends must be above 0; of values that are not nothing is shown. */
export function logScale(low: number, high: number, { margin = 0 }: NumberScaleOptions = {}): Scale {
  const [from, to] = widened(Math.log(low), Math.log(high), margin);
  const share = shareBetween(from, to);
  // With its margin a scale may end where there are no numbers any more.
  const ends = [Math.max(Number.MIN_VALUE, Math.exp(from)), Math.min(Number.MAX_VALUE, Math.exp(to))] as const;
  const place = (value: number): number => (value > 0 ? share(Math.log(value)) : Number.NaN);
  return {
    kind: "numbers",
    place,
    ticks: (most) => ticksOf(logTicks(...ends, most), place, numberTexts),
  };
}

/** Time spans in milliseconds. */
export function durationScale(low: number, high: number): Scale {
  const [from, to] = widened(low, high, 0);
  const place = shareBetween(from, to);
  return {
    kind: "numbers",
    place,
    ticks: (most) =>
      ticksOf(durationTicks(from, to, most), place, (values) =>
        values.map((value) => (value === 0 ? "0" : durationWords(value))),
      ),
  };
}

/** Time spans in milliseconds, above 0, of very different lengths: even steps for equal factors. */
export function logDurationScale(low: number, high: number): Scale {
  const { place } = logScale(low, high, { margin: 0.05 });
  const ticks = longSpans
    .filter((span) => span >= low / 1.5 && span <= high * 1.5)
    .map((span) => ({ at: place(span), text: durationWords(span) }));
  return {
    kind: "numbers",
    place,
    ticks: (most) => ticks.filter((_, i) => i % Math.max(1, Math.ceil(ticks.length / most)) === 0),
  };
}

/** From a millisecond to ten days. */
const longSpans = [1, 10, 100, 1000, 10_000, 60_000, 600_000, 3_600_000, 36_000_000, 86_400_000, 864_000_000];

/** One place for each of several things, which are numbered from 0. */
export function optionScale(texts: readonly string[]): Scale {
  const count = Math.max(1, texts.length);
  const place = (index: number): number => (index >= 0 && index < count ? (index + 0.5) / count : Number.NaN);
  const ticks = texts.map((text, i) => ({ at: place(i), text }));
  return { kind: "options", place, ticks: () => ticks };
}

/** Numbers as text with as many decimals as it takes to tell them apart, the same for all of them where that is short. */
function numberTexts(values: readonly number[]): readonly string[] {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest >= 1e6 || (largest > 0 && largest < 1e-3)) return values.map((value) => numberWords(value));
  const decimals = Math.max(0, ...values.map((value) => decimalsOf(value)));
  if (decimals > 5 || isWide(values)) return values.map(needsPowers(values) ? powerWords : (value) => numberWords(value));
  return values.map((value) => {
    const [whole = "", fraction] = Math.abs(value).toFixed(decimals).split(".");
    const sign = value < 0 && Number(value.toFixed(decimals)) !== 0 ? "−" : "";
    return sign + [numberWords(Number(whole)), ...(fraction === undefined ? [] : [fraction])].join(".");
  });
}

/** Whether some are so small that they are written as powers of ten: then all below 1 are, so that their distances are seen. */
function needsPowers(values: readonly number[]): boolean {
  return values.some((value) => value > 0 && value < 1e-4);
}

function powerWords(value: number): string {
  return value > 0 && value < 1 ? powerText(value, 3) : numberWords(value);
}

/** Whether the values are of different orders of magnitude, so that equal decimals would look silly: 0.001, 100.000. */
function isWide(values: readonly number[]): boolean {
  const sizes = values.map(Math.abs).filter((size) => size > 0);
  return Math.min(...sizes) > 0 && values.length === sizes.length && Math.max(...sizes) / Math.min(...sizes) >= 50;
}

function decimalsOf(value: number): number {
  const [mantissa = "", exponent = "0"] = String(Number(value.toPrecision(10))).split("e");
  return Math.max(0, (mantissa.split(".")[1] ?? "").length - Number(exponent));
}

function shareBetween(from: number, to: number): (value: number) => number {
  // Halves, so that the distance of the two largest numbers is one.
  const span = to / 2 - from / 2;
  return (value) => (Number.isNaN(value) ? Number.NaN : Math.min(1, Math.max(0, (value / 2 - from / 2) / span)));
}

function widened(low: number, high: number, margin: number): readonly [number, number] {
  const largest = Number.MAX_VALUE / 4;
  const [from, to] = [Math.max(-largest, Math.min(low, high)), Math.min(largest, Math.max(low, high))];
  // Numbers so near to each other that rounding swallows the steps between them count as one.
  const least = Math.max(1e-290, 1e-9 * Math.max(Math.abs(from), Math.abs(to)));
  const isOne = !(to - from > least);
  const room = isOne ? Math.max(Math.abs(from) / 10, Math.abs(from) < 1e-280 ? 0.5 : 0) : (to - from) * margin;
  return [from - room, to + room];
}

function ticksOf(
  values: readonly number[],
  place: (value: number) => number,
  texts: (values: readonly number[]) => readonly string[],
): readonly Tick[] {
  const words = texts(values);
  return values.map((value, i) => ({ at: place(value), text: words[i]! }));
}
