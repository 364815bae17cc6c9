import { describe, expect, it } from "vitest";
import { checkOp, compare, type OpCase } from "../check-op.ts";

/** A case on two given numbers. */
function onNumbers(elements: readonly number[], apply: OpCase["apply"]): OpCase {
  return { name: "given numbers", inputs: [{ dtype: "float32", shape: [2], elements: () => elements }], apply };
}

describe("checkOp", () => {
  it("wants cases that use the operator", async () => {
    await expect(checkOp("Relu", [])).rejects.toThrow("Relu has no case");
    await expect(checkOp("Relu", [onNumbers([1, 2], (op, [x]) => op.Neg(x!))])).rejects.toThrow("does not use the operator");
  });

  it("notices a gradient that is no slope: on a kink, say", async () => {
    await expect(checkOp("Relu", [onNumbers([0, 1], (op, [x]) => op.Relu(x!))])).rejects.toThrow(
      /Relu, given numbers: the slope along a direction is .*, wanted/,
    );
  });

  it("notices numbers that float32 does not reach", async () => {
    const cancel: OpCase = onNumbers([1e-6, 2e-6], (op, [x]) => op.Mul(op.Sub(op.Add(x!, 100), 100), 1e5));
    await expect(checkOp("Sub", [cancel])).rejects.toThrow(/Sub, given numbers: y0 from ONNX Runtime is .*, wanted/);
  });
});

describe("compare", () => {
  it("allows a relative and an absolute difference, and equal infinities and NaN", () => {
    compare("x", Float64Array.of(1, Infinity, Number.NaN), Float64Array.of(1.0001, Infinity, Number.NaN), 1e-3, 0);
    compare("x", Float64Array.of(0), Float64Array.of(1e-6), 0, 1e-5);
    expect(() => compare("x", Float64Array.of(1), Float64Array.of(1.1), 1e-3, 1e-3)).toThrow("x is 1 at 0, wanted 1.1");
    expect(() => compare("x", Float64Array.of(Number.NaN), Float64Array.of(1), 1, 1)).toThrow("x is NaN");
    expect(() => compare("x", Float64Array.of(1), Float64Array.of(1, 2), 1, 1)).toThrow("x has 1 elements, wanted 2");
  });
});
