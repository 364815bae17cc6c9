import { describe, expect, it } from "vitest";
import { gradientRules, nonDifferentiable } from "../../src/gradients/rules.ts";
import { opTypes } from "../../src/graph/shapes.ts";
import { kernels } from "../../src/interpreter/kernels.ts";
import { onnxForms } from "../../src/onnx/forms.ts";
import { checkOp } from "../check-op.ts";
import { opCases } from "./cases.ts";

describe("every operator", () => {
  it("is in all tables and has cases", () => {
    for (const table of [
      onnxForms,
      kernels,
      opCases,
      { ...gradientRules, ...Object.fromEntries(nonDifferentiable.map((op) => [op, 0])) },
    ]) {
      expect(Object.keys(table).toSorted()).toEqual(opTypes.toSorted());
    }
  });

  it("does not compile without a rule", () => {
    const { Relu: _, ...rest } = gradientRules;
    // @ts-expect-error Property 'Relu' is missing
    const rules: typeof gradientRules = rest;
    expect(Object.keys(rules)).not.toContain("Relu");
  });

  it.each(opTypes)("%s agrees with its gradient and with ONNX Runtime", async (op) => {
    await checkOp(op, opCases[op]);
  });
});
