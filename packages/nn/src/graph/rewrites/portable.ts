import { mapInputs, type Graph, type Node } from "../graph.ts";
import type { Inputs, OpType } from "../op.ts";
import type { Operators } from "../operators.ts";
import type { Value } from "../value.ts";
import { replaceNodes } from "./rebuild.ts";

/**
 * @file The operators that ONNX Runtime's WebGPU provider lacks, by others that it has. What it lacks it would run on the CPU, with
 * a copy there and one back. Found out from the provider of each node in session profiles of ONNX Runtime 1.30.
 *
 * `MaxPool` with indices and `MaxUnpool` have no such form: gradient rules do without them (graph/target.ts).
 */

/** Adds what gives a node's outputs; undefined if the node is well as it is. */
type PortableRule<K extends OpType> = (op: Operators, inputs: Inputs<K>, node: Node<K>) => readonly Value[] | undefined;

/** WebGPU promises a shader no more than eight buffers, and `Split` takes one an output beside its input's. */
const MOST_PIECES = 7;

const rules: { readonly [K in OpType]?: PortableRule<K> } = {
  Sign: (op, [x]) => [op.Sub(op.Cast(op.Greater(x, 0), "float32"), op.Cast(op.Less(x, 0), "float32"))],
  Softsign: (op, [x]) => [op.Div(x, op.Add(op.Abs(x), 1))],
  Selu: (op, [x], { attributes: { alpha, gamma } }) => [op.Mul(op.Elu(x, alpha), gamma)],
  LogSoftmax: (op, [x], { attributes: { axis } }) => {
    const over = { axes: [axis], keepdims: true };
    const below = op.Sub(x, op.ReduceMax(x, over));
    return [op.Sub(below, op.Log(op.ReduceSum(op.Exp(below), over)))];
  },
  // Bytes are numbers as soon as something is to be done to them.
  DequantizeLinear: (op, [x], { attributes: { scale } }) => [op.Mul(op.Cast(x, "float32"), scale)],
  Equal: compareFloats,
  Greater: compareFloats,
  GreaterOrEqual: compareFloats,
  Less: compareFloats,
  LessOrEqual: compareFloats,
  Split: (op, [x], { attributes: { axis, sizes } }) => {
    if (sizes.length <= MOST_PIECES) return undefined;
    let end = 0;
    return sizes.map((size) => {
      end += size;
      return op.Slice(x, x.shape.map(() => 0).with(axis, end - size), x.shape.with(axis, end));
    });
  },
};

function compareFloats<K extends "Equal" | "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual">(
  op: Operators,
  [a, b]: Inputs<K>,
  node: Node<K>,
): readonly Value[] | undefined {
  return a.dtype === "uint8" ? [op[node.op](op.Cast(a, "float32"), op.Cast(b, "float32"))] : undefined;
}

/** The same graph with other operators for those that WebGPU lacks. */
export function portable(graph: Graph): Graph {
  if (!graph.nodes.some(({ op }) => rules[op] !== undefined)) return graph;
  return replaceNodes(graph, ({ op }, node, current) => emit(op, node, current));
}

function emit<K extends OpType>(op: Operators, node: Node<K>, current: (value: Value) => Value): readonly Value[] | undefined {
  const rule: PortableRule<K> | undefined = rules[node.op];
  return rule?.(op, mapInputs(node, current), node);
}
