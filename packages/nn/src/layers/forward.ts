import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";
import { activate, isMonotone, type ActivationName } from "./activations.ts";
import type { AnyModel, ModelCall } from "./model.ts";

/** What the forward pass is written with. */
export interface ForwardOptions {
  readonly builder: GraphBuilder;
  /** A batch: `[batch, ...inputShape]`, float32, or uint8 pixels, which are divided by 255. */
  readonly input: Value;
  /** The tensor of a weight by its name. */
  readonly weight: (name: string) => Value;
  /** In training: the mask of a call that drops elements. Without it nothing is dropped and statistics are as they were kept. */
  readonly mask?: (call: ModelCall, index: number) => Value | undefined;
}

/** What a forward pass leads to. */
export interface Forward {
  /** One an output of the model. */
  readonly heads: readonly Head[];
  /** What the statistics have become, by name, in training. */
  readonly statistics: ReadonlyMap<string, Value>;
}

/** An end of the forward pass, open so that a loss may take the form that suits it. */
export interface Head {
  readonly preActivation: Value;
  readonly activation: ActivationName;
}

/** Adds the model's nodes up to the activations of the layers that its outputs come from. */
export function emitForward(model: AnyModel, { builder, input, weight, mask }: ForwardOptions): Forward {
  const batch = input.shape[0]!;
  const first = input.dtype === "uint8" ? builder.op.Mul(builder.op.Cast(input, "float32"), 1 / 255) : input;
  const placement = placeActivations(model);
  const statistics = new Map<string, Value>();
  const heads: Head[] = [];
  const outputs: Value[] = [];
  model.calls.forEach((call, index) => {
    builder.scope(call.name, () => {
      const inputs = call.from.map((source) => (source < 0 ? first : outputs[source]!));
      // A layer that is called twice goes on from what its first call kept.
      const kept = (name: string): Value => statistics.get(name) ?? weight(name);
      const preActivation = call.plan.emit(
        {
          builder,
          batch,
          weight: (key) => kept(`${call.name}.${key}`),
          mask: mask?.(call, index),
          update: mask && ((key, next) => void statistics.set(`${call.name}.${key}`, next)),
        },
        inputs,
      );
      const activation = placement[index]!;
      heads.push({ preActivation, activation });
      // The activation of what only goes out may be the loss's to write.
      outputs.push(isUsed(model, index) ? activate(builder, activation, preActivation) : preActivation);
    });
  });
  return { heads: model.outputs.map(({ call }) => heads[call]!), statistics };
}

function isUsed({ calls }: AnyModel, index: number): boolean {
  return calls.some(({ from }) => from.includes(index));
}

/**
 * The activation that follows each call. One that never falls and is followed by a maximum pool alone goes behind the pool, where
 * it has the same result at a quarter of the size or less, forward and backward.
 */
function placeActivations({ calls, outputs }: AnyModel): readonly ActivationName[] {
  const activations = calls.map(({ plan }) => plan.activation);
  calls.forEach((call, index) => {
    const [source] = call.from;
    if (call.definition.kind !== "maxPooling2d" || source === undefined || source < 0) return;
    const isOnlyUse = calls.every(({ from }, other) => other === index || !from.includes(source));
    const isOutput = outputs.some((output) => output.call === source);
    if (!isOnlyUse || isOutput || !isMonotone(activations[source]!)) return;
    activations[index] = activations[source]!;
    activations[source] = "linear";
  });
  return activations;
}
