import type { Graph, Node } from "../graph/graph.ts";
import type { OpType } from "../graph/op.ts";
import { sameShape, sizeOf, type TensorData, type Value } from "../graph/value.ts";
import { kernels } from "./kernels.ts";
import { tensor64, toFloat64, type Tensor64 } from "./tensor.ts";

/**
 * Runs a graph in float64: the oracle that ONNX Runtime and the gradients are checked against.
 *
 * @param feeds - Elements of every input and parameter, by name.
 * @returns The elements of every output, by name.
 */
export function interpret(
  graph: Graph,
  feeds: Readonly<Record<string, TensorData | Float64Array>>,
): Readonly<Record<string, Float64Array>> {
  const values = new Map<Value, Tensor64>();
  for (const value of [...graph.inputs, ...graph.parameters]) {
    const data = feeds[value.name];
    if (data?.length !== sizeOf(value.shape)) {
      throw new Error(`internal: ${graph.name} wants ${sizeOf(value.shape)} elements of ${value.name}, not ${data?.length}`);
    }
    values.set(value, tensor64(value.shape, toFloat64(data)));
  }
  for (const { value, data } of graph.constants) values.set(value, tensor64(value.shape, toFloat64(data)));
  for (const node of graph.nodes) {
    const outputs = evaluate(
      node,
      node.inputs.map((input) => values.get(input)!),
    );
    node.outputs.forEach((output, i) => values.set(output, outputs[i]!));
  }
  return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, values.get(value)!.data]));
}

/** The outputs of one node. */
export function evaluate<K extends OpType>(node: Node<K>, inputs: readonly Tensor64[]): readonly Tensor64[] {
  const result = kernels[node.op](inputs, node.attributes, node.outputs[0].shape);
  const outputs = "data" in result ? [result] : result;
  const disagreement = node.outputs.findIndex((output, i) => !sameShape(output.shape, outputs[i]?.shape ?? []));
  if (outputs.length !== node.outputs.length || disagreement >= 0) {
    throw new Error(`internal: output ${disagreement} of ${node.name} came out in another shape than was promised`);
  }
  return outputs;
}
