import { beforeAll, describe, expect, it } from "vitest";
import type { Digits } from "../../../src/experiments/mnist-2v7/digits.ts";
import { crossValidate, refit } from "../../../src/experiments/mnist-2v7/protocol.ts";
import { blank, contextOf, goodSettings, loadFewDigits } from "./few-digits.ts";

let digits: Digits;

beforeAll(async () => {
  digits = await loadFewDigits();
});

describe("crossValidate", () => {
  it("gives the mean of three folds' validation accuracies, and reports every epoch of each", async () => {
    const context = contextOf(digits);
    const {
      value,
      attributes: { folds },
    } = await crossValidate(goodSettings, context);
    expect(folds).toHaveLength(3);
    expect(value).toBeCloseTo((folds[0]! + folds[1]! + folds[2]!) / 3, 12);
    expect(value).toBeGreaterThan(0.85);
    expect(context.reports.map(({ phase, step, of }) => `${phase}: ${step}/${of}`)).toEqual([
      "fold 1 of 3: 1/4",
      "fold 1 of 3: 2/4",
      "fold 1 of 3: 3/4",
      "fold 1 of 3: 4/4",
      "fold 2 of 3: 1/4",
      "fold 2 of 3: 2/4",
      "fold 2 of 3: 3/4",
      "fold 2 of 3: 4/4",
      "fold 3 of 3: 1/4",
      "fold 3 of 3: 2/4",
      "fold 3 of 3: 3/4",
      "fold 3 of 3: 4/4",
    ]);
    expect(Object.keys(context.reports[0]!.metrics)).toEqual(["loss", "accuracy", "validationLoss", "validationAccuracy"]);
  });

  it("is the same for the same seed, epoch by epoch, and another for another", async () => {
    const [first, second, other] = [contextOf(digits), contextOf(digits), contextOf(digits, 2)];
    const result = await crossValidate(goodSettings, first);
    expect(await crossValidate(goodSettings, second)).toEqual(result);
    expect(second.reports).toEqual(first.reports);
    await crossValidate(goodSettings, other);
    expect(other.reports).not.toEqual(first.reports);
  });

  it("never looks at the test set", async () => {
    const withoutTest = { ...digits, test: blank(digits.test) };
    expect(await crossValidate(goodSettings, contextOf(withoutTest))).toEqual(
      await crossValidate(goodSettings, contextOf(digits)),
    );
  });

  it("stops a candidate that cannot learn in its first fold, and leaves the others out", async () => {
    const context = contextOf({ ...digits, train: blank(digits.train) });
    const result = await crossValidate({ ...goodSettings, optimizer: "SGD", learning_rate: 0.001, epochs: 12 }, context);
    expect(result).toMatchObject({ attributes: { stopped: expect.stringContaining("no better than guessing") } });
    expect(context.reports.length).toBeLessThan(12);
    expect(new Set(context.reports.map(({ phase }) => phase))).toEqual(new Set(["fold 1 of 3"]));
  });
});

describe("refit", () => {
  const best = { number: 0, params: goodSettings, value: 0.9, attributes: {} };

  it("trains five networks on all training digits and counts the test digits that they get right together", async () => {
    const context = contextOf(digits);
    const result = await refit(best, context);
    const { count } = digits.test;
    expect(result).toMatchObject({ testImages: count, networks: 5 });
    expect(result["testAccuracy"]).toBe(Number(result["testCorrect"]) / count);
    expect(result["testAccuracy"]).toBeGreaterThan(0.85);
    expect(context.reports.map(({ phase, step }) => `${phase}: ${step}`)).toEqual(
      [1, 2, 3, 4, 5].flatMap((member) => [1, 2, 3, 4].map((step) => `refit ${member} of 5 on all training digits: ${step}`)),
    );
    expect(await refit(best, contextOf(digits))).toEqual(result);
  });

  it("trains five networks that differ, and is as right as the middle one of them", async () => {
    const result = await refit(best, contextOf(digits));
    const each = [result["testCorrectOfEach"]].flat().map(Number);
    expect(new Set(each).size).toBeGreaterThan(1);
    expect(Number(result["testCorrect"])).toBeGreaterThanOrEqual(each.toSorted((a, b) => a - b)[2]!);
  });

  it("begins anew when a network does not learn, but not for ever", async () => {
    const context = contextOf({ ...digits, train: blank(digits.train) });
    await refit({ ...best, params: { ...goodSettings, optimizer: "SGD", learning_rate: 0.001, epochs: 12 } }, context);
    expect(context.reports.filter(({ step }) => step === 1)).toHaveLength(3 * 5);
  });
});
