import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import { simplify } from "../graph/rewrites/simplify.ts";
import type { Target } from "../graph/target.ts";
import { sizeOf } from "../graph/value.ts";
import { gradientsFrom } from "../gradients/gradients-of.ts";
import type { TrainedNetwork } from "./network.ts";

/** What is asked of a layer. */
export interface ResponseQuestion {
  readonly layer: string;
  readonly batch: number;
  /** How much of what channels say below 0 counts. */
  readonly negativeShare: number;
}

/** The names of a response graph's inputs and outputs. */
export const names = { input: "input", selection: "selection", response: "response", gradient: "gradient" } as const;

/**
 * Written with ONNX's own operators: the forms that make training faster do so where gradients to weights are, and there are none
 * here. They took as long to run for the networks of `vooban-cifar100` and `simplecnn-cifar100`, and a second longer to compile.
 */
const forms = "plain";

/**
 * What a layer of a network says to each input of a batch, and which way each input would have to change for it to say more.
 *
 * In: `input` `[batch, ...]`; `selection` `[batch, channel]`, how much each channel of the layer's output counts for each input. Out:
 * `response` `[batch]`, Σ_channel selection · mean of the channel over its places, what is below 0 times `negativeShare`; `gradient`
 * `[batch, ...]`, of each response to its own input. Examples do not mix, so one backward pass serves all of them.
 */
export function responseGraph(
  network: TrainedNetwork,
  { layer, batch, negativeShare }: ResponseQuestion,
  { operators }: Pick<Target, "operators">,
): Graph {
  const builder = new GraphBuilder(`${network.name}, responses of ${layer} to ${batch}`, { operators, forms });
  const { op } = builder;
  const input = builder.input(names.input, "float32", [batch, ...network.inputShape]);
  const said = network.emit(builder, input, layer);
  const [, channels = 1, ...places] = said.shape;
  const selection = builder.input(names.selection, "float32", [batch, channels]);
  const [counted, share] = builder.scope("responses", () => {
    const counted = negativeShare === 1 ? said : op.LeakyRelu(said, negativeShare);
    const ofPlace = op.Mul(selection, 1 / sizeOf(places));
    const share = op.Expand(op.Reshape(ofPlace, [batch, channels, ...places.map(() => 1)]), said.shape);
    const axes = said.shape.map((_, axis) => axis).slice(1);
    builder.output(names.response, op.ReduceSum(op.Mul(counted, share), { axes, keepdims: false }));
    return [counted, share] as const;
  });
  const [gradient] = gradientsFrom(builder, [[counted, share]], [input]);
  builder.output(names.gradient, gradient!);
  return simplify(builder.build());
}
