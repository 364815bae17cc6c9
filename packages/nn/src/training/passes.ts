import { gatherInputs, gatherTargets, positionsOf } from "./batches.ts";
import type { Engine } from "./engine.ts";
import type { ParsedExamples } from "./examples.ts";
import { interrupted } from "./failures.ts";
import type { Evaluation } from "./history.ts";
import { MetricSums } from "./metric-sums.ts";
import type { PassOptions } from "./options.ts";
import { penaltyOf } from "./penalty.ts";

/** Examples judged at once. From 16 on more are no faster, and what they leave in the caches is used again. */
const EVALUATION_BATCH = 64;

/** Judges a set by the weights as they are. */
export async function evaluateExamples(
  engine: Engine,
  examples: ParsedExamples,
  { batchSize = EVALUATION_BATCH, signal, onBatch }: PassOptions,
): Promise<Evaluation> {
  const { model, outputs } = engine.parts;
  const batch = passSize(batchSize, examples.count);
  const pass = await engine.forward(batch, examples.inputType, "losses");
  const order = positionsOf(examples);
  const targets = outputs.map(({ target }) => new Float32Array(batch * target.units));
  const penalty = penaltyOf(model, (weight) => engine.state.view(weight));
  const sums = new MetricSums(outputs);
  for (let from = 0; from < examples.count; from += batch) {
    if (signal?.aborted) throw interrupted("The evaluation was interrupted.", signal);
    const to = Math.min(from + batch, examples.count);
    gatherInputs(pass.input, examples, order, from, to);
    outputs.forEach(({ target }, i) => gatherTargets(targets[i]!, examples.labels[i]!, target, order, from, to));
    await pass.run();
    sums.add(pass.predictions, targets, to - from, penalty);
    onBatch?.(to, examples.count);
  }
  return sums.evaluation();
}

/** The model's outputs for inputs, `[count, unit]` each. */
export async function predictInputs(
  engine: Engine,
  inputs: Pick<ParsedExamples, "values" | "inputType" | "size" | "count">,
  { batchSize = EVALUATION_BATCH, signal, onBatch }: PassOptions,
): Promise<readonly Float32Array[]> {
  const { values, inputType, size, count } = inputs;
  const units = engine.parts.outputs.map(({ target }) => target.units);
  const results = units.map((length) => new Float32Array(count * length));
  if (count === 0) return results;
  const batch = passSize(batchSize, count);
  const pass = await engine.forward(batch, inputType, "outputs");
  for (let from = 0; from < count; from += batch) {
    if (signal?.aborted) throw interrupted("The prediction was interrupted.", signal);
    const to = Math.min(from + batch, count);
    pass.input.set(values.subarray(from * size, to * size));
    await pass.run();
    results.forEach((result, i) => result.set(pass.predictions[i]!.subarray(0, (to - from) * units[i]!), from * units[i]!));
    onBatch?.(to, count);
  }
  return results;
}

/**
 * The size of the batches in which `count` examples are looked at: `batchSize`, or the power of two that holds a smaller set, so
 * that sets of many sizes need few sessions. The rows beyond the set are what they were; nobody looks at what comes of them.
 */
function passSize(batchSize: number, count: number): number {
  return Math.min(batchSize, 2 ** Math.ceil(Math.log2(count)));
}
