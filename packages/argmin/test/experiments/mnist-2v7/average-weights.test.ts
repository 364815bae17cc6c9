import type { EpochRecord, FitContext, Weights } from "@argmin/nn";
import { expect, it } from "vitest";
import { averageWeights } from "../../../src/experiments/mnist-2v7/average-weights.ts";

const record: EpochRecord = { epoch: 1, step: 1, metrics: { loss: 1 }, learningRate: 0.001, seconds: 1, examplesPerSecond: 1 };

/** What the weights are set to after epochs that ended with these. */
async function averageOf(epochs: readonly Weights[], lastEpochs: number): Promise<Weights | undefined> {
  let result: Weights | undefined;
  let current: Weights = new Map();
  const context: FitContext = {
    trainer: {
      learningRate: 0.001,
      weights: () => current,
      setWeights: (weights) => {
        result = weights;
      },
      save: async () => undefined,
    },
    epochs: epochs.length,
    stepsPerEpoch: 1,
    majority: {},
  };
  const callback = averageWeights(lastEpochs);
  await callback.onTrainBegin?.(context);
  for (const weights of epochs) {
    current = weights;
    await callback.onEpochEnd?.(record, context);
  }
  await callback.onTrainEnd?.({ epochs: [], stopped: undefined }, context);
  return result;
}

function weights(kernel: readonly number[], bias: number): Weights {
  return new Map([
    ["kernel", Float32Array.from(kernel)],
    ["bias", Float32Array.of(bias)],
  ]);
}

it("is the mean of each weight over the last epochs", async () => {
  const epochs = [weights([100, 100], 100), weights([1, 2], 3), weights([2, 4], 3), weights([6, 0], 0)];
  expect(await averageOf(epochs, 3)).toEqual(weights([3, 2], 2));
});

it("is the mean of all epochs where there are fewer, and of one the weights themselves", async () => {
  expect(await averageOf([weights([1, 3], 0), weights([3, 5], 4)], 3)).toEqual(weights([2, 4], 2));
  expect(await averageOf([weights([7, 8], 9), weights([1, 3], 5)], 1)).toEqual(weights([1, 3], 5));
});
