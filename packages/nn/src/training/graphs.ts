import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import { fasterForms } from "../graph/rewrites/faster-forms.ts";
import { lateFactors } from "../graph/rewrites/late-factors.ts";
import { inLongRuns } from "../graph/rewrites/long-runs.ts";
import { simplify } from "../graph/rewrites/simplify.ts";
import { targets, type Target } from "../graph/target.ts";
import type { Value } from "../graph/value.ts";
import { gradientsFrom } from "../gradients/gradients-of.ts";
import { activate } from "../layers/activations.ts";
import { dropoutFactors } from "../layers/dropout-mask.ts";
import { emitForward, type Head } from "../layers/forward.ts";
import type { AnyModel } from "../layers/model.ts";
import type { LossForm } from "../losses/losses.ts";
import type { BoundRule } from "../optimizers/rules.ts";
import type { TrainedOutput } from "./outputs.ts";
import { emitPenalty } from "./penalty.ts";
import { decayedOf, packValues, unpackWeights, type Bucket } from "./buckets.ts";
import { clipGradients, type GradientClipping } from "./clipping.ts";

/** Element type of a batch: uint8 pixels are divided by 255 in the graph. */
export type InputType = "float32" | "uint8";

/** What the graphs of one trainer have in common. */
export interface GraphParts {
  readonly model: AnyModel;
  readonly outputs: readonly TrainedOutput[];
  readonly rule: BoundRule;
  readonly buckets: readonly Bucket[];
  readonly clipping?: GradientClipping | undefined;
}

/** The names of a graph's inputs and outputs. */
export const names = {
  input: "input",
  target: (output: Named) => named("target", output),
  scalars: "scalars",
  prediction: (output: Named) => named("prediction", output),
  penalty: "penalty",
  mask: (call: number) => `mask/${call}`,
  state: (bucket: Bucket, slot: string) => `${bucket.name}/${slot}`,
  nextState: (bucket: Bucket, slot: string) => `next/${bucket.name}/${slot}`,
} as const;

interface Named {
  readonly name: string | undefined;
}

function named(what: string, { name }: Named): string {
  return name === undefined ? what : `${what}/${name}`;
}

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
export function trainGraph(
  { model, outputs, rule, buckets, clipping }: GraphParts,
  batch: number,
  inputType: InputType,
  target: Target = targets.cpu,
): Graph {
  const builder = new GraphBuilder(`${model.name}, training ${batch}`, target);
  const input = builder.input(names.input, inputType, [batch, ...model.inputShape]);
  const targets = outputs.map((output) => builder.input(names.target(output), "float32", [batch, output.target.units]));
  const scalars = builder.op.Split(builder.input(names.scalars, "float32", [rule.scalarCount]), Array(rule.scalarCount).fill(1));
  const tensors = buckets.map((bucket) => builder.input(names.state(bucket, WEIGHTS), "float32", bucket.shape));
  const weights = unpackWeights(builder, buckets, tensors);
  const chance = new Set<Value>();
  const forward = emitForward(model, {
    builder,
    input,
    weight: (name) => weights.get(name)!,
    mask: ({ plan, inputs: [dropped] }, index) => {
      if (plan.dropoutRate === 0) return undefined;
      const bytes = builder.input(names.mask(index), "uint8", [batch, ...dropped!.shape]);
      chance.add(bytes);
      return dropoutFactors(builder.op, bytes, plan.dropoutRate);
    },
  });
  const statistics = [...forward.statistics];
  const results = fasterForms(
    builder,
    [
      ...forward.heads.map((head, i) => predictionOf(builder, head, outputs[i]!.loss.from)),
      ...statistics.map(([, value]) => value),
    ],
    chance,
  );
  const predictions = results.slice(0, outputs.length);
  const nextStatistics = new Map(statistics.map(([name], i) => [name, results[outputs.length + i]!]));
  outputs.forEach((output, i) => builder.output(names.prediction(output), predictions[i]!));

  const seeds = outputs.map(({ loss, weight }, i) =>
    builder.scope("loss", () => {
      const gradient = loss.gradient(builder, predictions[i]!, targets[i]!);
      return [predictions[i]!, weight === 1 ? gradient : builder.op.Mul(gradient, weight)] as const;
    }),
  );
  const order = buckets.flatMap((bucket) => (bucket.isTrained ? bucket.weights.map(({ name }) => name) : []));
  const gradients = gradientsFrom(
    builder,
    seeds,
    order.map((name) => weights.get(name)!),
  );
  const gradientOf = new Map(order.map((name, i) => [name, gradients[i]!]));
  const packed = (bucket: Bucket, values: ReadonlyMap<string, Value>): Value =>
    packValues(
      builder,
      bucket,
      bucket.weights.map(({ name }) => values.get(name)!),
    );
  const penalties = builder.scope("penalty", () => buckets.map((bucket, i) => emitPenalty(builder, bucket, tensors[i]!)));
  const penalty = penalties.flatMap((one) => one?.value ?? []);
  if (penalty.length > 0)
    builder.output(
      names.penalty,
      penalty.reduce((a, b) => builder.op.Add(a, b)),
    );
  const gradientFor = (bucket: Bucket, i: number): Value => {
    const gradient = packed(bucket, gradientOf);
    const pull = penalties[i]?.gradient;
    return pull === undefined ? gradient : builder.op.Add(gradient, pull);
  };
  const trained = buckets.filter(({ isTrained }) => isTrained);
  const clipped = clipGradients(
    builder,
    buckets.flatMap((bucket, i) => (bucket.isTrained ? [gradientFor(bucket, i)] : [])),
    clipping,
  );
  builder.scope("optimizer", () => {
    buckets.forEach((bucket, i) => {
      if (!bucket.isTrained) {
        builder.output(names.nextState(bucket, WEIGHTS), packed(bucket, nextStatistics));
        return;
      }
      const next = rule.update(builder, {
        weight: tensors[i]!,
        gradient: builder.op.Add(clipped[trained.indexOf(bucket)]!, NUDGE),
        slots: rule.slots.map((slot) => builder.input(names.state(bucket, slot), "float32", bucket.shape)),
        scalars,
        decayed: decayedOf(builder, bucket, rule.decayed),
      });
      builder.output(names.nextState(bucket, WEIGHTS), next.weight);
      rule.slots.forEach((slot, j) => builder.output(names.nextState(bucket, slot), next.slots[j]!));
    });
  });
  const graph = simplify(builder.build());
  return target.forms === "plain" ? graph : lateFactors(simplify(inLongRuns(graph)));
}

/** The forward pass alone, up to the end of each output that is asked for; nothing is dropped. */
export function forwardGraph(
  { model, buckets }: Pick<GraphParts, "model" | "buckets">,
  batch: number,
  inputType: InputType,
  ends: readonly LossForm["from"][],
  target: Target = targets.cpu,
): Graph {
  const builder = new GraphBuilder(`${model.name}, forward ${batch}`, target);
  const input = builder.input(names.input, inputType, [batch, ...model.inputShape]);
  const tensors = buckets.map((bucket) => builder.input(names.state(bucket, WEIGHTS), "float32", bucket.shape));
  const weights = unpackWeights(builder, buckets, tensors);
  const { heads } = emitForward(model, { builder, input, weight: (name) => weights.get(name)! });
  const predictions = fasterForms(
    builder,
    heads.map((head, i) => predictionOf(builder, head, ends[i]!)),
  );
  model.outputs.forEach((output, i) => builder.output(names.prediction(output), predictions[i]!));
  const graph = simplify(builder.build());
  return target.forms === "plain" ? graph : simplify(inLongRuns(graph));
}

/** The model as others want it: one input, outputs under their names, the weights under theirs. */
export function exportGraph(model: AnyModel, batch: number): Graph {
  const builder = new GraphBuilder(model.name);
  const input = builder.input(names.input, "float32", [batch, ...model.inputShape]);
  const weights = new Map(model.weights.map(({ name, shape }) => [name, builder.parameter(name, shape)]));
  const { heads } = emitForward(model, { builder, input, weight: (name) => weights.get(name)! });
  model.outputs.forEach(({ name = "output" }, i) => builder.output(name, predictionOf(builder, heads[i]!, "output")));
  return builder.build();
}

function predictionOf(builder: GraphBuilder, { preActivation, activation }: Head, end: LossForm["from"]): Value {
  return end === "output" ? activate(builder, activation, preActivation) : preActivation;
}
