import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { evaluate, interpret } from "../../src/interpreter/interpret.ts";
import { tensor64 } from "../../src/interpreter/tensor.ts";

describe("interpret", () => {
  it("computes in float64", () => {
    const builder = new GraphBuilder("precise");
    const x = builder.input("x", "float32", [1]);
    builder.output("y", builder.op.Sub(builder.op.Add(x, 1), 1));
    expect(interpret(builder.build(), { x: Float64Array.of(1e-12) })["y"]![0]).toBeCloseTo(1e-12, 15);
  });

  it("keeps large exponents finite where the operator can", () => {
    const builder = new GraphBuilder("large");
    const { op } = builder;
    const x = builder.input("x", "float32", [2]);
    builder.output("softplus", op.Softplus(x));
    builder.output("softmax", op.LogSoftmax(x));
    builder.output("sigmoid", op.Sigmoid(x));
    const values = interpret(builder.build(), { x: Float32Array.of(1000, -1000) });
    expect([...values["softplus"]!]).toEqual([1000, 0]);
    expect([...values["softmax"]!]).toEqual([0, -2000]);
    expect([...values["sigmoid"]!]).toEqual([1, 0]);
  });

  it("counts negative indices from the end, and takes no one-hot column beyond", () => {
    const builder = new GraphBuilder("indices");
    const x = builder.input("x", "float32", [3]);
    const indices = builder.input("indices", "int64", [3]);
    builder.output("picked", builder.op.Gather(x, indices));
    builder.output("hot", builder.op.OneHot(indices, 3));
    const values = interpret(builder.build(), { x: Float32Array.of(10, 20, 30), indices: BigInt64Array.of(-1n, 0n, 1n) });
    expect([...values["picked"]!]).toEqual([30, 10, 20]);
    expect([...values["hot"]!]).toEqual([0, 0, 1, 1, 0, 0, 0, 1, 0]);
  });

  it("wants every input in its size", () => {
    const builder = new GraphBuilder("sizes");
    builder.output("y", builder.op.Neg(builder.input("x", "float32", [2])));
    const graph = builder.build();
    expect(() => interpret(graph, {})).toThrow("sizes wants 2 elements of x, not undefined");
    expect(() => interpret(graph, { x: new Float32Array(3) })).toThrow("sizes wants 2 elements of x, not 3");
  });

  it("holds kernels to the shapes that were promised", () => {
    const builder = new GraphBuilder("promises");
    builder.op.Neg(builder.input("x", "float32", [2]));
    expect(() => evaluate(builder.nodes[0]!, [tensor64([3])])).toThrow("another shape than was promised");
  });
});
