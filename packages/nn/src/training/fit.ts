import type { Rng } from "@argmin/base";
import type { Augmentation } from "./augmentation.ts";
import type { Callback, FitContext } from "./callbacks.ts";
import type { Engine } from "./engine.ts";
import { scheduledIn, trainEpoch } from "./epoch.ts";
import type { ParsedExamples } from "./examples.ts";
import { diverged } from "./failures.ts";
import { validationName, type EpochRecord, type Evaluation, type History } from "./history.ts";
import { evaluateExamples } from "./passes.ts";
import type { Schedule } from "./schedules.ts";

/** Where within an epoch a training stands, as plain numbers: an epoch that was cut short goes on from there bit for bit. */
export interface EpochPosition {
  /** The step that the epoch began with, from which the order of its examples derives. */
  readonly firstStep: number;
  /** Examples that were learned from. */
  readonly done: number;
  /** What they are counted of, and in what batches. */
  readonly count: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  /** Of losses and what is right, so far. */
  readonly sums: readonly number[];
  readonly seconds: number;
}

/** How far a training has come, and the stream all its random numbers derive from. */
export interface TrainingProgress {
  /** Steps taken since the weights were new. */
  step: number;
  /** Epochs finished since the weights were new. */
  epoch: number;
  learningRate: number;
  /** The epochs that were trained one after the other since the weights were new. */
  records: readonly EpochRecord[];
  /** Where an epoch that is not over stands; undefined between epochs. */
  position: (() => EpochPosition) | undefined;
  readonly rng: Rng;
}

/** A checked `fit`. */
export interface FitPlan {
  readonly examples: ParsedExamples;
  readonly validation: ParsedExamples | undefined;
  readonly epochs: number;
  readonly initialEpoch: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly augmentation: Augmentation | undefined;
  readonly schedule: Schedule | undefined;
  readonly callbacks: readonly Callback[];
  readonly signal: AbortSignal | undefined;
}

/** Trains for the plan's epochs. Every random number is a function of the stream's seed and the step it is for. */
export async function runFit(engine: Engine, progress: TrainingProgress, plan: FitPlan, context: FitContext): Promise<History> {
  try {
    return await runEpochs(engine, progress, plan, context);
  } catch (error) {
    // The weights are those after the last step, unless the device has failed too.
    await engine.settle().catch(() => undefined);
    throw error;
  } finally {
    progress.position = undefined;
  }
}

async function runEpochs(engine: Engine, progress: TrainingProgress, plan: FitPlan, context: FitContext): Promise<History> {
  const { callbacks, validation, signal } = plan;
  const epochs: EpochRecord[] = [];
  let stopped: string | undefined;
  const afterStep = async (epoch: number, stepInEpoch: number): Promise<void> => {
    for (const callback of callbacks) await callback.onStepEnd?.({ epoch, step: progress.step, stepInEpoch }, context);
  };
  progress.records = context.earlier;
  for (const callback of callbacks) await callback.onTrainBegin?.(context);
  for (let epoch = plan.initialEpoch + 1; epoch <= plan.epochs && stopped === undefined; epoch++) {
    // An epoch that was cut short began before, and what it began with (a learning rate) was kept.
    if (progress.position === undefined) for (const callback of callbacks) await callback.onEpochBegin?.(epoch, context);
    const { evaluation: training, seconds } = await trainEpoch(engine, progress, plan, epoch, afterStep);
    await engine.settle();
    if (!engine.state.isFinite()) throw diverged("a weight is no finite number", epoch, progress.step);
    const judged = validation && (await evaluateExamples(engine, validation, signal === undefined ? {} : { signal }));
    if (judged && !Number.isFinite(judged.loss)) throw diverged(`the validation loss is ${judged.loss}`, epoch, progress.step);
    progress.epoch += 1;
    const record: EpochRecord = Object.freeze({
      epoch,
      step: progress.step,
      metrics: Object.freeze({ ...training, ...(judged && ofValidation(judged)) }),
      learningRate: progress.learningRate * scheduledIn(plan, epoch, context.stepsPerEpoch - 1).factor,
      seconds,
      examplesPerSecond: plan.examples.count / seconds,
    });
    epochs.push(record);
    progress.records = [...progress.records, record];
    for (const callback of callbacks) {
      const request = await callback.onEpochEnd?.(record, context);
      if (request) stopped ??= request === "stop" ? "a callback asked for it" : request.stop;
    }
  }
  const history: History = Object.freeze({ epochs, stopped });
  for (const callback of callbacks) await callback.onTrainEnd?.(history, context);
  return history;
}

/** Metrics of a set as those of the validation set. */
function ofValidation(metrics: Evaluation): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [validationName(name), value]));
}
