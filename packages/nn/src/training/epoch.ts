import { ArgminError, type Rng } from "@argmin/base";
import { blendTargets } from "./augmentation.ts";
import { gatherInputs, gatherTargets, positionsOf } from "./batches.ts";
import type { Engine, TrainStep } from "./engine.ts";
import { diverged, interrupted } from "./failures.ts";
import type { EpochPosition, FitPlan, TrainingProgress } from "./fit.ts";
import type { Evaluation } from "./history.ts";
import { MetricSums } from "./metric-sums.ts";
import { scheduledStep, type ScheduledStep } from "./schedules.ts";

/**
 * One pass over the training set, or what is left of it; the last batch is as small as that.
 *
 * Batches are not made ahead: ONNX Runtime's binding runs a step on the calling thread, so nothing would happen beside it.
 *
 * @param afterStep - Awaited after each step, whose number in the epoch it is told, 1 for the first.
 * @throws ArgminError `value/invalid` if the training stands within an epoch of other examples or batches.
 */
export async function trainEpoch(
  engine: Engine,
  progress: TrainingProgress,
  plan: FitPlan,
  epoch: number,
  afterStep: (epoch: number, stepInEpoch: number) => Promise<void>,
): Promise<{ readonly evaluation: Evaluation; readonly seconds: number }> {
  const { outputs, rule } = engine.parts;
  const { examples, batchSize, shuffle, signal } = plan;
  const { count } = examples;
  const start = progress.position?.();
  if (start !== undefined) checkPosition(start, plan);
  const { firstStep = progress.step, seconds: earlierSeconds = 0 } = start ?? {};
  const startMs = performance.now();
  const elapsed = (): number => earlierSeconds + (performance.now() - startMs) / 1000;
  const order = positionsOf(examples);
  if (shuffle) progress.rng.split("shuffle", firstStep).shuffle(order);
  const writer = new BatchWriter(engine, plan, progress.rng, order);
  const full = batchSize <= count ? await engine.trainStep(batchSize, examples.inputType) : undefined;
  const sums = new MetricSums(outputs);
  if (start !== undefined) sums.restore(start.sums);
  for (let from = start?.done ?? 0; from < count; from += batchSize) {
    const to = Math.min(from + batchSize, count);
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
    progress.position = () => ({
      firstStep,
      done: to,
      count,
      batchSize,
      shuffle,
      sums: sums.state(),
      seconds: elapsed(),
    });
    await afterStep(epoch, Math.ceil(to / batchSize));
  }
  progress.position = undefined;
  return { evaluation: sums.evaluation(), seconds: elapsed() };
}

function checkPosition(position: EpochPosition, { examples, batchSize, shuffle }: FitPlan): void {
  if (position.count === examples.count && position.batchSize === batchSize && position.shuffle === shuffle) return;
  const describe = (count: number, size: number, isShuffled: boolean): string =>
    `${count} examples in batches of ${size}${isShuffled ? "" : ", not shuffled"}`;
  throw new ArgminError(
    "value/invalid",
    `The training stands within an epoch of ${describe(position.count, position.batchSize, position.shuffle)}; it cannot go on with ` +
      `${describe(examples.count, batchSize, shuffle)}: give it the same, or load with { optimizer: false } to take the weights alone.`,
  );
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

/** Draws the random bytes of a step's dropout masks, each from a stream of its own: its layer's, its call's and the step's. */
class StepMasks {
  readonly #rng: Rng;
  readonly #streams = new Map<string, Rng>();

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  write({ masks }: TrainStep, step: number): void {
    for (const { layer, use, words } of masks) {
      const key = `${layer}/${use}`;
      const stream = this.#streams.get(key) ?? this.#rng.split("dropout", layer, use);
      this.#streams.set(key, stream);
      stream.split(step).fillUint32(words);
    }
  }
}
