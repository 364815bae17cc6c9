import { Rng, type JsonObject } from "@argmin/base";
import type { Callback } from "@argmin/nn";
import { stratifiedFolds } from "@argmin/vision";
import type { BestTrial, FinishContext, TrialContext } from "../../experiment.ts";
import type { Digits } from "./digits.ts";
import { createTrainer } from "./network.ts";
import type { Settings } from "./space.ts";
import { stopIfStuck } from "./stuck.ts";

export const FOLDS = 3;

/** What cross-validation says of a candidate. */
export type Verdict = {
  /** Mean validation accuracy of the folds. */
  readonly value: number;
  readonly attributes: {
    /** Validation accuracy of each fold that was trained. */
    readonly folds: readonly number[];
    /** Why the last of them was stopped, if it was. */
    readonly stopped?: string;
  };
};

/**
 * The mean validation accuracy of a candidate over three stratified folds, the same for all candidates of a study.
 *
 * A fold that does not learn is stopped, and the folds after it are left out: with one fold at chance the mean could not come
 * near a candidate that learns.
 */
export async function crossValidate(settings: Settings, trial: TrialContext<Digits>): Promise<Verdict> {
  const { data, seed, rng, signal } = trial;
  const folds = stratifiedFolds(data.train.labels, FOLDS, Rng.fromSeed(seed).split("folds"));
  const trainer = createTrainer(settings, trial);
  try {
    const accuracies: number[] = [];
    for (const [index, fold] of folds.entries()) {
      trainer.reset(rng.split("fold", index).uint32());
      const { epochs, stopped } = await trainer.fit(
        { ...data.train, indices: fold.training },
        {
          epochs: settings.epochs,
          batchSize: settings.batch_size,
          validation: { ...data.train, indices: fold.validation },
          callbacks: [reportEpochs(trial, `fold ${index + 1} of ${FOLDS}`, settings.epochs), stopIfStuck()],
          signal,
        },
      );
      accuracies.push(epochs.at(-1)?.metrics.validationAccuracy ?? 0);
      if (stopped !== undefined) return { value: mean(accuracies), attributes: { folds: accuracies, stopped } };
    }
    return { value: mean(accuracies), attributes: { folds: accuracies } };
  } finally {
    await trainer.dispose();
  }
}

/** How often the refit begins anew when a network does not learn, which only its first weights can be guilty of. */
const REFIT_ATTEMPTS = 3;

/** Trains the best candidate on all training digits, then looks at the test set: once, here. */
export async function refit({ params }: BestTrial<Settings>, context: FinishContext<Digits>): Promise<JsonObject> {
  const { data, rng, signal } = context;
  const trainer = createTrainer(params, context);
  try {
    for (let attempt = 0; attempt < REFIT_ATTEMPTS; attempt++) {
      trainer.reset(rng.split("attempt", attempt).uint32());
      const { stopped } = await trainer.fit(data.train, {
        epochs: params.epochs,
        batchSize: params.batch_size,
        callbacks: [reportEpochs(context, "refit on all training digits", params.epochs), stopIfStuck()],
        signal,
      });
      if (stopped === undefined) break;
    }
    const { accuracy = 0 } = await trainer.evaluate(data.test, { signal });
    return { testAccuracy: accuracy, testCorrect: Math.round(accuracy * data.test.count), testImages: data.test.count };
  } finally {
    await trainer.dispose();
  }
}

/** Passes each epoch's metrics on. */
function reportEpochs({ report }: Pick<TrialContext<Digits>, "report">, phase: string, of: number): Callback {
  return { onEpochEnd: ({ epoch, metrics }) => report(epoch, { ...metrics }, { phase, of }) };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
