import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";
import { activate, type ActivationName } from "./activations.ts";
import type { Model, ModelCall } from "./model.ts";

/** What the forward pass is written with. */
export interface ForwardOptions {
  readonly builder: GraphBuilder;
  /** A batch: `[batch, ...inputShape]`, float32, or uint8 pixels, which are divided by 255. */
  readonly input: Value;
  /** The tensor of a weight by its name. */
  readonly weight: (name: string) => Value;
  /** The mask of a call that drops elements; without it nothing is dropped. */
  readonly mask?: (call: ModelCall, index: number) => Value | undefined;
}

/** The end of the forward pass, open so that a loss may take the form that suits it. */
export interface Head {
  readonly preActivation: Value;
  readonly activation: ActivationName;
}

/** Adds the model's nodes up to the activation of its last layer. */
export function emitForward(model: Model, { builder, input, weight, mask }: ForwardOptions): Head {
  const batch = input.shape[0]!;
  const first = input.dtype === "uint8" ? builder.op.Mul(builder.op.Cast(input, "float32"), 1 / 255) : input;
  const heads: Head[] = [];
  const outputs: Value[] = [];
  model.calls.forEach((call, index) => {
    builder.scope(call.name, () => {
      const inputs = call.from.map((source) => (source < 0 ? first : outputs[source]!));
      const preActivation = call.plan.emit(
        { builder, batch, weight: (key) => weight(`${call.name}.${key}`), mask: mask?.(call, index) },
        inputs,
      );
      heads.push({ preActivation, activation: call.plan.activation });
      // The last activation may be the loss's to write.
      if (index < model.calls.length - 1) outputs.push(activate(builder, call.plan.activation, preActivation));
    });
  });
  return heads.at(-1)!;
}
