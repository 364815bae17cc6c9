import { Rng } from "@argmin/base";
import { stratifiedFolds, stratifiedSplit, stratifiedSubset } from "@argmin/vision";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const labelLists = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 200 });
const withFoldCount = labelLists.chain((labels) =>
  fc.tuple(fc.constant(labels), fc.integer({ min: 2, max: Math.min(7, labels.length) })),
);

function countOf(labels: readonly number[], indices: Uint32Array, label: number): number {
  return indices.filter((index) => labels[index] === label).length;
}

function spread(counts: readonly number[]): number {
  return Math.max(...counts) - Math.min(...counts);
}

describe("stratifiedFolds", () => {
  it("puts every index in exactly one validation part and in the training parts of all other folds", () => {
    fc.assert(
      fc.property(withFoldCount, fc.integer(), ([labels, k], seed) => {
        const everyIndex = labels.map((_, index) => index);
        const folds = stratifiedFolds(labels, k, Rng.fromSeed(seed));
        expect(folds).toHaveLength(k);
        expect(folds.flatMap((fold) => [...fold.validation]).toSorted((a, b) => a - b)).toEqual(everyIndex);
        for (const { training, validation } of folds) {
          expect([...training, ...validation].toSorted((a, b) => a - b)).toEqual(everyIndex);
          expect([...training]).toEqual([...training].toSorted((a, b) => a - b));
        }
      }),
    );
  });

  it("keeps every class, and the sizes, even over the folds within one", () => {
    fc.assert(
      fc.property(withFoldCount, fc.integer(), ([labels, k], seed) => {
        const folds = stratifiedFolds(labels, k, Rng.fromSeed(seed));
        expect(spread(folds.map((fold) => fold.validation.length))).toBeLessThanOrEqual(1);
        for (const label of new Set(labels)) {
          expect(spread(folds.map((fold) => countOf(labels, fold.validation, label)))).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("is the same for the same seed and another for another, whatever was drawn before", () => {
    const labels = Array.from({ length: 60 }, (_, index) => index % 3);
    const used = Rng.fromSeed(5);
    used.float();
    expect(stratifiedFolds(labels, 3, used)).toEqual(stratifiedFolds(labels, 3, Rng.fromSeed(5)));
    expect(stratifiedFolds(labels, 3, Rng.fromSeed(6))).not.toEqual(stratifiedFolds(labels, 3, Rng.fromSeed(5)));
  });

  it.each([1, 0, -1, 2.5, 5, Number.NaN])("refuses %s folds of four examples", (k) => {
    expect(() => stratifiedFolds([0, 1, 0, 1], k, Rng.fromSeed(1))).toThrow(/of 4 examples; ask for 2 to 4/u);
  });
});

describe("stratifiedSplit", () => {
  it("holds out the fraction of the whole, and of each class within one", () => {
    fc.assert(
      fc.property(labelLists, fc.double({ min: 0.3, max: 0.7, noNaN: true }), fc.integer(), (labels, fraction, seed) => {
        const { training, validation } = stratifiedSplit(labels, fraction, Rng.fromSeed(seed));
        expect([...training, ...validation].toSorted((a, b) => a - b)).toEqual(labels.map((_, index) => index));
        expect(validation.length).toBe(Math.round(labels.length * fraction));
        for (const label of new Set(labels)) {
          const total = labels.filter((other) => other === label).length;
          expect(Math.abs(countOf(labels, validation, label) - fraction * total)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it.each([0, 1, -0.5, 0.01, Number.NaN])("refuses to hold out %s of four examples", (fraction) => {
    expect(() => stratifiedSplit([0, 1, 0, 1], fraction, Rng.fromSeed(1))).toThrow(/give a fraction between 0 and 1/u);
  });
});

describe("stratifiedSubset", () => {
  const withCount = labelLists.chain((labels) => fc.tuple(fc.constant(labels), fc.integer({ min: 1, max: labels.length })));

  it("takes as many as asked for, each class in proportion within one, each index once and ascending", () => {
    fc.assert(
      fc.property(withCount, fc.integer(), ([labels, count], seed) => {
        const subset = stratifiedSubset(labels, count, Rng.fromSeed(seed));
        expect([...subset]).toEqual([...new Set(subset)].toSorted((a, b) => a - b));
        expect(subset).toHaveLength(count);
        for (const label of new Set(labels)) {
          const total = labels.filter((other) => other === label).length;
          expect(Math.abs(countOf(labels, subset, label) - (count * total) / labels.length)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("is the same for the same seed, and another for another", () => {
    const labels = Array.from({ length: 60 }, (_, index) => index % 3);
    expect(stratifiedSubset(labels, 30, Rng.fromSeed(1))).toEqual(stratifiedSubset(labels, 30, Rng.fromSeed(1)));
    expect(stratifiedSubset(labels, 30, Rng.fromSeed(1))).not.toEqual(stratifiedSubset(labels, 30, Rng.fromSeed(2)));
  });

  it.each([0, 5, 1.5, Number.NaN])("refuses to take %s of four examples", (count) => {
    expect(() => stratifiedSubset([0, 1, 0, 1], count, Rng.fromSeed(1))).toThrow(/whole number from 1 to 4/u);
  });
});
