import { sharesOf } from "../../gradients/average-pooling.ts";
import type { GraphBuilder } from "../builder.ts";
import { isOp, type Node } from "../graph.ts";
import { imageSizes, type Value } from "../value.ts";
import { ancestors, inScopeOf, repeat } from "./rebuild.ts";

/**
 * The same values, with average pools as products by matrices of constants, and so their gradients.
 *
 * For forward passes: take gradients of the result. Nodes that it no longer needs are left to `simplify`.
 */
export function lowerAveragePools(builder: GraphBuilder, values: readonly Value[]): readonly Value[] {
  const replacements = new Map<Value, Value>();
  const current = (old: Value): Value => replacements.get(old) ?? old;
  for (const node of ancestors(builder, values)) {
    if (isOp(node, "AveragePool")) {
      const images = current(node.inputs[0]);
      replacements.set(
        node.outputs[0],
        inScopeOf(builder, node, () => emitProducts(builder, node, images)),
      );
    } else if (node.inputs.some((input) => replacements.has(input))) {
      const outputs = repeat(builder, node, current);
      node.outputs.forEach((output, i) => replacements.set(output, outputs[i]!));
    }
  }
  return values.map(current);
}

/** Where windows lie apart and fill the height one product for both axes, else one for each. */
function emitProducts({ op, ...builder }: GraphBuilder, { attributes, outputs: [y] }: Node<"AveragePool">, x: Value): Value {
  throw new Error("placeholder");
}
