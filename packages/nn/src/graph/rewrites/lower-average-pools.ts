import { poolShares } from "../../gradients/average-pooling.ts";
import type { GraphBuilder } from "../builder.ts";
import { isOp, type Node } from "../graph.ts";
import { imageSizes, type Value } from "../value.ts";
import { ancestors, inScopeOf, repeat } from "./rebuild.ts";

/**
 * @file Average pools as products by matrices of constants, as their gradients are (gradients/average-pooling.ts).
 *
 * Milliseconds on one thread, `AveragePool` against products: windows of 2 x 2 on [128, 64, 32, 32] 11.9 and 6.4, on
 * [320, 22, 16, 16] 3.9 and 1.0; of 3 x 3 with strides 2 there 12.4 and 12.1, 6.1 and 2.5; with strides 1 18.6 and 22.2, 23 and 4.7.
 */

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

function emitProducts(builder: GraphBuilder, { attributes, outputs: [y] }: Node<"AveragePool">, x: Value): Value {
  const { op } = builder;
  const [batch, channels, height, width] = imageSizes(x.shape);
  const [, , rows, columns] = imageSizes(y.shape);
  const shares = poolShares(attributes, x.shape, y.shape);
  if (shares.kind === "together") {
    const size = (height / rows) * width;
    const matrix = builder.constant(shares.matrix, { shape: [columns, size] });
    return op.Reshape(op.Gemm(op.Reshape(x, [batch * channels * rows, size]), matrix, undefined, { transB: true }), y.shape);
  }
  const byColumn = builder.constant(shares.columns, { shape: [columns, width] });
  const narrow = op.Gemm(op.Reshape(x, [batch * channels * height, width]), byColumn, undefined, { transB: true });
  const byRow = builder.constant(shares.rows, { shape: [rows, height] });
  return op.MatMul(byRow, op.Reshape(narrow, [batch, channels, height, columns]));
}
