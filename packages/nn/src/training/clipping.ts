import { ArgminError } from "@argmin/base";
import type { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";

/**
 * What gradients are held to: "norm" shortens all together, where they are longer, to the Euclidean length `limit`; "value" cuts each
 * number off at `limit`, above and below.
 */
export interface GradientClipping {
  readonly kind: "norm" | "value";
  /** Above 0. */
  readonly limit: number;
}

/** @throws ArgminError `value/invalid` for another kind or a limit that is not above 0. */
export function checkClipping({ kind, limit }: GradientClipping): void {
  if (!Object.hasOwn(clippings, kind)) {
    throw new ArgminError("value/invalid", `Gradients are clipped by "norm" or "value", not by ${JSON.stringify(kind)}.`);
  }
  if (!(Number.isFinite(limit) && limit > 0)) {
    throw new ArgminError("value/invalid", `The limit of gradient clipping must be a finite number above 0, not ${limit}.`);
  }
}

/** All gradients of a step, clipped. */
export function clipGradients(
  builder: GraphBuilder,
  gradients: readonly Value[],
  clipping: GradientClipping | undefined,
): readonly Value[] {
  if (clipping === undefined) return gradients;
  return builder.scope("clipping", () => clippings[clipping.kind](builder, gradients, clipping.limit));
}

const clippings: {
  readonly [K in GradientClipping["kind"]]: (
    builder: GraphBuilder,
    gradients: readonly Value[],
    limit: number,
  ) => readonly Value[];
} = {
  norm: ({ op }, gradients, limit) => {
    const squares = gradients.map((gradient) => op.ReduceSum(op.Mul(gradient, gradient)));
    const norm = op.Sqrt(squares.reduce((sum, square) => op.Add(sum, square)));
    // A norm of 0 divides by the limit instead, and 1 remains.
    const factor = op.Div(limit, op.Max(norm, limit));
    return gradients.map((gradient) => op.Mul(gradient, factor));
  },
  value: ({ op }, gradients, limit) => gradients.map((gradient) => op.Clip(gradient, -limit, limit)),
};
