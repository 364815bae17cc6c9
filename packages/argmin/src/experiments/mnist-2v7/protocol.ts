import { Rng, type JsonObject } from "@argmin/base";
import type { Callback, Trainer } from "@argmin/nn";
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

/**
 * Networks that the refit trains, from first weights of their own each. On held-out digits the mean of five networks' probabilities was right on 0.0008 to
 * 0.0016 more than one of them, for each of four good candidates (three folds).
 */
const COMMITTEE = 5;

/** Trains the best candidate on all training digits, several times over, then looks at the test set: once, here, by the mean of what they say. */
export async function refit({ params }: BestTrial<Settings>, context: FinishContext<Digits>): Promise<JsonObject> {
  const { test } = context.data;
  const trainer = createTrainer(params, context);
  try {
    const answers: Float32Array[] = [];
    for (let member = 0; member < COMMITTEE; member++) {
      await fitMember(trainer, params, member, context);
      answers.push(await trainer.predict({ images: test.images }, { signal: context.signal }));
    }
    const testCorrect = countCorrect(answers, test.labels);
    return {
      testAccuracy: testCorrect / test.count,
      testCorrect,
      testImages: test.count,
      networks: COMMITTEE,
      testCorrectOfEach: answers.map((answer) => countCorrect([answer], test.labels)),
    };
  } finally {
    await trainer.dispose();
  }
}

/** Trains one network of the committee. */
async function fitMember(
  trainer: Trainer,
  { epochs, batch_size }: Settings,
  member: number,
  context: FinishContext<Digits>,
): Promise<void> {
  const { data, rng, signal } = context;
  const phase = `refit ${member + 1} of ${COMMITTEE} on all training digits`;
  for (let attempt = 0; attempt < REFIT_ATTEMPTS; attempt++) {
    trainer.reset(rng.split("member", member).split("attempt", attempt).uint32());
    const { stopped } = await trainer.fit(data.train, {
      epochs,
      batchSize: batch_size,
      callbacks: [reportEpochs(context, phase, epochs), stopIfStuck()],
      signal,
    });
    if (stopped === undefined) return;
  }
}

/** How many images several networks get right together: the digit whose probabilities, `[image, 2]` each, sum to more. */
function countCorrect(answers: readonly Float32Array[], labels: Uint8Array): number {
  let correct = 0;
  for (const [image, label] of labels.entries()) {
    const margin = answers.reduce((sum, answer) => sum + answer[2 * image + 1]! - answer[2 * image]!, 0);
    if ((margin > 0 ? 1 : 0) === label) correct++;
  }
  return correct;
}

/** Passes each epoch's metrics on. */
function reportEpochs({ report }: Pick<TrialContext<Digits>, "report">, phase: string, of: number): Callback {
  return { onEpochEnd: ({ epoch, metrics }) => report(epoch, { ...metrics }, { phase, of }) };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
