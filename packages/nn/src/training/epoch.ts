import { ArgminError, type Rng } from "@argmin/base";
import { blendTargets } from "./augmentation.ts";
import { gatherInputs, gatherTargets, MaskWriter, positionsOf } from "./batches.ts";
import type { Engine, TrainStep } from "./engine.ts";
import { diverged, interrupted } from "./failures.ts";
import type { FitPlan, TrainingProgress } from "./fit.ts";
import type { Evaluation } from "./history.ts";
import { MetricSums } from "./metric-sums.ts";
import { scheduledStep, type ScheduledStep } from "./schedules.ts";

/** One pass over the training set; the last batch is as small as what is left. */
export async function trainEpoch(engine: Engine, progress: TrainingProgress, plan: FitPlan, epoch: number): Promise<Evaluation> {
  const { outputs, rule } = engine.parts;
  const { examples, batchSize, signal } = plan;
  const order = positionsOf(examples);
  if (plan.shuffle) progress.rng.split("shuffle", progress.step).shuffle(order);
  const writer = new BatchWriter(engine, plan, progress.rng, order);
  const full = batchSize <= examples.count ? await engine.trainStep(batchSize, examples.inputType) : undefined;
  const sums = new MetricSums(outputs);
  for (let from = 0; from < examples.count; from += batchSize) {
    const to = Math.min(from + batchSize, examples.count);
    const rows = to - from;
    const step = rows === batchSize && full ? full : await engine.trainStep(rows, examples.inputType);
    if (signal?.aborted) {
      const place = `in epoch ${epoch} after ${progress.step} steps`;
      throw interrupted(`Training was interrupted ${place}; the weights are those after the last step.`, signal);
    }
    writer.write(step, from, to, progress.step);
    const { factor, momentum } = scheduledIn(plan, epoch, from / batchSize);
    if (momentum !== undefined && !rule.takesMomentum) throw withoutMomentum();
    rule.writeScalars(step.scalars, progress.learningRate * factor, progress.step + 1, momentum);
    await step.run();
    progress.step += 1;
    const loss = sums.add(step.predictions, step.targets, rows, step.penalty[0] ?? 0);
    if (!Number.isFinite(loss)) throw diverged(`the loss is ${loss}`, epoch, progress.step);
  }
  return sums.evaluation();
}

/** What the plan's schedule says of a step of an epoch (1 for the first), the first of which is 0. */
export function scheduledIn({ schedule, examples, batchSize, epochs }: FitPlan, epoch: number, step: number): ScheduledStep {
  const stepsPerEpoch = Math.ceil(examples.count / batchSize);
  return scheduledStep(schedule, { step: (epoch - 1) * stepsPerEpoch + step, stepsPerEpoch, epochs });
}

function withoutMomentum(): ArgminError {
  return new ArgminError(
    "value/invalid",
    "The learning-rate schedule gives a momentum, but the optimizer has none; take optimizer.sgd or rmsprop with a momentum above 0, or leave it out of the schedule.",
  );
}

/** Writes the batches of an epoch: examples, augmented, their targets and dropout masks. All chance is a function of the step. */
class BatchWriter {
  readonly #engine: Engine;
  readonly #plan: FitPlan;
  readonly #order: Uint32Array;
  readonly #augmentations: Rng;
  readonly #masks: StepMasks;

  constructor(engine: Engine, plan: FitPlan, rng: Rng, order: Uint32Array) {
    this.#engine = engine;
    this.#plan = plan;
    this.#order = order;
    this.#augmentations = rng.split("augmentation");
    this.#masks = new StepMasks(rng);
  }

  write(buffers: TrainStep, from: number, to: number, step: number): void {
    const { examples, augmentation } = this.#plan;
    const { model, outputs } = this.#engine.parts;
    const rows = to - from;
    gatherInputs(buffers.input, examples, this.#order, from, to);
    const batch = { inputs: buffers.input, rows, shape: model.inputShape };
    const blend = augmentation?.apply(batch, this.#augmentations.split(step));
    outputs.forEach(({ target }, i) => {
      gatherTargets(buffers.targets[i]!, examples.labels[i]!, target, this.#order, from, to);
      if (blend !== undefined) blendTargets(buffers.targets[i]!, rows, target.units, blend);
    });
    this.#masks.write(buffers, step);
  }
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
