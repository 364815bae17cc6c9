import { ArgminError, isArgminError } from "@argmin/base";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Shape, Value } from "../graph/value.ts";
import type { Fans, Initializer } from "../initializers/initializer.ts";
import type { ActivationName } from "./activations.ts";
import type { Regularizer } from "./regularizer.ts";

/**
 * @file What a layer is: a definition (its settings), a plan (the definition on inputs of certain shapes) and the nodes it
 * emits for a batch. Shapes here are those of one example, without the batch axis.
 */

/** What is known of a tensor before any data flows: the shape of one example, and the layer it comes out of. */
export interface SymbolicTensor {
  readonly shape: Shape;
  /** Undefined for the input of a model. */
  readonly source: LayerCall | undefined;
}

/** A layer applied to tensors. */
export interface LayerCall {
  readonly definition: LayerDefinition;
  readonly inputs: readonly SymbolicTensor[];
  readonly plan: LayerPlan;
}

/** A layer's settings. Its identity is the object: a layer called twice uses the same weights twice. */
export interface LayerDefinition {
  /** Keras's name of the layer, in camel case: `conv2d`, `maxPooling2d`. */
  readonly kind: string;
  /** Undefined: the model numbers the layers of a kind as Keras does, `dense`, `dense_1`. */
  readonly name: string | undefined;
  /**
   * The layer on inputs of these shapes.
   *
   * @throws ArgminError `model/invalid` if they do not fit; the caller adds the layer's name.
   */
  readonly plan: (inputs: readonly Shape[]) => LayerPlan;
}

/** A layer on inputs of certain shapes. */
export interface LayerPlan {
  readonly outputShape: Shape;
  readonly weights: readonly WeightPlan[];
  /** What slides over its images, if something does. */
  readonly window?: SlidingWindow;
  /** Applied to what `emit` returns. */
  readonly activation: ActivationName;
  /** The share of elements that training sets to zero, if it does that. */
  readonly dropoutRate: number;
  readonly cost: LayerCost;
  /** Adds the nodes up to the activation. */
  readonly emit: (context: EmitContext, inputs: readonly Value[]) => Value;
}

/** A kernel or a pool that moves over images. */
export interface SlidingWindow {
  readonly size: readonly [height: number, width: number];
  /** How far it moves at a time. */
  readonly strides: readonly [vertical: number, horizontal: number];
}

/** A weight of a layer. */
export interface WeightPlan {
  /** `kernel` or `bias`. */
  readonly key: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  readonly fans: Fans;
  /** Default true; false for statistics that training keeps beside what it learns: no gradient, no optimizer, no regularizer. */
  readonly isTrained?: boolean;
  /** What it adds to the loss. */
  readonly regularizer?: Regularizer;
}

/** Arithmetic of the forward pass for one example, without the activation. */
export interface LayerCost {
  /** Multiplications with an addition each. */
  readonly multiplyAdds: number;
  /** Other operations: bias additions, comparisons. */
  readonly others: number;
}

/** What a layer may use while it adds its nodes. */
export interface EmitContext {
  readonly builder: GraphBuilder;
  readonly batch: number;
  /** The tensor of one of the plan's weights. */
  readonly weight: (key: string) => Value;
  /** Factors of the shape of the layer's input, 0 or 1 / (1 - rate); undefined when nothing is dropped. */
  readonly mask: Value | undefined;
  /** In training, takes the value that one of the plan's statistics has after the step; otherwise undefined. */
  readonly update: ((key: string, next: Value) => void) | undefined;
}

/** A layer is called on symbolic tensors and gives the one that comes out. */
export interface Layer {
  (...inputs: readonly [SymbolicTensor, ...SymbolicTensor[]]): SymbolicTensor;
  readonly definition: LayerDefinition;
}

/** What every layer's options may have. */
export interface LayerOptions {
  /** What messages, the summary and checkpoints call the layer: a letter, then letters, digits, `_` and `-`. */
  readonly name?: string;
}

/** The symbolic tensor that a model starts from: the shape of one example, `[channel, height, width]` for images. */
export function input(shape: Shape): SymbolicTensor {
  if (shape.length === 0 || shape.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new ArgminError(
      "model/invalid",
      `A model's input wants positive whole sizes, such as [1, 28, 28], not [${shape.join(", ")}].`,
    );
  }
  return Object.freeze({ shape: Object.freeze([...shape]), source: undefined });
}

/** A layer from its definition. */
export function makeLayer({ kind, name, plan }: LayerDefinition): Layer {
  if (name !== undefined && !/^[A-Za-z][\w-]*$/.test(name)) {
    throw new ArgminError(
      "model/invalid",
      `A ${kind} layer cannot be named "${name}"; start with a letter and use letters, digits, _ and - only.`,
    );
  }
  const definition: LayerDefinition = Object.freeze({ kind, name, plan });
  const call = (...inputs: readonly [SymbolicTensor, ...SymbolicTensor[]]): SymbolicTensor => {
    const made: LayerCall = Object.freeze({ definition, inputs, plan: planOrNamedError(definition, inputs) });
    return Object.freeze({ shape: made.plan.outputShape, source: made });
  };
  return Object.freeze(Object.assign(call, { definition }));
}

function planOrNamedError(definition: LayerDefinition, inputs: readonly SymbolicTensor[]): LayerPlan {
  try {
    return definition.plan(inputs.map(({ shape }) => shape));
  } catch (error) {
    if (!isArgminError(error, "model/invalid")) throw error;
    const name = definition.name ?? numbered(definition.kind, earlierLayers(definition, inputs));
    throw new ArgminError("model/invalid", `Layer ${name}: ${error.message}`, { cause: error });
  }
}

/** Keras's numbering: the first of a kind has none. */
export function numbered(kind: string, index: number): string {
  return index === 0 ? kind : `${kind}_${index}`;
}

/** How many other unnamed layers of the kind lie before these tensors. */
function earlierLayers(definition: LayerDefinition, inputs: readonly SymbolicTensor[]): number {
  const found = new Set<LayerDefinition>();
  const visited = new Set<SymbolicTensor>();
  const queue = [...inputs];
  for (let tensor = queue.pop(); tensor !== undefined; tensor = queue.pop()) {
    if (visited.has(tensor) || tensor.source === undefined) continue;
    visited.add(tensor);
    const { definition: other, inputs: before } = tensor.source;
    if (other.kind === definition.kind && other.name === undefined) found.add(other);
    queue.push(...before);
  }
  found.delete(definition);
  return found.size;
}

/** The only input of a layer that takes one. @throws ArgminError `model/invalid` if there are more. */
export function onlyInput(inputs: readonly Shape[]): Shape {
  const [shape, ...rest] = inputs;
  if (shape === undefined || rest.length > 0) throw new ArgminError("model/invalid", `takes one input, not ${inputs.length}.`);
  return shape;
}

/** @throws ArgminError `model/invalid` unless `value` is a positive whole number. */
export function positiveInteger(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new ArgminError("model/invalid", `${what} must be a positive whole number, not ${value}.`);
  }
  return value;
}
