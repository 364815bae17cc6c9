/**
 * What is known of a network's quality after an epoch. Accuracies are shares of 1.
 *
 * A model with named outputs has the loss of all, with its weights and what regularizers add, and per output `fineLoss` (as it is,
 * without its weight), `fineAccuracy`, `validationFineLoss`, `validationFineAccuracy`.
 */
export interface EpochMetrics {
  /** Mean over the epoch's examples, each judged in the step that learned from it. */
  readonly loss: number;
  readonly accuracy?: number;
  /** Mean over the validation set after the epoch. */
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  readonly [loss: `${string}Loss`]: number | undefined;
  readonly [accuracy: `${string}Accuracy`]: number | undefined;
}

export type MonitoredMetric = keyof EpochMetrics;

/** The metrics that count what is right. */
export type AccuracyMetric = "accuracy" | `${string}Accuracy`;

/** One epoch as it went. */
export interface EpochRecord {
  /** 1 for the first. */
  readonly epoch: number;
  /** Training steps taken since the weights were new. */
  readonly step: number;
  readonly metrics: EpochMetrics;
  readonly learningRate: number;
  /** Wall-clock time of the epoch's training, without its validation. */
  readonly seconds: number;
  readonly examplesPerSecond: number;
}

/** What `fit` gives back. */
export interface History {
  readonly epochs: readonly EpochRecord[];
  /** Why training ended before its last epoch, in the words of the callback that asked for it; undefined if it did not. */
  readonly stopped: string | undefined;
}

/** The loss and the other metrics of one pass over a set. */
export interface Evaluation {
  readonly loss: number;
  readonly accuracy?: number;
  readonly [loss: `${string}Loss`]: number | undefined;
  readonly [accuracy: `${string}Accuracy`]: number | undefined;
}

/** Whether less of a metric is better. */
export function isLoss(metric: MonitoredMetric): boolean {
  return metric === "loss" || metric.endsWith("Loss");
}

/** What a metric of the validation set is called: `validationFineLoss` for `fineLoss`. */
export function validationName(metric: string): string {
  return `validation${metric[0]!.toUpperCase()}${metric.slice(1)}`;
}
