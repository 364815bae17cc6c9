import { readFileSync } from "node:fs";
import type { Settings } from "../../../src/experiments/vooban-cifar100/space.ts";
import type { HeadActivation } from "../../../src/experiments/vooban-cifar100/network.ts";

/** What `bench/peers/vooban_twin.py` wrote. */
interface Twin {
  /** Of the trainers' random numbers. */
  readonly seed: number;
  readonly cases: readonly TwinCase[];
}

/** A candidate, and what PyTorch says about it. */
export interface TwinCase {
  readonly name: string;
  readonly settings: Settings;
  readonly heads: HeadActivation;
  /** Images of the one batch that all steps take. */
  readonly batch: number;
  /** Of the first weights. */
  readonly salt: number;
  /** Layers by the setting that says how much they drop. */
  readonly dropouts: Readonly<Record<"conv_dropout_drop_proba" | "fc_dropout_drop_proba", readonly string[]>>;
  /** What the first images are taken for before any step. */
  readonly outputs: Readonly<Record<"fine" | "coarse", readonly number[]>>;
  /** In all, of the fine and of the coarse head, before each step. */
  readonly losses: Readonly<Record<Settings["optimizer"], readonly (readonly number[])[]>>;
  readonly weights: Readonly<Record<string, TwinWeight>>;
}

/** How far three steps of each optimizer move a weight, and its gradient at the first if it is learned. */
export type TwinWeight = Readonly<Record<Settings["optimizer"], Summary>> & { readonly gradient?: Summary };

/**
 * Of a tensor: its root mean square, and in shares of that its projections on vectors of signs and some of its elements. The size
 * alone where rounding decides on the rest, and 0 where there is nothing but rounding.
 */
export type Summary = readonly [rootMeanSquare: number, ...shares: number[]];

export function readTwin(): Twin {
  const twin: Twin = JSON.parse(readFileSync(new URL("../../fixtures/vooban-twin.json", import.meta.url), "utf8"));
  return twin;
}

/** A tensor in the form of what is known of it: shares of the known root mean square, whose own share comes first. */
export function summarize(values: Float32Array, [unit, ...known]: Summary, projections: number): readonly number[] {
  const size = rootMeanSquare(values) / unit;
  if (known.length === 0) return [size];
  const sums = Array.from({ length: projections }, () => 0);
  const signs = hashOf("signs");
  for (let i = 0; i < values.length; i++) {
    const bits = signs(i);
    for (let bit = 0; bit < projections; bit++) sums[bit]! += (bits >>> bit) & 1 ? values[i]! : -values[i]!;
  }
  const positions = hashOf("elements");
  const elements = Array.from(
    { length: known.length - projections },
    (_, i) => values[Math.floor((positions(i) / 2 ** 32) * values.length)]!,
  );
  return [size, ...sums.map((sum) => sum / Math.sqrt(values.length) / unit), ...elements.map((value) => value / unit)];
}

export function rootMeanSquare(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

/** First values of a weight: kernels by their inputs, scales and variances around 1, all else around 0. */
export function firstValues(salt: number, name: string, shape: readonly number[]): Float32Array {
  const words = hashOf(`${salt} ${name}`);
  const [first = 1, ...rest] = shape;
  const inputs = shape.length === 2 ? first : product(rest);
  const bring = name.endsWith(".kernel")
    ? (value: number) => value * Math.sqrt(3 / inputs)
    : /\.(gamma|movingVariance)$/.test(name)
      ? (value: number) => 1 + value / 4
      : (value: number) => value / 10;
  const values = new Float32Array(product(shape));
  for (let i = 0; i < values.length; i++) values[i] = bring(words(i) / 2 ** 31 - 1);
  return values;
}

/** Blocks of eight by eight pixels, and noise on top. */
export function twinImages(count: number): Uint8Array {
  const blocks = hashOf("blocks");
  const noise = hashOf("noise");
  return Uint8Array.from({ length: count * 3 * 1024 }, (_, i) => {
    const block = Math.floor(i / 1024) * 16 + Math.floor((i % 1024) / 256) * 4 + Math.floor((i % 32) / 8);
    return (blocks(block) >>> 25) + (noise(i) >>> 25);
  });
}

export function twinLabels(kind: "fine" | "coarse", count: number, classes: number): Uint8Array {
  const words = hashOf(kind);
  return Uint8Array.from({ length: count }, (_, i) => words(i) % classes);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((area, size) => area * size, 1);
}

/** Words of 32 bits that follow from a text: FNV-1a of it, a golden-ratio step an element, mixed by two multiplications. */
function hashOf(text: string): (index: number) => number {
  let seed = 0x811c9dc5;
  for (const byte of Buffer.from(text)) seed = Math.imul(seed ^ byte, 0x01000193);
  return (index) => {
    let word = (seed + Math.imul(index, 0x9e3779b9)) | 0;
    word = Math.imul(word ^ (word >>> 16), 0x7feb352d);
    word = Math.imul(word ^ (word >>> 15), 0x846ca68b);
    return (word ^ (word >>> 16)) >>> 0;
  };
}
