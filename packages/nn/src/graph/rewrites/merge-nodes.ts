import { isOp } from "../graph.ts";
import type { OpType } from "../op.ts";
import { broadcastShapes } from "../shapes.ts";
import { sameShape, type Shape, type Value } from "../value.ts";
import { instead, scalarOf, type Rewrite } from "./rewrite.ts";

/** Two reshapes in a row are the second; a transposition that only moves axes of size 1 is a reshape, which copies nothing. */
export const mergeReshapes: Rewrite = (node, { producerOf }) => {
  if (isOp(node, "Transpose")) {
    const [x] = node.inputs;
    const moved = node.attributes.perm.filter((axis) => x.shape[axis] !== 1);
    return moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)
      ? instead(node, "Reshape", [x], { shape: node.outputs[0].shape })
      : undefined;
  }
  if (!isOp(node, "Reshape")) return undefined;
  const before = producerOf(node.inputs[0]);
  return before !== undefined && isOp(before, "Reshape") ? instead(node, "Reshape", before.inputs, node.attributes) : undefined;
};

/** Two transpositions in a row are one. */
export const mergeTransposes: Rewrite = (node, { producerOf }) => {
  if (!isOp(node, "Transpose")) return undefined;
  const before = producerOf(node.inputs[0]);
  if (before === undefined || !isOp(before, "Transpose")) return undefined;
  const perm = node.attributes.perm.map((axis) => before.attributes.perm[axis]!);
  return instead(node, "Transpose", before.inputs, { perm });
};

/** x * a * b is x * (a b) for numbers a and b. */
export const mergeFactors: Rewrite = (node, context) => {
  if (!isOp(node, "Mul")) return undefined;
  const outer = factored(node.inputs, context);
  const before = outer === undefined ? undefined : context.producerOf(outer.rest);
  if (outer === undefined || before === undefined || !isOp(before, "Mul")) return undefined;
  const inner = factored(before.inputs, context);
  if (inner === undefined || !sameShape(inner.rest.shape, node.outputs[0].shape)) return undefined;
  const product = Float32Array.of(outer.factor * inner.factor);
  return instead(node, "Mul", [inner.rest, context.constant(node.name, { dtype: "float32", shape: [] }, product)], {});
};

function factored(
  [a, b]: readonly [Value, Value],
  context: Parameters<Rewrite>[1],
): { readonly rest: Value; readonly factor: number } | undefined {
  const right = scalarOf(b, context);
  if (right !== undefined) return { rest: a, factor: right };
  const left = scalarOf(a, context);
  return left === undefined ? undefined : { rest: b, factor: left };
}

/** a + (-b) is a - b. */
export const mergeNegations: Rewrite = (node, { producerOf }) => {
  if (!isOp(node, "Add")) return undefined;
  const [a, b] = node.inputs;
  const negated = producerOf(b);
  if (negated !== undefined && isOp(negated, "Neg")) return instead(node, "Sub", [a, negated.inputs[0]], {});
  const first = producerOf(a);
  return first !== undefined && isOp(first, "Neg") ? instead(node, "Sub", [b, first.inputs[0]], {}) : undefined;
};

const broadcasting = ["Add", "Sub", "Mul", "Div", "Max", "Min"] as const satisfies readonly OpType[];

/** Operators that broadcast by themselves need no expanded operand. */
export const dropExpansions: Rewrite = (node, { producerOf }) => {
  for (const op of broadcasting) {
    if (!isOp(node, op)) continue;
    const [a, b] = node.inputs;
    const shape = node.outputs[0].shape;
    const narrowA = narrower(a, b.shape, shape, producerOf);
    if (narrowA !== undefined) return instead(node, op, [narrowA, b], {});
    const narrowB = narrower(b, a.shape, shape, producerOf);
    if (narrowB !== undefined) return instead(node, op, [a, narrowB], {});
  }
  return undefined;
};

/** What `value` was expanded from, if that meets `other` in the same shape. */
function narrower(value: Value, other: Shape, shape: Shape, producerOf: Parameters<Rewrite>[1]["producerOf"]): Value | undefined {
  const before = producerOf(value);
  if (before === undefined || !isOp(before, "Expand")) return undefined;
  const [x] = before.inputs;
  return sameShape(broadcastShapes(x.shape, other), shape) ? x : undefined;
}
