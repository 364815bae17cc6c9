import type { GraphBuilder } from "../builder.ts";
import { isOp, type Graph, type Node } from "../graph.ts";
import { sameShape, sizeOf, type Value } from "../value.ts";
import { beginLike, inScopeOf, repeat } from "./rebuild.ts";

/**
 * @file What is quick to make is made again on the way back, rather than kept from the way there until then:
 *
 * - factors that are made of bytes (dropout's), so that only the bytes are kept, a quarter of the memory;
 * - large tensors times such factors, or times and plus vectors (batch normalization's), of what is kept anyway;
 * - products of a constant matrix and such tensors, as Winograd's transformed images are.
 */

/** Smaller tensors are kept, since making them again costs a few hundredths of a step (bench/NOTES.md). */
const FEWEST_ELEMENTS = 2 ** 22;

/** The same for products. */
const FEWEST_PRODUCTS = 2 ** 24;

/** A vector has so many times fewer elements than what it is multiplied by or added to. */
const FEWEST_ROWS = 16;

/** The same graph with such nodes twice, and what depends on bytes alone first among its nodes. */
export function lateFactors(graph: Graph): Graph {
  const { builder, values } = beginLike(graph);
  const constants = new Map(graph.constants.map((constant) => [constant.value, constant]));
  const there = (value: Value): Value => values.get(value)!;
  const again = new Map<Value, Value>();
  const back = (value: Value): Value => again.get(value) ?? there(value);
  const wanted = wantedAgain(graph);
  for (const node of graph.nodes) {
    const outputs = repeat(builder, node, isGradient(node) ? back : there);
    node.outputs.forEach((output, i) => values.set(output, outputs[i]!));
    const [output] = node.outputs;
    if (!wanted.has(output)) continue;
    // Here, since ONNX Runtime would not wait for a node further down (below).
    again.set(
      output,
      inScopeOf(builder, node, () => emitAgain(builder, node)),
    );
  }
  for (const { name, value } of graph.outputs) builder.output(name, there(value));
  return bytesFirst(builder.build());

  /** ONNX Runtime makes one of two equal nodes, so the second has something else that does not matter. */
  function emitAgain({ op }: GraphBuilder, node: Node): Value {
    if (isOp(node, "DequantizeLinear")) return op.DequantizeLinear(there(node.inputs[0]), node.attributes.scale, 1);
    if (isOp(node, "Reshape")) return op.Reshape(back(node.inputs[0]), node.attributes.shape);
    if (isOp(node, "Mul") || isOp(node, "Add")) return op[node.op](back(node.inputs[1]), back(node.inputs[0]));
    if (!isOp(node, "MatMul")) throw new Error(`internal: ${node.op} is not made again`);
    const { data, value } = constants.get(node.inputs[0])!;
    return op.MatMul(builder.constant(data, value), back(node.inputs[1]));
  }
}

/** What is quick to make and of use on the way back, directly or for others of them. */
function wantedAgain({ nodes, constants }: Graph): ReadonlySet<Value> {
  const fixed = new Set(constants.map(({ value }) => value));
  const owners = new Map<Value, Value>();
  const ownerOf = (value: Value): Value => owners.get(value) ?? value;
  for (const node of nodes) if (isOp(node, "Reshape")) owners.set(node.outputs[0], ownerOf(node.inputs[0]));
  const kept = new Set(nodes.filter(isGradient).flatMap(({ inputs }) => inputs.map(ownerOf)));
  const factors = new Set<Value>();
  const quick = new Set<Value>();
  const isQuick = (node: Node): boolean => {
    const [output] = node.outputs;
    if (isOp(node, "DequantizeLinear")) {
      factors.add(output);
      return true;
    }
    if (isOp(node, "Reshape")) return quick.has(node.inputs[0]);
    if (sizeOf(output.shape) < FEWEST_ELEMENTS) return false;
    if (isOp(node, "MatMul"))
      return sizeOf(output.shape) >= FEWEST_PRODUCTS && fixed.has(node.inputs[0]) && quick.has(node.inputs[1]);
    if (!isOp(node, "Mul") && !isOp(node, "Add")) return false;
    const isSmall = (x: Value): boolean => factors.has(ownerOf(x)) || sizeOf(x.shape) * FEWEST_ROWS <= sizeOf(output.shape);
    const isThere = (x: Value): boolean => sameShape(x.shape, output.shape) && (quick.has(x) || kept.has(ownerOf(x)));
    const [a, b] = node.inputs;
    return (isThere(a) && isSmall(b)) || (isThere(b) && isSmall(a));
  };
  for (const node of nodes) if (!isGradient(node) && isQuick(node)) quick.add(node.outputs[0]);
  const wanted = new Set<Value>();
  for (const node of nodes.toReversed()) {
    if (!isGradient(node) && !wanted.has(node.outputs[0])) continue;
    for (const input of node.inputs) if (quick.has(input)) wanted.add(input);
  }
  return wanted;
}

function isGradient({ name }: Node): boolean {
  return name.startsWith("gradients/");
}

/**
 * With the nodes that depend on bytes alone before all others. ONNX Runtime goes depth first from the last node of the list back to
 * what it needs, of several inputs to the one whose node comes last: so what stands first is run when it is needed.
 */
function bytesFirst(graph: Graph): Graph {
  const early = new Set<Value>(graph.inputs.filter(({ dtype }) => dtype === "uint8"));
  for (const { value } of graph.constants) early.add(value);
  const isEarly = (node: Node): boolean => {
    const depends = node.inputs.every((input) => early.has(input));
    if (depends) for (const output of node.outputs) early.add(output);
    return depends;
  };
  const first = new Set(graph.nodes.filter(isEarly));
  const nodes = [...first, ...graph.nodes.filter((node) => !first.has(node))];
  return Object.freeze({ ...graph, nodes: Object.freeze(nodes) });
}
