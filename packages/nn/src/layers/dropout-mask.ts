import type { Operators } from "../graph/operators.ts";
import type { Value } from "../graph/value.ts";

/**
 * Factors from random bytes, one an element: 0 with probability `rate`, in steps of 1 / 256, else what keeps the expected sum as
 * it is.
 *
 * Bytes are a quarter of what factors would be to draw, to keep and to hand over, and the graph works on all threads.
 */
export function dropoutFactors(op: Operators, bytes: Value, rate: number): Value {
  // At most 255, so that something is kept of a rate of almost 1.
  const dropped = Math.min(255, Math.round(rate * 256));
  const isKept = op.GreaterOrEqual(bytes, dropped);
  return op.DequantizeLinear(op.Cast(isKept, "uint8"), 256 / (256 - dropped));
}
