import { ArgminError } from "@argmin/base";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Shape, Value } from "../graph/value.ts";
import { activate } from "../layers/activations.ts";
import { emitForward } from "../layers/forward.ts";
import type { AnyModel, ModelCall } from "../layers/model.ts";
import { partUpTo } from "../layers/part.ts";
import type { Weights } from "../training/callbacks.ts";

/** A layer that can be looked at in a trained network. */
export interface NetworkLayer {
  readonly name: string;
  readonly isConvolution: boolean;
  /** What comes out of it for one example: channels (or units) first. */
  readonly shape: Shape;
  /** Multiplications with an addition each that lead to its output, for one example. */
  readonly multiplyAdds: number;
  /**
   * The layer where its channels speak: itself, if it has an activation or others go on from it; else the activation behind it, if
   * only normalization and sums lie between; else the first of those sums, as at the end of a residual block.
   */
  readonly speaksBehind: string;
}

/** A network with weights whose layers can be looked at one by one. */
export interface TrainedNetwork {
  readonly name: string;
  /** Of one example. */
  readonly inputShape: Shape;
  /** Each after those it needs. */
  readonly layers: readonly NetworkLayer[];
  readonly weights: Weights;
  /**
   * Adds the nodes that lead to a layer's output, as after training: nothing is dropped, statistics are those that were kept. The
   * weights are parameters under their names.
   */
  readonly emit: (builder: GraphBuilder, input: Value, layer: string) => Value;
}

/** @throws ArgminError `model/invalid`, naming the layers there are, if there is none of that name. */
export function layerOf({ name: network, layers }: TrainedNetwork, name: string): NetworkLayer {
  const layer = layers.find((one) => one.name === name);
  if (layer !== undefined) return layer;
  const names = layers.map((one) => one.name).join(", ");
  throw new ArgminError("model/invalid", `${network} has no layer ${name}; it has ${names}.`);
}

/**
 * A model with its weights. A layer that is called several times stands there once, as its last call.
 *
 * @throws ArgminError `model/weights` if a weight is missing or of another size.
 */
export function trainedNetwork(model: AnyModel, weights: Weights): TrainedNetwork {
  for (const { name, size, shape } of model.weights) {
    const length = weights.get(name)?.length;
    if (length === size) continue;
    throw new ArgminError(
      "model/weights",
      `The weight ${name} wants ${size} numbers ([${shape.join(", ")}]), not ${length ?? "none"}.`,
    );
  }
  const { name, inputShape, calls } = model;
  const last = calls.filter((call, index) => calls.findLastIndex((other) => other.name === call.name) === index);
  return {
    name,
    inputShape,
    weights,
    layers: last.map((call): NetworkLayer => ({
      name: call.name,
      isConvolution: call.definition.kind === "conv2d",
      shape: call.plan.outputShape,
      multiplyAdds: partUpTo(model, call.name).calls.reduce((sum, { plan }) => sum + plan.cost.multiplyAdds, 0),
      speaksBehind: speakerBehind(model, call) ?? call.name,
    })),
    emit: (builder, input, layer) => {
      const part = partUpTo(model, layer);
      const values = new Map(part.weights.map((weight) => [weight.name, builder.parameter(weight.name, weight.shape)]));
      const { heads } = emitForward(part, { builder, input, weight: (weight) => values.get(weight)! });
      const { activation, preActivation } = heads[0]!;
      return builder.scope(layer, () => activate(builder, activation, preActivation));
    },
  };
}

/** The activation that a layer without one of its own leads to through normalization and sums alone; else the first of the sums. */
function speakerBehind({ calls, outputs }: AnyModel, call: ModelCall): string | undefined {
  let at = call;
  let sum: string | undefined;
  while (at.plan.activation === "linear") {
    const index = calls.indexOf(at);
    const users = calls.filter(({ from }) => from.includes(index));
    const [next] = users;
    if (next === undefined || users.length > 1 || outputs.some((output) => output.call === index)) return sum;
    const { kind } = next.definition;
    if (kind !== "batchNormalization" && kind !== "activation" && kind !== "add") return sum;
    if (kind === "add") sum ??= next.name;
    at = next;
  }
  return at.name;
}
