import { stratifiedSplit } from "@argmin/vision";
import type { CostLine, EstimateContext } from "../../experiment.ts";
import type { Digits } from "./digits.ts";
import { createTrainer } from "./network.ts";
import { FOLDS } from "./protocol.ts";
import { values, type Settings } from "./space.ts";

/** A candidate of middling cost: what an epoch takes depends on the batch size most. */
const typical = {
  optimizer: "Adam",
  learning_rate: 0.001,
  epochs: 8,
  activator: "relu",
  dropout_rate1: 0.1,
  dropout_rate2: 0.1,
  neurons: 16,
} as const satisfies Omit<Settings, "batch_size">;

/** What the whole grid would cost, and the search that is run in its place, from epochs timed at every batch size. */
export async function estimateCost(context: EstimateContext<Digits>): Promise<readonly CostLine[]> {
  const secondsPerEpoch: number[] = [];
  for (const batchSize of values.batch_size) {
    secondsPerEpoch.push(await timeEpoch({ ...typical, batch_size: batchSize }, context));
  }
  return costLines(secondsPerEpoch, context.trials);
}

/**
 * The estimate's arithmetic.
 *
 * @param secondsPerEpoch - Of one fold, for each of the batch sizes.
 */
export function costLines(secondsPerEpoch: readonly number[], trials: number): readonly CostLine[] {
  const combinations = Object.values(values).reduce((product, { length }) => product * length, 1);
  // Each number of epochs, and each batch size, stands in the same share of the combinations.
  const epochsOfGrid = (combinations / values.epochs.length) * sum(values.epochs) * FOLDS;
  const epochsOfSearch = trials * mean(values.epochs) * FOLDS;
  const secondsOfEpoch = mean(secondsPerEpoch);
  return [
    { key: "epochs", label: "epochs: combinations x mean epochs", amount: combinations * mean(values.epochs), unit: "count" },
    { key: "epochsOfGrid", label: `epochs of the grid in ${FOLDS} folds`, amount: epochsOfGrid, unit: "count" },
    { key: "epochsOfSearch", label: `epochs of ${trials} trials, on average`, amount: epochsOfSearch, unit: "count" },
    ...values.batch_size.map((batchSize, index) => ({
      key: `secondsPerEpochAt${batchSize}`,
      label: `an epoch of a fold at batch size ${batchSize}`,
      amount: secondsPerEpoch[index] ?? Number.NaN,
      unit: "seconds" as const,
    })),
    { key: "secondsPerEpoch", label: "an epoch of a fold, mean over the grid", amount: secondsOfEpoch, unit: "seconds" },
    { key: "secondsOfGrid", label: `the grid in ${FOLDS} folds`, amount: epochsOfGrid * secondsOfEpoch, unit: "seconds" },
    { key: "secondsOfSearch", label: `the search, ${trials} trials`, amount: epochsOfSearch * secondsOfEpoch, unit: "seconds" },
  ];
}

/** Seconds that training on a fold for one epoch takes, with the validation after it. The first epoch, which compiles, is not counted. */
async function timeEpoch(settings: Settings, context: EstimateContext<Digits>): Promise<number> {
  const { data, rng, signal } = context;
  const fold = stratifiedSplit(data.train.labels, 1 / FOLDS, rng);
  const trainer = createTrainer(settings, context);
  try {
    let begun = 0;
    let seconds = 0;
    await trainer.fit(
      { ...data.train, indices: fold.training },
      {
        epochs: 2,
        batchSize: settings.batch_size,
        validation: { ...data.train, indices: fold.validation },
        callbacks: [
          {
            onEpochBegin: () => {
              begun = performance.now();
            },
            onEpochEnd: async ({ epoch }) => {
              seconds = (performance.now() - begun) / 1000;
              await context.report(epoch, { seconds }, { phase: `batch size ${settings.batch_size}`, of: 2 });
            },
          },
        ],
        signal,
      },
    );
    return seconds;
  } finally {
    await trainer.dispose();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}
