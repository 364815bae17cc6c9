import { counted, grouped } from "@argmin/base";
import type { DrawnShape } from "./network-graph.ts";

/** A large number in words, to three digits: "1.24 billion". */
export function inWords(value: number): string {
  const scale = scales.find(([size]) => value >= size);
  if (scale === undefined) return grouped(Math.round(value));
  return `${Number((value / scale[0]).toPrecision(3))} ${scale[1]}`;
}

const scales = [
  [1e12, "trillion"],
  [1e9, "billion"],
  [1e6, "million"],
] as const;

/** "40 × 32 × 32". */
export function shapeText(shape: DrawnShape): string {
  return shape.length === 0 ? "one number" : shape.map((size) => (typeof size === "number" ? grouped(size) : size)).join(" × ");
}

/** A window that slides over images, and how far it moves at a time unless that is usual: "3 × 3", "3 × 3, stride 2". */
export function windowText(size: readonly number[], strides: readonly number[], usual: readonly number[]): string {
  const stride = strides.every((side) => side === strides[0]) ? String(strides[0]) : strides.join(" × ");
  return `${size.join(" × ")}${strides.join() === usual.join() ? "" : `, stride ${stride}`}`;
}

/** "1 parameter", "1,200 parameters". */
export function parametersText(count: number): string {
  return counted(count, "parameter");
}

/** A share between 0 and 1 with a decimal: "12.3 %". */
export function decimalPercent(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return "< 0.1 %";
  return `${percent >= 99.95 ? "100" : percent.toFixed(1)} %`;
}

/** A share between 0 and 1 without decimals: "12 %"; only nothing is 0 %, and only all of it 100 %. */
export function roundPercent(share: number): string {
  if (share > 0 && share < 0.005) return "< 1 %";
  return share < 1 && share >= 0.995 ? "> 99 %" : `${Math.round(100 * share)} %`;
}
