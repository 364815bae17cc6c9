import { ArgminError, type Rng } from "@argmin/base";
import { countRight } from "../metrics/accuracy.ts";
import type { LossForm } from "../losses/losses.ts";
import type { BoundRule } from "../optimizers/rules.ts";
import { blendTargets, type Augmentation } from "./augmentation.ts";
import { gatherInputs, gatherTargets, MaskWriter, positionsOf } from "./batches.ts";
import type { Callback, FitContext } from "./callbacks.ts";
import type { Engine, TrainStep } from "./engine.ts";
import type { ParsedExamples, TargetForm } from "./examples.ts";
import type { EpochRecord, Evaluation, History } from "./history.ts";

/** What the loops need of a trainer. */
export interface TrainingParts {
  readonly engine: Engine;
  readonly loss: LossForm;
  readonly rule: BoundRule;
  readonly target: TargetForm;
  readonly hasAccuracy: boolean;
}

/** How far a training has come, and the stream all its random numbers derive from. */
export interface TrainingProgress {
  /** Steps taken since the weights were new. */
  step: number;
  /** Epochs finished since the weights were new. */
  epoch: number;
  learningRate: number;
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
  readonly callbacks: readonly Callback[];
  readonly signal: AbortSignal | undefined;
}

/** Examples judged at once. From 16 on more are no faster, and what they leave in the caches is used again. */
export const EVALUATION_BATCH = 64;

/** Trains for the plan's epochs. Every random number is a function of the stream's seed and the step it is for. */
export async function runFit(
  parts: TrainingParts,
  progress: TrainingProgress,
  plan: FitPlan,
  context: FitContext,
): Promise<History> {
  const { callbacks, validation, signal } = plan;
  const epochs: EpochRecord[] = [];
  let stopped: string | undefined;
  for (const callback of callbacks) await callback.onTrainBegin?.(context);
  for (let epoch = plan.initialEpoch + 1; epoch <= plan.epochs && stopped === undefined; epoch++) {
    for (const callback of callbacks) await callback.onEpochBegin?.(epoch, context);
    const startMs = performance.now();
    const training = await trainEpoch(parts, progress, plan, epoch);
    const seconds = (performance.now() - startMs) / 1000;
    if (!parts.engine.state.isFinite()) throw diverged("a weight is no finite number", epoch, progress.step);
    const judged = validation && (await evaluateExamples(parts, validation, EVALUATION_BATCH, signal));
    if (judged && !Number.isFinite(judged.loss)) throw diverged(`the validation loss is ${judged.loss}`, epoch, progress.step);
    progress.epoch += 1;
    const record: EpochRecord = Object.freeze({
      epoch,
      step: progress.step,
      metrics: Object.freeze({
        ...training,
        ...(judged && { validationLoss: judged.loss }),
        ...(judged?.accuracy !== undefined && { validationAccuracy: judged.accuracy }),
      }),
      learningRate: progress.learningRate,
      seconds,
      examplesPerSecond: plan.examples.count / seconds,
    });
    epochs.push(record);
    for (const callback of callbacks) {
      const request = await callback.onEpochEnd?.(record, context);
      if (request) stopped ??= request === "stop" ? "a callback asked for it" : request.stop;
    }
  }
  const history: History = Object.freeze({ epochs, stopped });
  for (const callback of callbacks) await callback.onTrainEnd?.(history, context);
  return history;
}

/** One pass over the training set; the last batch is as small as what is left. */
async function trainEpoch(parts: TrainingParts, progress: TrainingProgress, plan: FitPlan, epoch: number): Promise<Evaluation> {
  const { engine, loss, rule, target, hasAccuracy } = parts;
  const { examples, batchSize, augmentation, signal } = plan;
  const order = positionsOf(examples);
  if (plan.shuffle) progress.rng.split("shuffle", progress.step).shuffle(order);
  const masks = new StepMasks(progress.rng);
  const augmentations = progress.rng.split("augmentation");
  const shape = engine.parts.model.inputShape;
  const full = batchSize <= examples.count ? await engine.trainStep(batchSize, examples.inputType) : undefined;
  let lossSum = 0;
  let right = 0;
  for (let from = 0; from < examples.count; from += batchSize) {
    const to = Math.min(from + batchSize, examples.count);
    const rows = to - from;
    const step = rows === batchSize && full ? full : await engine.trainStep(rows, examples.inputType);
    if (signal?.aborted) {
      const place = `in epoch ${epoch} after ${progress.step} steps`;
      throw interrupted(`Training was interrupted ${place}; the weights are those after the last step.`, signal);
    }
    gatherInputs(step.input, examples, order, from, to);
    gatherTargets(step.target, examples.labels, target, order, from, to);
    const blend = augmentation?.apply({ inputs: step.input, rows, shape }, augmentations.split(progress.step));
    if (blend !== undefined) blendTargets(step.target, rows, target.units, blend);
    masks.write(step, progress.step);
    rule.writeScalars(step.scalars, progress.learningRate, progress.step + 1);
    await step.run();
    progress.step += 1;
    const batchLoss = loss.sum(step.prediction, step.target, rows, target.units);
    if (!Number.isFinite(batchLoss)) throw diverged(`the loss is ${batchLoss}`, epoch, progress.step);
    lossSum += batchLoss;
    if (hasAccuracy) right += countRight(step.prediction, step.target, rows, target.units, loss.threshold);
  }
  return evaluationOf(lossSum, right, examples.count, hasAccuracy);
}

/** Writes the dropout masks of a step, each from a stream of its own: its layer's, its call's and the step's. */
class StepMasks {
  readonly #rng: Rng;
  readonly #writer = new MaskWriter();
  readonly #streams = new Map<string, Rng>();

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  write({ masks }: TrainStep, step: number): void {
    for (const { layer, use, rate, factors } of masks) {
      const key = `${layer}/${use}`;
      const stream = this.#streams.get(key) ?? this.#rng.split("dropout", layer, use);
      this.#streams.set(key, stream);
      this.#writer.write(factors, rate, stream.split(step));
    }
  }
}

/**
 * The size of the batches in which `count` examples are looked at: `batchSize`, or the power of two that holds a smaller set, so
 * that sets of many sizes need few sessions. The rows beyond the set are what they were; nobody looks at what comes of them.
 */
function passSize(batchSize: number, count: number): number {
  return Math.min(batchSize, 2 ** Math.ceil(Math.log2(count)));
}

/** Judges a set by the weights as they are. */
export async function evaluateExamples(
  { engine, loss, target, hasAccuracy }: TrainingParts,
  examples: ParsedExamples,
  batchSize: number,
  signal: AbortSignal | undefined,
): Promise<Evaluation> {
  const batch = passSize(batchSize, examples.count);
  const pass = await engine.forward(batch, examples.inputType, loss.from);
  const order = positionsOf(examples);
  const targets = new Float32Array(batch * target.units);
  let lossSum = 0;
  let right = 0;
  for (let from = 0; from < examples.count; from += batch) {
    if (signal?.aborted) throw interrupted("The evaluation was interrupted.", signal);
    const to = Math.min(from + batch, examples.count);
    gatherInputs(pass.input, examples, order, from, to);
    gatherTargets(targets, examples.labels, target, order, from, to);
    await pass.run();
    lossSum += loss.sum(pass.prediction, targets, to - from, target.units);
    if (hasAccuracy) right += countRight(pass.prediction, targets, to - from, target.units, loss.threshold);
  }
  return evaluationOf(lossSum, right, examples.count, hasAccuracy);
}

/** The model's outputs for inputs, `[count, unit]`. */
export async function predictInputs(
  { engine, target }: TrainingParts,
  inputs: Pick<ParsedExamples, "values" | "inputType" | "size" | "count">,
  batchSize: number,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const { values, inputType, size, count } = inputs;
  const outputs = new Float32Array(count * target.units);
  if (count === 0) return outputs;
  const batch = passSize(batchSize, count);
  const pass = await engine.forward(batch, inputType, "output");
  for (let from = 0; from < count; from += batch) {
    if (signal?.aborted) throw interrupted("The prediction was interrupted.", signal);
    const to = Math.min(from + batch, count);
    pass.input.set(values.subarray(from * size, to * size));
    await pass.run();
    outputs.set(pass.prediction.subarray(0, (to - from) * target.units), from * target.units);
  }
  return outputs;
}

function evaluationOf(lossSum: number, right: number, count: number, hasAccuracy: boolean): Evaluation {
  return { loss: lossSum / count, ...(hasAccuracy && { accuracy: right / count }) };
}

function diverged(problem: string, epoch: number, step: number): ArgminError {
  return new ArgminError(
    "training/diverged",
    `Training diverged: ${problem} in epoch ${epoch}, at step ${step}; a smaller learning rate or smaller inputs help.`,
  );
}

function interrupted(message: string, signal: AbortSignal): ArgminError {
  return new ArgminError("training/interrupted", message, { cause: signal.reason });
}
