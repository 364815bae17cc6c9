import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import { lowerConvolutions } from "../graph/rewrites/lower-convolutions.ts";
import { mergeConvolutions } from "../graph/rewrites/merge-convolutions.ts";
import { simplify } from "../graph/rewrites/simplify.ts";
import type { Value } from "../graph/value.ts";
import { gradientsOf } from "../gradients/gradients-of.ts";
import { activate } from "../layers/activations.ts";
import { emitForward, type Head } from "../layers/forward.ts";
import type { Model } from "../layers/model.ts";
import type { LossForm } from "../losses/losses.ts";
import type { BoundRule } from "../optimizers/rules.ts";
import { packValues, unpackWeights, type Bucket } from "./buckets.ts";

/** Element type of a batch: uint8 pixels are divided by 255 in the graph. */
export type InputType = "float32" | "uint8";

/** What the graphs of one trainer have in common. */
export interface GraphParts {
  readonly model: Model;
  readonly loss: LossForm;
  readonly rule: BoundRule;
  readonly buckets: readonly Bucket[];
}

/** The names of a graph's inputs and outputs. */
export const names = {
  input: "input",
  target: "target",
  scalars: "scalars",
  prediction: "prediction",
  mask: (call: number) => `mask/${call}`,
  state: (bucket: Bucket, slot: string) => `${bucket.name}/${slot}`,
  nextState: (bucket: Bucket, slot: string) => `next/${bucket.name}/${slot}`,
} as const;

/**
 * Added to every gradient, so that what optimizers keep for weights without one (of a dead ReLU, say) does not decay into
 * denormal numbers, with which processors are many times slower: 8 epochs of Adam made 40 % of its momenta denormal and its last
 * epoch twice as long as its first. A gradient above 2e-11 absorbs it, and its square is a normal number still.
 */
const NUDGE = 1e-18;

/** The slot of the weights themselves. */
export const WEIGHTS = "weights";

/**
 * One training step: a batch, its targets, the dropout masks, the optimizer's scalars and the state come in; the predictions
 * that the loss looks at and the next state go out.
 */
export function trainGraph({ model, loss, rule, buckets }: GraphParts, batch: number, inputType: InputType): Graph {
  const builder = new GraphBuilder(`${model.name}, training ${batch}`);
  const input = builder.input(names.input, inputType, [batch, ...model.inputShape]);
  const target = builder.input(names.target, "float32", [batch, ...model.outputShape]);
  const scalars = builder.op.Split(builder.input(names.scalars, "float32", [rule.scalarCount]), Array(rule.scalarCount).fill(1));
  const tensors = buckets.map((bucket) => builder.input(names.state(bucket, WEIGHTS), "float32", bucket.shape));
  const weights = unpackWeights(builder, buckets, tensors);
  const forward = emitForward(model, {
    builder,
    input,
    weight: (name) => weights.get(name)!,
    mask: (call, index) => {
      const shape = call.inputs[0]!.shape;
      return call.plan.dropoutRate === 0 ? undefined : builder.input(names.mask(index), "float32", [batch, ...shape]);
    },
  });
  const statistics = [...forward.statistics];
  const [prediction, ...kept] = rewritten(builder, [
    predictionOf(builder, forward.head, loss.from),
    ...statistics.map(([, value]) => value),
  ]);
  builder.output(names.prediction, prediction!);
  const nextStatistics = new Map(statistics.map(([name], i) => [name, kept[i]!]));

  const seed = builder.scope("loss", () => loss.gradient(builder, prediction!, target));
  const order = buckets.flatMap((bucket) => (bucket.isTrained ? bucket.weights.map(({ name }) => name) : []));
  const gradients = gradientsOf(
    builder,
    prediction!,
    order.map((name) => weights.get(name)!),
    seed,
  );
  const gradientOf = new Map(order.map((name, i) => [name, gradients[i]!]));
  const packed = (bucket: Bucket, values: ReadonlyMap<string, Value>): Value =>
    packValues(
      builder,
      bucket,
      bucket.weights.map(({ name }) => values.get(name)!),
    );
  builder.scope("optimizer", () => {
    buckets.forEach((bucket, i) => {
      if (!bucket.isTrained) {
        builder.output(names.nextState(bucket, WEIGHTS), packed(bucket, nextStatistics));
        return;
      }
      const next = rule.update(builder, {
        weight: tensors[i]!,
        gradient: builder.op.Add(packed(bucket, gradientOf), NUDGE),
        slots: rule.slots.map((slot) => builder.input(names.state(bucket, slot), "float32", bucket.shape)),
        scalars,
      });
      builder.output(names.nextState(bucket, WEIGHTS), next.weight);
      rule.slots.forEach((slot, j) => builder.output(names.nextState(bucket, slot), next.slots[j]!));
    });
  });
  return simplify(builder.build());
}

/** The forward pass alone, up to the end of the model that is asked for; nothing is dropped. */
export function forwardGraph(
  { model, buckets }: Pick<GraphParts, "model" | "buckets">,
  batch: number,
  inputType: InputType,
  end: LossForm["from"],
): Graph {
  const builder = new GraphBuilder(`${model.name}, forward ${batch}`);
  const input = builder.input(names.input, inputType, [batch, ...model.inputShape]);
  const tensors = buckets.map((bucket) => builder.input(names.state(bucket, WEIGHTS), "float32", bucket.shape));
  const weights = unpackWeights(builder, buckets, tensors);
  const { head } = emitForward(model, { builder, input, weight: (name) => weights.get(name)! });
  builder.output(names.prediction, rewritten(builder, [predictionOf(builder, head, end)])[0]!);
  return simplify(builder.build());
}

/** The model as others want it: one input, one output, the weights under their own names. */
export function exportGraph(model: Model, batch: number): Graph {
  const builder = new GraphBuilder(model.name);
  const input = builder.input(names.input, "float32", [batch, ...model.inputShape]);
  const weights = new Map(model.weights.map(({ name, shape }) => [name, builder.parameter(name, shape)]));
  const { head } = emitForward(model, { builder, input, weight: (name) => weights.get(name)! });
  builder.output("output", predictionOf(builder, head, "output"));
  return builder.build();
}

function predictionOf(builder: GraphBuilder, { preActivation, activation }: Head, end: LossForm["from"]): Value {
  return end === "output" ? activate(builder, activation, preActivation) : preActivation;
}

/** The same values by faster means. */
function rewritten(builder: GraphBuilder, values: readonly Value[]): readonly Value[] {
  return lowerConvolutions(builder, mergeConvolutions(builder, values));
}
