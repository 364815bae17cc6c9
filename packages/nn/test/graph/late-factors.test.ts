import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { lateFactors } from "../../src/graph/rewrites/late-factors.ts";
import { simplify } from "../../src/graph/rewrites/simplify.ts";
import { interpret } from "../../src/interpreter/interpret.ts";

describe("lateFactors", () => {
  const builder = new GraphBuilder("dropout");
  const { op } = builder;
  const x = builder.input("x", "float32", [2, 3]);
  const bytes = builder.input("bytes", "uint8", [6]);
  const slow = op.Exp(op.Tanh(x));
  const factors = op.Reshape(op.DequantizeLinear(bytes, 0.5), [2, 3]);
  builder.output("there", op.Mul(slow, factors));
  builder.output("back", op.Mul(op.Neg(slow), factors));
  const graph = simplify(builder.build());
  const late = lateFactors(graph);

  it("makes factors of the bytes for every use, and computes the same", () => {
    const feeds = { x: Float32Array.of(1, -2, 3, 0.5, 0, 2), bytes: Uint8Array.of(0, 1, 2, 3, 4, 255) };
    expect(interpret(late, feeds)).toEqual(interpret(graph, feeds));
    const made = late.nodes.filter((node) => node.op === "DequantizeLinear");
    expect(made).toHaveLength(2);
    for (const { outputs } of made)
      expect(late.nodes.filter(({ inputs }) => inputs.some((input) => input === outputs[0]))).toHaveLength(1);
  });

  it("keeps the uses from becoming one again", () => {
    expect(simplify(late).nodes.filter((node) => node.op === "DequantizeLinear")).toHaveLength(2);
  });

  it("puts what hangs on bytes alone before all else", () => {
    const ops = late.nodes.map((node) => node.op);
    expect(ops.lastIndexOf("DequantizeLinear")).toBeLessThan(ops.indexOf("Tanh"));
  });
});
