import { byteSizeOf, largestLiveBytes } from "../graph/live-bytes.ts";
import { sizeOf, type Shape } from "../graph/value.ts";
import { isTrained, type Model, type ModelCall } from "../layers/model.ts";
import { checkCount, type StepOptions } from "../training/options.ts";
import { graphPartsOf } from "../training/parts.ts";
import { names, trainGraph, WEIGHTS, type GraphParts } from "../training/graphs.ts";

/** What a model costs, before anything is trained. */
export interface ModelSummary {
  readonly name: string;
  readonly layers: readonly LayerSummary[];
  /** Numbers that training learns. */
  readonly parameters: number;
  /** Numbers that it only keeps: running means and variances. */
  readonly statistics: number;
  /** Floating-point operations an example; a multiplication with an addition counts as two. */
  readonly flops: Flops;
  /** Worked out when it is first asked for: the training step is built for it, which takes tens of milliseconds for deep networks. */
  readonly memory: MemoryEstimate;
}

export interface LayerSummary {
  readonly name: string;
  readonly kind: string;
  /** Of one example. */
  readonly outputShape: Shape;
  readonly parameters: number;
  readonly statistics: number;
  readonly flops: Flops;
}

/** Operations an example. */
export interface Flops {
  readonly forward: number;
  /** Forward and backward, without the optimizer's, which do not depend on the examples. */
  readonly training: number;
}

/** Bytes that a training step holds, at least: what the runtime adds is not known before it runs. */
export interface MemoryEstimate {
  readonly batchSize: number;
  /** Weights, twice: a step writes the next ones beside those it reads. */
  readonly weights: number;
  /** What the optimizer keeps, twice. */
  readonly slots: number;
  /** What comes in and goes out with each batch: examples (as float32), targets, dropout masks, predictions. */
  readonly batch: number;
  /** The most that is there at a time of what the step computes: outputs of layers, gradients, what is gathered for products. */
  readonly intermediates: number;
  readonly total: number;
  /**
   * What a process that trains it is likely to hold at its most: the total, what ONNX Runtime's allocator leaves unused, and Node and
   * ONNX Runtime themselves. Measured: 1.0 times the real peak of system A's networks in batches of 32 and 64, 1.2 times that of system
   * C's in batches of 128.
   */
  readonly process: number;
}

/** What the cost of training depends on beside the model. */
export interface SummaryOptions<Output extends string = never> extends Partial<StepOptions<Output>> {
  /** Examples a step; default 32. */
  readonly batchSize?: number;
}

/**
 * What a model costs to train: parameters, arithmetic and memory, without compiling anything or making room for weights.
 *
 * @param options - Default: Adam, and the mean squared error of each output, which costs as much as other losses.
 * @throws ArgminError `model/invalid` if model and loss do not go together, `value/invalid` for settings out of range.
 */
export function summarizeModel<Output extends string = never>(
  model: Model<Output>,
  { batchSize = 32, loss, optimizer = "adam", ...options }: SummaryOptions<Output> = {},
): ModelSummary {
  checkCount(batchSize, 1, "batch size");
  return summarize(graphPartsOf(model, { ...options, optimizer, loss: loss ?? "meanSquaredError" }), batchSize);
}

/**
 * Counts a model's parameters, arithmetic and memory: the last of its compiled training step, from the sizes of all its tensors.
 *
 * A layer's backward pass does its forward multiplications once for its kernel and once for its input, unless that is the model's;
 * all else counts once more. Where the step computes two layers as one it does less.
 */
export function summarize(parts: GraphParts, batchSize: number): ModelSummary {
  const { model, rule } = parts;
  const counted = new Set<string>();
  // Whether a call, or one before it, has weights.
  const learns: boolean[] = [];
  const layers = model.calls.map((call): LayerSummary => {
    const passesOn = call.from.some((source) => learns[source] ?? false);
    learns.push(passesOn || call.plan.weights.length > 0);
    const isRepeated = counted.has(call.name);
    counted.add(call.name);
    return {
      name: call.name,
      kind: call.definition.kind,
      outputShape: call.plan.outputShape,
      parameters: isRepeated ? 0 : countOf(call.plan.weights.filter(isTrained)),
      statistics: isRepeated ? 0 : countOf(call.plan.weights.filter((weight) => !isTrained(weight))),
      flops: flopsOf(call, passesOn),
    };
  });
  const parameters = countOf(model.weights.filter(isTrained));
  let memory: MemoryEstimate | undefined;
  return {
    name: model.name,
    layers,
    parameters,
    statistics: model.weightCount - parameters,
    flops: {
      forward: layers.reduce((sum, { flops }) => sum + flops.forward, 0),
      training: layers.reduce((sum, { flops }) => sum + flops.training, 0),
    },
    get memory() {
      memory ??= estimateMemory(parts, batchSize, 2 * 4 * model.weightCount, 2 * 4 * parameters * rule.slots.length);
      return memory;
    },
  };
}

/** What Node and ONNX Runtime take before and beside any training step. */
const PROCESS_BYTES = 200e6;

/** What the process holds for each byte of a step. */
const UNUSED_SHARE = 1.45;

function estimateMemory(parts: GraphParts, batchSize: number, weights: number, slots: number): MemoryEstimate {
  const graph = trainGraph(parts, batchSize, "float32");
  const state = new Set(
    parts.buckets.flatMap((bucket) => [WEIGHTS, ...parts.rule.slots].map((slot) => names.state(bucket, slot))),
  );
  const predictions = new Set(parts.outputs.map(names.prediction));
  const batch = [
    ...graph.inputs.filter(({ name }) => !state.has(name)),
    ...graph.outputs.filter(({ name }) => predictions.has(name)).map(({ value }) => value),
  ].reduce((sum, value) => sum + byteSizeOf(value), 0);
  const intermediates = largestLiveBytes(graph);
  const total = weights + slots + batch + intermediates;
  return { batchSize, weights, slots, batch, intermediates, total, process: PROCESS_BYTES + Math.round(UNUSED_SHARE * total) };
}

function countOf(weights: readonly { readonly shape: Shape }[]): number {
  return weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function flopsOf({ plan }: ModelCall, passesOn: boolean): Flops {
  const products = 2 * plan.cost.multiplyAdds;
  const others = plan.cost.others + (plan.activation === "linear" ? 0 : sizeOf(plan.outputShape));
  const learns = plan.weights.length > 0;
  const backward = products * ((learns ? 1 : 0) + (passesOn ? 1 : 0)) + (learns || passesOn ? others : 0);
  // Dropping is one multiplication an element, each way.
  const dropped = plan.dropoutRate > 0 ? sizeOf(plan.outputShape) * (passesOn ? 2 : 1) : 0;
  return { forward: products + others, training: products + others + backward + dropped };
}
