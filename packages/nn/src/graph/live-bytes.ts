import { isOp, type Graph, type Node } from "./graph.ts";
import { sizeOf, type DataType, type TensorType, type Value } from "./value.ts";

const bytesOf: Readonly<Record<DataType, number>> = { float32: 4, int32: 4, int64: 8, uint8: 1, bool: 1 };

/** The bytes of a tensor. */
export function byteSizeOf({ dtype, shape }: TensorType): number {
  return bytesOf[dtype] * sizeOf(shape);
}

/**
 * The most bytes of computed tensors that a run holds at a time: each from the node that makes it to the last that reads it. The
 * graph's inputs and outputs are not counted, nor is the room that operators take for themselves.
 */
export function largestLiveBytes({ nodes, outputs }: Graph): number {
  // A reshaped tensor is the same memory.
  const owners = new Map<Value, Value>();
  const ownerOf = (value: Value): Value => owners.get(value) ?? value;
  for (const node of nodes) if (sharesMemory(node)) owners.set(node.outputs[0], ownerOf(node.inputs[0]));

  const lastUse = new Map<Value, number>();
  nodes.forEach((node, i) => {
    for (const value of [...node.inputs, ...node.outputs]) lastUse.set(ownerOf(value), i);
  });
  const fetched = new Set(outputs.map(({ value }) => ownerOf(value)));
  const isCounted = (value: Value): boolean => value.kind === "node" && ownerOf(value) === value && !fetched.has(value);

  let live = 0;
  let largest = 0;
  nodes.forEach((node, i) => {
    for (const output of node.outputs) if (isCounted(output)) live += byteSizeOf(output);
    largest = Math.max(largest, live);
    for (const value of new Set([...node.inputs, ...node.outputs].map(ownerOf))) {
      if (isCounted(value) && lastUse.get(value) === i) live -= byteSizeOf(value);
    }
  });
  return largest;
}

function sharesMemory(node: Node): node is Node<"Reshape" | "Identity"> {
  return isOp(node, "Reshape") || isOp(node, "Identity");
}
