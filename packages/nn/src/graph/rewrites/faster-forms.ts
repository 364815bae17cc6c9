import type { GraphBuilder } from "../builder.ts";
import type { Value } from "../value.ts";
import { lowerConvolutions } from "./lower-convolutions.ts";
import { mergeConvolutions } from "./merge-convolutions.ts";
import { pixelMajor } from "./pixel-major.ts";

/**
 * The same values by faster means, where some are known: the rewrites that go before the gradients, in their order.
 *
 * For forward passes: take gradients of the result. Nodes that it no longer needs are left to `simplify`.
 */
export function fasterForms(builder: GraphBuilder, values: readonly Value[]): readonly Value[] {
  return pixelMajor(builder, lowerConvolutions(builder, mergeConvolutions(builder, values)));
}
