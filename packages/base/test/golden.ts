import { readFileSync } from "node:fs";
import { expect } from "vitest";

/** A number, or the text JSON has instead of it: "NaN", "Infinity", "-Infinity", "-0". */
type Word = number | string;
export type Tree = Word | readonly Tree[];

/** Reads one group of cases of a golden file; each case is a list of numbers or nested lists of them. */
export function goldenCases(file: string, group: string): readonly (readonly Tree[])[] {
  const text = readFileSync(new URL(`golden/${file}`, import.meta.url), "utf8");
  const parsed: { readonly cases: Readonly<Record<string, readonly (readonly Tree[])[]>> } = JSON.parse(text);
  const cases = parsed.cases[group];
  if (cases === undefined || cases.length === 0) throw new Error(`${file} has no group ${group}`);
  return cases;
}

/** The number a tree's leaf stands for. */
export function numberOf(tree: Tree | undefined): number {
  if (tree === undefined || typeof tree === "object") throw new Error("expected a number");
  return Number(tree);
}

/** The numbers of a flat list. */
export function numbersOf(tree: Tree | undefined): number[] {
  if (typeof tree !== "object") throw new Error("expected a list");
  return tree.map(numberOf);
}

/** Each case as plain numbers. */
export function goldenNumbers(file: string, group: string): readonly number[][] {
  return goldenCases(file, group).map(numbersOf);
}

/** Asserts a relative error of at most `tolerance`; exceptional values must be met exactly. */
export function expectClose(actual: number, wanted: number, tolerance: number, what: string, absolute = Number.MIN_VALUE): void {
  if (!Number.isFinite(wanted) || !Number.isFinite(actual)) {
    expect(actual, what).toBe(wanted);
    return;
  }
  const allowed = tolerance * Math.abs(wanted) + absolute;
  if (!(Math.abs(actual - wanted) <= allowed)) expect.fail(`${what}: ${actual} is not within ${tolerance} of ${wanted}`);
}
