import { describe, expect, it } from "vitest";
import { holdoutOf, partition } from "../../../src/experiments/cifar/images.ts";
import { fewImages } from "./few-images.ts";

const train = fewImages(1000);
const holdout = holdoutOf(train);

describe("the images of a search", () => {
  it("are cut into two that have no image in common, class by class", () => {
    const { training, validation } = partition(train, { holdout, seed: 1 });
    expect([training.length, validation.length]).toEqual([900, 100]);
    expect(new Set([...training, ...validation]).size).toBe(1000);
    const classes = new Map<number, number>();
    for (const index of validation) classes.set(train.labels[index]!, (classes.get(train.labels[index]!) ?? 0) + 1);
    expect(Math.max(...classes.values())).toBeLessThanOrEqual(2);
  });

  it("follow from the seed, and a subset's from the same split", () => {
    const all = partition(train, { holdout, seed: 1 });
    expect(partition(train, { holdout, seed: 1 })).toEqual(all);
    expect(partition(train, { holdout, seed: 2 })).not.toEqual(all);
    const few = partition(train, { holdout, subset: 200, seed: 1 });
    expect([few.training.length, few.validation.length]).toEqual([200, 50]);
    expect([...few.training].every((index) => all.training.includes(index))).toBe(true);
    expect([...few.validation].every((index) => all.validation.includes(index))).toBe(true);
  });

  it("may all be trained on", () => {
    const { training, validation } = partition(train, { holdout: 0, subset: 300, seed: 1 });
    expect([training.length, validation.length]).toEqual([300, 0]);
    expect(partition(train, { holdout: 0, seed: 1 }).training.length).toBe(1000);
  });

  it("cannot be more than there are", () => {
    expect(() => partition(train, { holdout, subset: 901, seed: 1 })).toThrow(
      "There are 1000 training images: 901 to train on and 100 to hold out are too many; ask for fewer.",
    );
    expect(() => partition(train, { holdout: 1000, seed: 1 })).toThrow("1000 to hold out are too many");
  });
});
