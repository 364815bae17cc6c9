import { layer, sequential, type EpochRecord, type FitContext } from "@argmin/nn";
import { expect, it } from "vitest";
import { stopIfStuck } from "../../../src/experiments/mnist-2v7/stuck.ts";

/** A training as it went, one number an epoch; the more frequent digit has a share of 0.5126. */
interface Curve {
  readonly losses: readonly number[];
  readonly accuracies: readonly number[];
}

/** The epoch after which a training with this curve is stopped; undefined if it goes on to its end. */
async function stopsAfter({ losses, accuracies }: Curve): Promise<number | undefined> {
  const context: FitContext = {
    trainer: {
      learningRate: 0.001,
      weights: () => new Map(),
      setWeights: () => undefined,
      save: async () => undefined,
      load: async () => undefined,
    },
    model: sequential({ input: [1] }, [layer.dense({ units: 1 })]),
    epochs: 12,
    stepsPerEpoch: 64,
    earlier: [],
    majority: { accuracy: 0.5126, validationAccuracy: 0.5126 },
  };
  const callback = stopIfStuck();
  await callback.onTrainBegin?.(context);
  for (const [index, loss] of losses.entries()) {
    const epoch = index + 1;
    const metrics = { loss, accuracy: 0.5, validationLoss: loss, validationAccuracy: accuracies[index]! };
    const record: EpochRecord = { epoch, step: epoch * 64, metrics, learningRate: 0.001, seconds: 1, examplesPerSecond: 8000 };
    if (await callback.onEpochEnd?.(record, context)) return epoch;
  }
  return undefined;
}

const guessing = Array<number>(12).fill(0.5126);

it.each<readonly [string, Curve, number | undefined]>([
  ["a network whose units have all died", { losses: [0.6935, 0.6929, 0.6929, 0.6929], accuracies: guessing }, 3],
  ["a loss that only wavers", { losses: [0.6948, 0.6955, 0.6947, 0.6952], accuracies: [0.5, 0.505, 0.507, 0.51] }, 3],
  ["one that guesses the less frequent digit", { losses: [0.694, 0.694, 0.694], accuracies: [0.4874, 0.4874, 0.4874] }, 3],
  ["a collapse after it had learned", { losses: [0.17, 0.345, 0.69, 0.69], accuracies: [0.98, ...guessing] }, 4],
  [
    "a loss that falls, slowly, while it guesses",
    { losses: [0.6969, 0.6958, 0.6948, 0.6938, 0.6928], accuracies: guessing },
    undefined,
  ],
  [
    "an accuracy that rises though the loss does not",
    { losses: [0.83, 0.828, 0.83, 0.82], accuracies: [0.483, 0.499, 0.521, 0.54] },
    undefined,
  ],
  ["a good network whose loss stands still", { losses: [0.02, 0.02, 0.02], accuracies: [0.99, 0.99, 0.99] }, undefined],
  ["two bad epochs", { losses: [0.2, 0.4, 0.4, 0.3], accuracies: [0.97, 0.515, 0.515, 0.968] }, undefined],
  ["two epochs", { losses: [0.6948, 0.6948], accuracies: guessing }, undefined],
])("%s", async (_, curve, epoch) => {
  expect(await stopsAfter(curve)).toBe(epoch);
});
