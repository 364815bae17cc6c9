import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";
import { activate, isMonotone, type ActivationName } from "./activations.ts";
import type { Model, ModelCall } from "./model.ts";

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
  readonly head: Head;
  /** What the statistics have become, by name, in training. */
  readonly statistics: ReadonlyMap<string, Value>;
}

/** The end of the forward pass, open so that a loss may take the form that suits it. */
export interface Head {
  readonly preActivation: Value;
  readonly activation: ActivationName;
}

/** Adds the model's nodes up to the activation of its last layer. */
export function emitForward(model: Model, { builder, input, weight, mask }: ForwardOptions): Forward {
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
      // The last activation may be the loss's to write.
      outputs.push(index < model.calls.length - 1 ? activate(builder, activation, preActivation) : preActivation);
    });
  });
  return { head: heads.at(-1)!, statistics };
}

/**
 * The activation that follows each call. One that never falls and is followed by a maximum pool alone goes behind the pool, where
 * it has the same result at a quarter of the size or less, forward and backward.
 */
function placeActivations({ calls }: Model): readonly ActivationName[] {
  const activations = calls.map(({ plan }) => plan.activation);
  calls.forEach((call, index) => {
    const [source] = call.from;
    if (call.definition.kind !== "maxPooling2d" || source === undefined || source < 0) return;
    const isOnlyUse = calls.every(({ from }, other) => other === index || !from.includes(source));
    if (!isOnlyUse || !isMonotone(activations[source]!)) return;
    activations[index] = activations[source]!;
    activations[source] = "linear";
  });
  return activations;
}
