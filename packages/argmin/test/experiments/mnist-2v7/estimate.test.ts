import { describe, expect, it } from "vitest";
import type { CostLine } from "../../../src/experiment.ts";
import { costLines, estimateCost } from "../../../src/experiments/mnist-2v7/estimate.ts";
import { values } from "../../../src/experiments/mnist-2v7/space.ts";
import { contextOf, loadFewDigits } from "./few-digits.ts";

function amounts(lines: readonly CostLine[]): Readonly<Record<string, number>> {
  return Object.fromEntries(lines.map(({ key, amount }) => [key, amount]));
}

describe("the cost of the grid", () => {
  it("is 345,600 epochs by the mean, and three times that in three folds", () => {
    expect(amounts(costLines([1, 1, 1, 1, 1], 20))).toMatchObject({
      epochs: 345_600,
      epochsOfGrid: 1_036_800,
      epochsOfSearch: 480,
      secondsOfGrid: 1_036_800,
      secondsOfSearch: 480,
    });
  });

  it("agrees with a walk over all 43,200 combinations", () => {
    const secondsPerEpoch = [5, 4, 3, 2.5, 2];
    let epochs = 0;
    let seconds = 0;
    const others = values.optimizer.length * values.learning_rate.length * values.activator.length;
    const rest = values.dropout_rate1.length * values.dropout_rate2.length * values.neurons.length;
    for (let other = 0; other < others * rest; other++) {
      for (const batch of values.batch_size.keys()) {
        for (const count of values.epochs) {
          epochs += 3 * count;
          seconds += 3 * count * secondsPerEpoch[batch]!;
        }
      }
    }
    const { epochsOfGrid, secondsOfGrid } = amounts(costLines(secondsPerEpoch, 20));
    expect(epochsOfGrid).toBe(epochs);
    expect(secondsOfGrid).toBeCloseTo(seconds, 3);
  });

  it("follows the number of trials", () => {
    const [twenty, forty] = [20, 40].map((trials) => amounts(costLines([1, 2, 3, 4, 5], trials)));
    expect(forty?.["secondsOfSearch"]).toBeCloseTo(2 * (twenty?.["secondsOfSearch"] ?? 0), 9);
    expect(forty?.["secondsOfGrid"]).toBe(twenty?.["secondsOfGrid"]);
  });

  it("is made of epochs timed at every batch size", async () => {
    const context = { ...contextOf(await loadFewDigits()), trials: 20 };
    const found = amounts(await estimateCost(context));
    const timed = values.batch_size.map((batchSize) => found[`secondsPerEpochAt${batchSize}`] ?? 0);
    expect(timed.every((seconds) => seconds > 0)).toBe(true);
    expect(found["secondsPerEpoch"]).toBeCloseTo(timed.reduce((sum, seconds) => sum + seconds, 0) / timed.length, 9);
  });
});
