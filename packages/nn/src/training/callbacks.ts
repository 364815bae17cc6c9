import { ArgminError } from "@argmin/base";
import type { AnyModel } from "../layers/model.ts";
import { tensorBoard } from "../tensorboard/callback.ts";
import { isLoss, type AccuracyMetric, type EpochRecord, type History, type MonitoredMetric } from "./history.ts";

/** Copies of all weights by name. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** What a callback may do with the network that trains. */
export interface TrainingControl {
  /** May be set: the steps that follow use it. */
  learningRate: number;
  weights(): Weights;
  setWeights(weights: Weights): void;
  save(path: string, options?: { readonly optimizer?: boolean }): Promise<void>;
  /** Takes the weights of a file. */
  load(path: string): Promise<void>;
}

/** Shares of the most frequent classes, by the accuracies that they are guesses of. */
export interface Majority {
  readonly accuracy?: number;
  readonly validationAccuracy?: number;
  readonly [accuracy: `${string}Accuracy`]: number | undefined;
}

/** What a callback may know of a `fit`. */
export interface FitContext {
  readonly trainer: TrainingControl;
  /** The network that trains. */
  readonly model: AnyModel;
  /** The number of the last epoch, unless something stops before. */
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** The epochs before this `fit`, where it goes on with a training: what has been watched since then goes on too. */
  readonly earlier: readonly EpochRecord[];
  /** What always guessing the most frequent class would have of each accuracy, where there are classes. */
  readonly majority: Majority;
}

/** A step that was taken. */
export interface StepRecord {
  /** 1 for the first. */
  readonly epoch: number;
  /** Training steps taken since the weights were new. */
  readonly step: number;
  /** 1 for the first of the epoch, of `stepsPerEpoch`. */
  readonly stepInEpoch: number;
}

/** "stop" or a reason ends training after this epoch; the reason is kept in the history. */
export type StopRequest = "stop" | { readonly stop: string };

type MaybePromise<T> = T | Promise<T>;

/** Something that watches or steers a `fit`. All methods may be asynchronous; they are awaited in the callbacks' order. */
export interface Callback {
  readonly onTrainBegin?: (context: FitContext) => MaybePromise<void>;
  /** Not for an epoch that goes on from a checkpoint within it. @param epoch - 1 for the first. */
  readonly onEpochBegin?: (epoch: number, context: FitContext) => MaybePromise<void>;
  readonly onStepEnd?: (record: StepRecord, context: FitContext) => MaybePromise<void>;
  readonly onEpochEnd?: (record: EpochRecord, context: FitContext) => MaybePromise<StopRequest | void>;
  /** Also called when a callback stopped training, but not after an error. */
  readonly onTrainEnd?: (history: History, context: FitContext) => MaybePromise<void>;
}

export interface EarlyStoppingOptions {
  /** Default `validationLoss`. */
  readonly monitor?: MonitoredMetric;
  /** Epochs in a row without a gain after which training stops, as in Keras. Default 0, which means the first such epoch, like 1. */
  readonly patience?: number;
  /** A gain is more than this. Default 0. */
  readonly minDelta?: number;
  /** Only what is better than this counts as a first gain. */
  readonly baseline?: number;
  /** Put the weights of the best epoch back at the end. Default false. */
  readonly restoreBest?: boolean;
}

/**
 * Stops when the monitored metric has not become better for `patience` epochs in a row. A training that goes on from a checkpoint
 * counts on; weights of its earlier epochs are not there to be put back.
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const { monitor = "validationLoss", patience = 0, minDelta = 0, baseline, restoreBest = false } = options;
  checkCount(patience, "patience");
  const best = new BestEpoch(monitor, minDelta, baseline);
  let waited = 0;
  return {
    onTrainBegin: ({ earlier }) => {
      best.forget();
      waited = 0;
      for (const record of earlier) waited = best.recall(record) ? 0 : waited + 1;
    },
    onEpochEnd: (record, { trainer }) => {
      if (best.offer(record, restoreBest ? () => trainer.weights() : undefined)) {
        waited = 0;
        return undefined;
      }
      waited += 1;
      if (waited < patience) return undefined;
      return { stop: `${monitor} has not become better for ${waited} epoch${waited === 1 ? "" : "s"}` };
    },
    onTrainEnd: (_history, { trainer }) => {
      if (best.weights !== undefined) trainer.setWeights(best.weights);
    },
  };
}

export interface NeverLearnedOptions {
  /** Default `accuracy`. */
  readonly monitor?: AccuracyMetric;
  /** Epochs that are put up with. Default 3. */
  readonly epochs?: number;
  /** How much better than guessing counts as learning. Default 0.01. */
  readonly margin?: number;
}

/** Stops a network whose accuracy in none of its first epochs was better than guessing the most frequent class. */
export function neverLearned(options: NeverLearnedOptions = {}): Callback {
  const { monitor = "accuracy", epochs = 3, margin = 0.01 } = options;
  checkCount(epochs, "epochs");
  let best = 0;
  let seen = 0;
  return {
    onTrainBegin: ({ earlier }) => {
      best = Math.max(0, ...earlier.map(({ metrics }) => metrics[monitor] ?? 0));
      seen = earlier.length;
    },
    onEpochEnd: (record, { majority }) => {
      const guess = majority[monitor];
      if (guess === undefined) throw missingMetric(monitor, record);
      best = Math.max(best, metricOf(record, monitor));
      seen += 1;
      if (seen < epochs || best > guess + margin) return undefined;
      return { stop: `after ${seen} epochs the ${monitor} is ${best.toFixed(4)}, no better than guessing (${guess.toFixed(4)})` };
    },
  };
}

export interface BestCheckpointOptions {
  readonly keep?: "best";
  /** Default `validationLoss`. */
  readonly monitor?: MonitoredMetric;
  /** A .safetensors file, written anew at each better epoch; default: the weights are kept in memory. */
  readonly path?: string;
  /** Keep the optimizer's slots in the file too, to train on from there. Default false. */
  readonly optimizer?: boolean;
  /** Put the best weights back at the end. Default false. */
  readonly restoreBest?: boolean;
}

export interface LastCheckpointOptions {
  readonly keep: "last";
  /** A .safetensors file, written anew after each epoch. */
  readonly path: string;
  /** Keep the optimizer's slots too, to train on from there. Default true. */
  readonly optimizer?: boolean;
  /** Write it within epochs too, whenever so many steps were taken. Default: not. */
  readonly everySteps?: number;
}

export type CheckpointOptions = BestCheckpointOptions | LastCheckpointOptions;

/** A checkpoint callback and what it holds. */
export interface Checkpoint extends Callback {
  /** The best epoch so far, and its weights where no file has them; undefined before the first, and where the last is kept. */
  readonly best: { readonly record: EpochRecord; readonly weights: Weights | undefined } | undefined;
}

/**
 * Keeps the weights of the best epoch, or the training as it stands, to go on from: bit for bit, within an epoch too. A training that
 * goes on remembers which epoch was the best.
 */
export function checkpoint(options: CheckpointOptions = {}): Checkpoint {
  return options.keep === "last" ? lastCheckpoint(options) : bestCheckpoint(options);
}

function lastCheckpoint({ path, optimizer = true, everySteps = Infinity }: LastCheckpointOptions): Checkpoint {
  if (everySteps !== Infinity) checkCount(everySteps, "everySteps", 1);
  return {
    best: undefined,
    onStepEnd: async ({ step, stepInEpoch }, { trainer, stepsPerEpoch }) => {
      // After the last step the epoch's end writes it.
      if (step % everySteps === 0 && stepInEpoch < stepsPerEpoch) await trainer.save(path, { optimizer });
    },
    onEpochEnd: (_record, { trainer }) => trainer.save(path, { optimizer }),
  };
}

function bestCheckpoint(options: BestCheckpointOptions): Checkpoint {
  const { monitor = "validationLoss", path, optimizer = false, restoreBest = false } = options;
  const best = new BestEpoch(monitor, 0, undefined);
  return {
    get best() {
      const { record, weights } = best;
      return record === undefined ? undefined : { record, weights };
    },
    onTrainBegin: ({ earlier }) => {
      best.forget();
      for (const record of earlier) best.recall(record);
    },
    onEpochEnd: async (record, { trainer }) => {
      const isBetter = best.offer(record, path === undefined ? () => trainer.weights() : undefined);
      if (isBetter && path !== undefined) await trainer.save(path, { optimizer });
    },
    onTrainEnd: async (_history, { trainer }) => {
      if (!restoreBest || best.record === undefined) return;
      if (path !== undefined) await trainer.load(path);
      else if (best.weights !== undefined) trainer.setWeights(best.weights);
    },
  };
}

/** Sets the learning rate before each epoch (1 for the first) from the one in force. */
export function learningRateSchedule(schedule: (epoch: number, current: number) => number): Callback {
  return {
    onEpochBegin: (epoch, { trainer }) => {
      trainer.learningRate = schedule(epoch, trainer.learningRate);
    },
  };
}

export interface ReduceOnPlateauOptions {
  /** Default `validationLoss`. */
  readonly monitor?: MonitoredMetric;
  /** What the learning rate is multiplied by; above 0 and below 1. Default 0.1. */
  readonly factor?: number;
  /** Epochs in a row without a gain after which the rate falls. Default 10. */
  readonly patience?: number;
  /** A gain is more than this. Default 1e-4. */
  readonly minDelta?: number;
  /** Epochs after a fall in which those without a gain are not counted. Default 0. */
  readonly cooldown?: number;
  /** The rate falls no lower. Default 0. */
  readonly minLearningRate?: number;
}

/**
 * Lowers the learning rate when the monitored metric has not become better for `patience` epochs in a row, as Keras does. Of a
 * schedule it lowers what that is multiplied by. A training that goes on from a checkpoint has the lowered rate, and counts on.
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions = {}): Callback {
  const { monitor = "validationLoss", factor = 0.1, patience = 10, minDelta = 1e-4, cooldown = 0, minLearningRate = 0 } = options;
  checkCount(patience, "patience");
  checkCount(cooldown, "cooldown");
  if (!(factor > 0 && factor < 1)) {
    throw new ArgminError("value/invalid", `The factor of reduceOnPlateau must be above 0 and below 1, not ${factor}.`);
  }
  const best = new BestEpoch(monitor, minDelta, undefined);
  let waited = 0;
  let resting = 0;
  /** Whether the rate falls after an epoch. */
  const falls = (isBetter: boolean): boolean => {
    if (resting > 0) {
      resting -= 1;
      waited = 0;
    }
    if (isBetter) waited = 0;
    else if (resting === 0) waited += 1;
    if (waited < Math.max(patience, 1)) return false;
    waited = 0;
    resting = cooldown;
    return true;
  };
  return {
    onTrainBegin: ({ earlier }) => {
      best.forget();
      waited = 0;
      resting = 0;
      for (const record of earlier) falls(best.recall(record));
    },
    onEpochEnd: (record, { trainer }) => {
      if (!falls(best.offer(record, undefined))) return;
      trainer.learningRate = Math.max(trainer.learningRate * factor, Math.min(minLearningRate, trainer.learningRate));
    },
  };
}

/** The callbacks that come with the engine. */
export const callback = Object.freeze({
  earlyStopping,
  neverLearned,
  checkpoint,
  learningRateSchedule,
  reduceOnPlateau,
  tensorBoard,
});

/** The best epoch by one metric. */
class BestEpoch {
  record: EpochRecord | undefined;
  weights: Weights | undefined;
  readonly #monitor: MonitoredMetric;
  readonly #minDelta: number;
  readonly #baseline: number | undefined;

  constructor(monitor: MonitoredMetric, minDelta: number, baseline: number | undefined) {
    this.#monitor = monitor;
    this.#minDelta = minDelta;
    this.#baseline = baseline;
  }

  forget(): void {
    this.record = undefined;
    this.weights = undefined;
  }

  /** Takes an epoch before this `fit` as the best so far, if it is: its weights are not there any more. */
  recall(record: EpochRecord): boolean {
    return record.metrics[this.#monitor] !== undefined && this.offer(record, undefined);
  }

  /** Takes the epoch if it is the best so far, and says whether it is. */
  offer(record: EpochRecord, weights: (() => Weights) | undefined): boolean {
    const value = metricOf(record, this.#monitor);
    const bar = this.record === undefined ? this.#baseline : metricOf(this.record, this.#monitor);
    const gain = bar === undefined ? Infinity : isLoss(this.#monitor) ? bar - value : value - bar;
    if (!(gain > this.#minDelta)) return false;
    this.record = record;
    this.weights = weights?.();
    return true;
  }
}

function metricOf(record: EpochRecord, monitor: MonitoredMetric): number {
  const value = record.metrics[monitor];
  if (value === undefined) throw missingMetric(monitor, record);
  return value;
}

function missingMetric(monitor: MonitoredMetric, { metrics }: EpochRecord): ArgminError {
  return new ArgminError(
    "value/invalid",
    `A callback monitors ${monitor}, but this training has ${Object.keys(metrics).join(", ")}; give a validation set or monitor another.`,
  );
}

function checkCount(value: number, what: string, least = 0): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new ArgminError(
      "value/invalid",
      `The ${what} of a callback must be a whole number of at least ${least}, not ${value}.`,
    );
  }
}
