import { isOp, type Node } from "../graph.ts";
import { sameShape, type Value } from "../value.ts";
import { scalarOf, type Rewrite, type RewriteContext } from "./rewrite.ts";

/** Drops nodes whose result is one of their inputs. */
export const dropNoOps: Rewrite = (node, context) => {
  const value = unchanged(node, context);
  // A broadcast of a one to the shape of the output is no reason to lose that shape.
  return value !== undefined && sameShape(value.shape, node.outputs[0].shape) ? { value } : undefined;
};

function unchanged(node: Node, context: RewriteContext): Value | undefined {
  const [x] = node.inputs;
  switch (node.op) {
    case "Identity":
    case "Reshape":
    case "Expand":
    case "Slice":
    case "Pad":
      // Of the same shape nothing was cut, added or repeated.
      return x;
    case "Cast":
      return x?.dtype === node.outputs[0].dtype ? x : undefined;
    case "ReduceSum":
    case "ReduceMean":
    case "ReduceMax":
      return x;
    case "Concat":
    case "Split":
      return node.inputs.length === 1 && node.outputs.length === 1 ? x : undefined;
    case "Transpose":
      return isOp(node, "Transpose") && node.attributes.perm.every((axis, i) => axis === i) ? x : undefined;
    case "Add":
      return neutral(node, 0, context) ?? neutralFirst(node, 0, context);
    case "Mul":
      return neutral(node, 1, context) ?? neutralFirst(node, 1, context);
    case "Sub":
      return neutral(node, 0, context);
    case "Div":
    case "Pow":
      return neutral(node, 1, context);
    default:
      return undefined;
  }
}

function neutral({ inputs: [a, b] }: Node, element: number, context: RewriteContext): Value | undefined {
  return b !== undefined && scalarOf(b, context) === element ? a : undefined;
}

function neutralFirst({ inputs: [a, b] }: Node, element: number, context: RewriteContext): Value | undefined {
  return a !== undefined && scalarOf(a, context) === element ? b : undefined;
}
