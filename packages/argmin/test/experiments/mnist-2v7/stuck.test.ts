import type { EpochRecord, FitContext } from "@argmin/nn";
import { expect, it } from "vitest";
import { stopIfStuck } from "../../../src/experiments/mnist-2v7/stuck.ts";

/** Loss and validation accuracy of each epoch; the more frequent digit has a share of 0.5126. */
type Curve = readonly (readonly [loss: number, validationAccuracy: number])[];

/** The epoch after which a training with this curve is stopped; undefined if it goes on to its end. */
async function stopsAfter(curve: Curve): Promise<number | undefined> {
  const context: FitContext = {
    trainer: {
      learningRate: 0.001,
      weights: () => new Map(),
      setWeights: () => undefined,
      save: async () => undefined,
    },
    epochs: 12,
    stepsPerEpoch: 64,
    majority: { accuracy: 0.5126, validationAccuracy: 0.5126 },
  };
  const callback = stopIfStuck();
  await callback.onTrainBegin?.(context);
  for (const [index, [loss, validationAccuracy]] of curve.entries()) {
    const epoch = index + 1;
    const metrics = { loss, accuracy: 0.5, validationLoss: loss, validationAccuracy };
    const record: EpochRecord = { epoch, step: epoch * 64, metrics, learningRate: 0.001, seconds: 1, examplesPerSecond: 8000 };
    if (await callback.onEpochEnd?.(record, context)) return epoch;
  }
  return undefined;
}

it.each<readonly [string, Curve, number | undefined]>([
  [
    "a network whose units have all died",
    [
      [0.6935, 0.5126],
      [0.6929, 0.5126],
      [0.6929, 0.5126],
    ],
    2,
  ],
  [
    "a loss that only wavers",
    [
      [0.6948, 0.5],
      [0.6955, 0.505],
      [0.6947, 0.507],
    ],
    2,
  ],
  [
    "one that guesses the less frequent digit",
    [
      [0.694, 0.4874],
      [0.694, 0.4874],
    ],
    2,
  ],
  [
    "a collapse after it had learned",
    [
      [0.17, 0.98],
      [0.345, 0.5126],
      [0.6932, 0.5126],
      [0.6929, 0.5126],
    ],
    3,
  ],
  [
    "a slow learner that guesses for six epochs",
    [
      [0.7008, 0.516],
      [0.6964, 0.516],
      [0.6917, 0.516],
      [0.6871, 0.516],
      [0.6821, 0.516],
      [0.6768, 0.521],
      [0.6699, 0.551],
      [0.6614, 0.689],
      [0.6491, 0.852],
    ],
    undefined,
  ],
  [
    "SGD at 0.001 in large batches",
    [
      [0.6928, 0.513],
      [0.6771, 0.555],
      [0.6599, 0.673],
    ],
    undefined,
  ],
  [
    "a good network whose loss stands still",
    [
      [0.02, 0.99],
      [0.02, 0.99],
      [0.02, 0.99],
    ],
    undefined,
  ],
  [
    "one bad epoch",
    [
      [0.2, 0.97],
      [0.402, 0.515],
      [0.31, 0.968],
    ],
    undefined,
  ],
  ["a single epoch", [[0.6948, 0.5]], undefined],
])("%s", async (_, curve, epoch) => {
  expect(await stopsAfter(curve)).toBe(epoch);
});
