import type { GraphBuilder } from "../builder.ts";
import type { Value } from "../value.ts";
import { lowerAveragePools } from "./lower-average-pools.ts";
import { lowerConvolutions } from "./lower-convolutions.ts";
import { mergeConvolutions } from "./merge-convolutions.ts";
import { mergeVectors } from "./merge-vectors.ts";
import { pixelMajor } from "./pixel-major.ts";

/**
 * The same values by faster means, where some are known and the builder's target wants them: the rewrites that go before the
 * gradients, in their order.
 *
 * @param chance - Inputs whose elements are random and independent, used once each: which is where may change.
 * For forward passes: take gradients of the result. Nodes that it no longer needs are left to `simplify`.
 */
export function fasterForms(
  builder: GraphBuilder,
  values: readonly Value[],
  chance: ReadonlySet<Value> = new Set(),
): readonly Value[] {
  if (builder.target.forms === "plain") return values;
  const turned = pixelMajor(builder, mergeConvolutions(builder, values), chance);
  return lowerAveragePools(builder, lowerConvolutions(builder, mergeVectors(builder, turned)));
}
