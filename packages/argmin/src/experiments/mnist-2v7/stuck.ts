import type { Callback, EpochRecord } from "@argmin/nn";

/** An accuracy that counts as better than guessing is this much above the share of the more frequent digit. */
const ACCURACY_MARGIN = 0.01;

/** The least relative fall of the training loss from one epoch to the next that counts as learning. */
const LOSS_FALL = 0.001;

/**
 * Stops a network that does not learn: two epochs in a row no better than guessing, and the loss stands still between them.
 * Accuracy is that of the validation images, or of the training images where there are no others.
 *
 * @remarks Accuracy alone would stop slow learners: measured on folds of the real digits, a hidden softmax of 16 neurons under SGD
 *   at 0.001 guesses for six epochs while its loss falls by 0.15 % to 0.7 % each, and ends at 0.93. With 32 neurons the loss moves
 *   by less than 0.09 % an epoch, and none of those was better than guessing after twelve. What learns at all is far from either.
 */
export function stopIfStuck(): Callback {
  let previous: EpochRecord | undefined;
  return {
    onTrainBegin: () => {
      previous = undefined;
    },
    onEpochEnd: (record, { majority }) => {
      const before = previous;
      previous = record;
      const guess = (majority.validationAccuracy ?? majority.accuracy ?? 0) + ACCURACY_MARGIN;
      if (before === undefined || accuracyOf(before) > guess || accuracyOf(record) > guess) return undefined;
      if (record.metrics.loss < before.metrics.loss * (1 - LOSS_FALL)) return undefined;
      return { stop: `no better than guessing after ${record.epoch} epochs, and the loss stands still` };
    },
  };
}

function accuracyOf({ metrics }: EpochRecord): number {
  return metrics.validationAccuracy ?? metrics.accuracy ?? 0;
}
