import { ArgminError } from "@argmin/base";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";
import { makeLayer, onlyInput, type Layer, type LayerOptions } from "./layer.ts";

/** Keras's activations, in camel case. */
export type ActivationName = keyof typeof emitters;

type Emitter = (builder: GraphBuilder, x: Value) => Value;

const silu: Emitter = ({ op }, x) => op.Mul(x, op.Sigmoid(x));

/** Constants are Keras 3's. `softmax` goes over the units, or over the channels of images. */
const emitters = {
  linear: (_builder, x) => x,
  relu: ({ op }, x) => op.Relu(x),
  tanh: ({ op }, x) => op.Tanh(x),
  sigmoid: ({ op }, x) => op.Sigmoid(x),
  softmax: ({ op }, x) => op.Softmax(x, 1),
  elu: ({ op }, x) => op.Elu(x),
  selu: ({ op }, x) => op.Selu(x),
  gelu: ({ op }, x) => op.Gelu(x),
  silu,
  swish: silu,
  softplus: ({ op }, x) => op.Softplus(x),
  softsign: ({ op }, x) => op.Softsign(x),
  leakyRelu: ({ op }, x) => op.LeakyRelu(x, 0.2),
  hardSigmoid: ({ op }, x) => op.HardSigmoid(x, 1 / 6),
  exponential: ({ op }, x) => op.Exp(x),
} as const satisfies { readonly [name: string]: Emitter };

/** The names of all activations. */
export const activationNames = Object.freeze(Object.keys(emitters));

/** Activations that work on each element alone and of two elements keep the larger one the larger. */
const monotone: ReadonlySet<ActivationName> = new Set([
  "linear",
  "relu",
  "tanh",
  "sigmoid",
  "elu",
  "selu",
  "softplus",
  "softsign",
  "leakyRelu",
  "hardSigmoid",
  "exponential",
]);

/** Whether the largest of some elements stays the largest through the activation. */
export function isMonotone(name: ActivationName): boolean {
  return monotone.has(name);
}

/** Applies an activation to `[batch, ...]`. */
export function activate(builder: GraphBuilder, name: ActivationName, x: Value): Value {
  return emitters[name](builder, x);
}

/** Whether there is an activation of this name. */
export function isActivationName(name: string): name is ActivationName {
  return Object.hasOwn(emitters, name);
}

/** @throws ArgminError `model/invalid` naming the known ones if `name` is none of them. */
export function checkActivation(name: string, owner: string): void {
  if (isActivationName(name)) return;
  throw new ArgminError("model/invalid", `${owner} has no activation "${name}"; choose one of ${activationNames.join(", ")}.`);
}

/** Applies an activation element by element (softmax: over the units or channels). */
export function activation(name: ActivationName, options: LayerOptions = {}): Layer {
  checkActivation(name, "An activation layer");
  return makeLayer({
    kind: "activation",
    name: options.name,
    plan: (inputs) => ({
      outputShape: onlyInput(inputs),
      weights: [],
      activation: name,
      dropoutRate: 0,
      cost: { multiplyAdds: 0, others: 0 },
      emit: (_context, [x]) => x!,
    }),
  });
}
