import { ArgminError } from "@argmin/base";
import { sameShape, sizeOf, type Shape } from "../graph/value.ts";
import {
  input as makeInput,
  numbered,
  type Layer,
  type LayerCall,
  type LayerDefinition,
  type SymbolicTensor,
  type WeightPlan,
} from "./layer.ts";

/** A weight of a model. */
export interface ModelWeight extends WeightPlan {
  /** The key in checkpoints and in exported graphs: `conv2d_1.kernel`. */
  readonly name: string;
  /** Where the weight starts when all are laid one after the other. */
  readonly offset: number;
  readonly size: number;
}

/** One application of a layer in a model. */
export interface ModelCall extends LayerCall {
  /** The layer's name. A layer that is called twice has two calls of one name. */
  readonly name: string;
  /** Which of the model's calls gives each input; -1 is the model's input. */
  readonly from: readonly number[];
}

/** What comes out of a model. */
export interface ModelOutput<Output extends string = string> {
  /** Undefined for the one output of a model whose outputs have no names. */
  readonly name: Output | undefined;
  readonly shape: Shape;
  /** Which of the model's calls gives it. */
  readonly call: number;
}

/**
 * A network: layers from one input to its outputs, each after those it needs. It holds no weights' values.
 *
 * `Output` are the names of its outputs; `never`, as by default, where there is one without a name.
 */
export interface Model<Output extends string = never> {
  readonly name: string;
  readonly inputShape: Shape;
  /** At least one. */
  readonly outputs: readonly ModelOutput<Output>[];
  readonly calls: readonly ModelCall[];
  readonly weights: readonly ModelWeight[];
  /** How many numbers the weights have in all, statistics included. */
  readonly weightCount: number;
}

/** Whether training learns a weight; statistics it only keeps. */
export function isTrained(weight: WeightPlan): boolean {
  return weight.isTrained ?? true;
}

/** A model of any outputs. */
export type AnyModel = Model<string>;

/** What a model is made of. */
export interface ModelOptions<Output = SymbolicTensor> {
  readonly input: SymbolicTensor;
  /** A tensor, or several by name: `{ fine, coarse }`. */
  readonly output: Output;
  /** Default "model". */
  readonly name?: string;
}

/** Tensors by the name of the output they are. */
type NamedTensors<Output extends string> = Readonly<Record<Output, SymbolicTensor>>;

/**
 * A model from symbolic tensors.
 *
 * @throws ArgminError `model/invalid` if an output does not come from the input or has an unfit name, if two layers have one name,
 * or if a layer called twice would need two sizes of weights.
 */
export function model(options: ModelOptions): Model;
export function model<Output extends string>(options: ModelOptions<NamedTensors<Output>>): Model<Output>;
export function model<Output extends string>(options: ModelOptions<SymbolicTensor | NamedTensors<Output>>): Model<Output> {
  const { input, output, name = "model" } = options;
  const tensors = outputsOf(output);
  const order = sortCalls(
    input,
    tensors.map(({ tensor }) => tensor),
  );
  const names = nameLayers(order.map(({ definition }) => definition));
  const calls = order.map((call) => ({
    definition: call.definition,
    inputs: call.inputs,
    plan: call.plan,
    name: names.get(call.definition)!,
    from: call.inputs.map(({ source }) => (source === undefined ? -1 : order.indexOf(source))),
  }));
  const weights = layOutWeights(calls);
  return Object.freeze({
    name,
    inputShape: input.shape,
    outputs: tensors.map(({ name: key, tensor }) => ({ name: key, shape: tensor.shape, call: order.indexOf(tensor.source!) })),
    calls,
    weights,
    weightCount: weights.reduce((sum, { size }) => sum + size, 0),
  });
}

/** A model whose layers follow one another. `input` is the shape of one example, `[channel, height, width]` for images. */
export function sequential(options: { readonly input: Shape; readonly name?: string }, layers: readonly Layer[]): Model {
  const input = makeInput(options.input);
  const output = layers.reduce((tensor, layer) => layer(tensor), input);
  return model({ ...options, input, output });
}

function outputsOf<Output extends string>(
  output: SymbolicTensor | NamedTensors<Output>,
): readonly { readonly name: Output | undefined; readonly tensor: SymbolicTensor }[] {
  if (isTensor(output)) return [{ name: undefined, tensor: output }];
  const names = keysOf(output);
  if (names.length === 0) throw new ArgminError("model/invalid", "A model needs at least one output.");
  for (const name of names) checkOutputName(name);
  return names.map((name) => ({ name, tensor: output[name] }));
}

function isTensor(output: object): output is SymbolicTensor {
  return "shape" in output && Array.isArray(output.shape);
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): readonly Key[] {
  const keys: Key[] = [];
  for (const key in record) keys.push(key);
  return keys;
}

/** Names become parts of others: `fineLoss`, `validationFineLoss`. */
function checkOutputName(name: string): void {
  if (/^[a-z][A-Za-z0-9]*$/.test(name) && !/^(input$|validation)/.test(name)) return;
  throw new ArgminError(
    "model/invalid",
    `An output cannot be named "${name}"; start with a lower-case letter, use letters and digits only, and neither "input" nor what starts with "validation".`,
  );
}

/** The calls between input and outputs, each after those it needs. */
function sortCalls(input: SymbolicTensor, outputs: readonly SymbolicTensor[]): readonly LayerCall[] {
  const order: LayerCall[] = [];
  const done = new Set<LayerCall>();
  const visit = (tensor: SymbolicTensor): void => {
    if (tensor === input) return;
    if (tensor.source === undefined) {
      throw new ArgminError(
        "model/invalid",
        `The output depends on another input, of [${tensor.shape.join(", ")}]; a model has one input, give it as such.`,
      );
    }
    if (done.has(tensor.source)) return;
    done.add(tensor.source);
    tensor.source.inputs.forEach(visit);
    order.push(tensor.source);
  };
  outputs.forEach(visit);
  if (outputs.some(({ source }) => source === undefined))
    throw new ArgminError("model/invalid", "A model needs at least one layer between its input and its output.");
  return order;
}

function nameLayers(definitions: readonly LayerDefinition[]): ReadonlyMap<LayerDefinition, string> {
  const names = new Map<LayerDefinition, string>();
  const taken = new Set<string>();
  for (const definition of definitions) {
    if (definition.name === undefined || names.has(definition)) continue;
    if (taken.has(definition.name)) {
      throw new ArgminError("model/invalid", `Two layers are named ${definition.name}; give one of them another name.`);
    }
    taken.add(definition.name);
    names.set(definition, definition.name);
  }
  for (const definition of definitions) {
    if (names.has(definition)) continue;
    let index = 0;
    while (taken.has(numbered(definition.kind, index))) index += 1;
    taken.add(numbered(definition.kind, index));
    names.set(definition, numbered(definition.kind, index));
  }
  return names;
}

/** The weights of these calls, each once, one after the other. */
export function layOutWeights(calls: readonly ModelCall[]): readonly ModelWeight[] {
  const weights = new Map<string, ModelWeight>();
  let offset = 0;
  for (const call of calls) {
    for (const plan of call.plan.weights) {
      const name = `${call.name}.${plan.key}`;
      const known = weights.get(name);
      if (known === undefined) {
        const size = sizeOf(plan.shape);
        weights.set(name, { ...plan, name, offset, size });
        offset += size;
      } else if (!sameShape(known.shape, plan.shape)) {
        throw new ArgminError(
          "model/invalid",
          `Layer ${call.name} is called on inputs of two shapes: its ${plan.key} would be [${known.shape.join(", ")}] and [${plan.shape.join(", ")}]; use two layers.`,
        );
      }
    }
  }
  return [...weights.values()];
}
