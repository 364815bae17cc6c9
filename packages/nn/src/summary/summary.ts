import { sizeOf, type Shape } from "../graph/value.ts";
import type { Model, ModelCall } from "../layers/model.ts";

/** What a model costs, before anything is trained. */
export interface ModelSummary {
  readonly name: string;
  readonly layers: readonly LayerSummary[];
  /** Numbers that training changes. */
  readonly parameters: number;
  /** Floating-point operations an example; a multiplication with an addition counts as two. */
  readonly flops: Flops;
  readonly memory: MemoryEstimate;
}

export interface LayerSummary {
  readonly name: string;
  readonly kind: string;
  /** Of one example. */
  readonly outputShape: Shape;
  readonly parameters: number;
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
  readonly gradients: number;
  /** Each layer's output and the gradient to it, for the whole batch, with the batch itself. */
  readonly activations: number;
  readonly total: number;
}

const BYTES = 4;

/**
 * Counts a model's parameters, arithmetic and memory.
 *
 * A layer's backward pass does its forward multiplications once for its kernel and once for its input, unless that is the model's;
 * all else counts once more.
 *
 * @param slots - How many numbers the optimizer keeps for each weight.
 */
export function summarize(
  model: Model,
  { batchSize, slots }: { readonly batchSize: number; readonly slots: number },
): ModelSummary {
  const counted = new Set<string>();
  const layers = model.calls.map((call): LayerSummary => {
    const isRepeated = counted.has(call.name);
    counted.add(call.name);
    return {
      name: call.name,
      kind: call.definition.kind,
      outputShape: call.plan.outputShape,
      parameters: isRepeated ? 0 : call.plan.weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      flops: flopsOf(call, learnsBefore(model, call)),
    };
  });
  const values = sizeOf(model.inputShape) + 2 * model.calls.reduce((sum, { plan }) => sum + sizeOf(plan.outputShape), 0);
  const weights = 2 * BYTES * model.weightCount;
  const memory = {
    weights,
    slots: weights * slots,
    gradients: BYTES * model.weightCount,
    activations: BYTES * batchSize * values,
  };
  return {
    name: model.name,
    layers,
    parameters: model.weightCount,
    flops: {
      forward: layers.reduce((sum, { flops }) => sum + flops.forward, 0),
      training: layers.reduce((sum, { flops }) => sum + flops.training, 0),
    },
    memory: { batchSize, ...memory, total: memory.weights + memory.slots + memory.gradients + memory.activations },
  };
}

/** Whether a gradient has to pass through the call's inputs. */
function learnsBefore(model: Model, call: ModelCall): boolean {
  return call.from.some((source) => {
    const before = model.calls[source];
    return before !== undefined && (before.plan.weights.length > 0 || learnsBefore(model, before));
  });
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
