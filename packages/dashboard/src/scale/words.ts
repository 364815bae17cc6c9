import { grouped, percentText } from "@argmin/base";

/** A name from code as words: "fineAccuracy" and "fine_accuracy" are "fine accuracy". */
export function nameWords(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])(?![A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
    .replaceAll("_", " ")
    .trim();
}

/** A number for people, to `digits` significant ones: "0.676", "12,345", "1.2 million", "3 × 10⁻⁵". Infinite and NaN in words. */
export function numberWords(value: number, digits = 3): string {
  if (Number.isNaN(value)) return "undefined";
  if (!Number.isFinite(value)) return value > 0 ? "infinite" : "minus infinite";
  const size = Math.abs(value);
  if (size === 0) return "0";
  const sign = value < 0 ? "−" : "";
  if (size >= 1e15 || size < 1e-4) return sign + powerText(size, digits);
  const named = scales.find(([one]) => size >= one);
  if (named !== undefined) return `${sign}${trimmed(size / named[0], digits)} ${named[1]}`;
  if (Number.isInteger(size)) return sign + grouped(size);
  const text = trimmed(size, Math.max(digits, Math.floor(Math.log10(size)) + 1));
  const [whole = "", fraction] = text.split(".");
  return sign + [grouped(Number(whole)), ...(fraction === undefined ? [] : [fraction])].join(".");
}

const scales = [
  [1e12, "trillion"],
  [1e9, "billion"],
  [1e6, "million"],
] as const;

function trimmed(size: number, digits: number): string {
  return String(Number(size.toPrecision(digits)));
}

/** A number above 0 by its power of ten, to `digits` significant ones: "3 × 10⁻⁵", "10⁻³". */
export function powerText(size: number, digits: number): string {
  const [mantissa = "1", exponent = "0"] = size.toExponential(digits - 1).split("e");
  const power = `10${superscript(Number(exponent))}`;
  return Number(mantissa) === 1 ? power : `${Number(mantissa)} × ${power}`;
}

function superscript(exponent: number): string {
  return String(exponent).replaceAll(/[-\d]/g, (character) => (character === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(character)]!));
}

/** A share as "41 %" or "0.4 %"; one too small to matter as "< 0.1 %". */
export function shareText(share: number): string {
  return share > 0 && share < 0.001 ? "< 0.1 %" : percentText(Math.max(0, share));
}

/** A time span in its two largest units: "12 s", "3 min 20 s", "2 h 5 min", "4 days 3 h"; below a second in milliseconds. */
export function durationWords(milliseconds: number): string {
  const sign = milliseconds < 0 ? "−" : "";
  const size = Math.abs(milliseconds);
  if (size < 1000) return `${sign}${Math.round(size)} ms`;
  if (size < 10_000) return `${sign}${Number((size / 1000).toFixed(1))} s`;
  const seconds = Math.round(size / 1000);
  const unit = units.findIndex(([length]) => seconds >= length);
  const [length, name] = units[unit]!;
  const smaller = units[unit + 1];
  const rest = smaller === undefined ? 0 : Math.round((seconds % length) / smaller[0]);
  // 59.9 minutes and such round up to the larger unit.
  if (smaller !== undefined && rest * smaller[0] === length) return sign + inUnit(Math.floor(seconds / length) + 1, name);
  const whole = inUnit(Math.floor(seconds / length), name);
  return sign + (smaller === undefined || rest === 0 ? whole : `${whole} ${inUnit(rest, smaller[1])}`);
}

const units = [
  [86_400, "day"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

function inUnit(count: number, name: string): string {
  return `${grouped(count)} ${name}${name === "day" && count !== 1 ? "s" : ""}`;
}
