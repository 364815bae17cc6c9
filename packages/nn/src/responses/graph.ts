import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import { simplify } from "../graph/rewrites/simplify.ts";
import type { Target } from "../graph/target.ts";
import { sizeOf } from "../graph/value.ts";
import { gradientsFrom } from "../gradients/gradients-of.ts";
import { activate } from "../layers/activations.ts";
import { emitForward } from "../layers/forward.ts";
import type { Model } from "../layers/model.ts";

/** The names of a response graph's inputs and outputs. */
export const names = { input: "input", selection: "selection", response: "response", gradient: "gradient" } as const;

/**
 * Written with ONNX's own operators: the forms that make training faster do so where gradients to weights are, and there are none
 * here. They took as long to run for the networks of `vooban-cifar100` and `simplecnn-cifar100`, and a second longer to compile.
 */
const forms = "plain";

/**
 * What a model's output says to each input of a batch, and which way each input would have to change for it to say more; the model is
 * as after training: nothing is dropped, statistics are those that were kept.
 *
 * In: `input` `[batch, ...]`; `selection` `[batch, channel]`, how much each channel of the output counts for each input. Out:
 * `response` `[batch]`, Σ_channel selection · mean of the channel over its places; `gradient` `[batch, ...]`, of each response to its
 * own input. Examples do not mix, so one backward pass serves all of them.
 */
export function responseGraph(model: Model, batch: number, { operators }: Pick<Target, "operators">): Graph {
  const builder = new GraphBuilder(`${model.name}, responses ${batch}`, { operators, forms });
  const { op } = builder;
  const [{ shape }] = oneOutput(model);
  const channels = shape[0]!;
  const input = builder.input(names.input, "float32", [batch, ...model.inputShape]);
  const selection = builder.input(names.selection, "float32", [batch, channels]);
  const weights = new Map(model.weights.map(({ name, shape }) => [name, builder.parameter(name, shape)]));
  const { heads } = emitForward(model, { builder, input, weight: (name) => weights.get(name)! });
  const { activation, preActivation } = heads[0]!;
  const output = activate(builder, activation, preActivation);
  const share = builder.scope("responses", () => {
    const ofPlace = op.Mul(selection, channels / sizeOf(shape));
    const share = op.Expand(op.Reshape(ofPlace, [batch, channels, ...shape.slice(1).map(() => 1)]), output.shape);
    const axes = output.shape.map((_, axis) => axis).slice(1);
    builder.output(names.response, op.ReduceSum(op.Mul(output, share), { axes, keepdims: false }));
    return share;
  });
  const [gradient] = gradientsFrom(builder, [[output, share]], [input]);
  builder.output(names.gradient, gradient!);
  return simplify(builder.build());
}

function oneOutput({ outputs }: Model): readonly [Model["outputs"][number]] {
  const [output, ...others] = outputs;
  if (output === undefined || others.length > 0) throw new Error(`internal: responses of ${outputs.length} outputs`);
  return [output];
}
