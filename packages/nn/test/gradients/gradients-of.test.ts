import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { gradientsOf } from "../../src/gradients/gradients-of.ts";
import { interpret } from "../../src/interpreter/interpret.ts";

describe("gradientsOf", () => {
  it("adds up the gradients of a value used several times", () => {
    const builder = new GraphBuilder("sum");
    const { op } = builder;
    const x = builder.input("x", "float32", [2]);
    const y = op.ReduceSum(op.Add(op.Mul(x, x), op.Mul(x, 3)));
    builder.output("dx", gradientsOf(builder, y, [x])[0]!);
    expect([...interpret(builder.build(), { x: Float32Array.of(1, -2) })["dx"]!]).toEqual([5, -1]);
  });

  it("gives zeros for a target that the loss does not depend on", () => {
    const builder = new GraphBuilder("zeros");
    const x = builder.input("x", "float32", [2]);
    const other = builder.input("other", "float32", [3]);
    const [dx, dOther] = gradientsOf(builder, builder.op.ReduceSum(x), [x, other]);
    builder.output("dx", dx!);
    builder.output("dOther", dOther!);
    const values = interpret(builder.build(), { x: new Float32Array(2), other: new Float32Array(3) });
    expect([...values["dx"]!, ...values["dOther"]!]).toEqual([1, 1, 0, 0, 0]);
  });

  it("builds nothing on the way to values that are not asked for", () => {
    const builder = new GraphBuilder("pruned");
    const { op } = builder;
    const images = builder.input("images", "float32", [2, 1, 6, 6]);
    const kernels = builder.input("kernels", "float32", [3, 1, 3, 3]);
    const loss = op.ReduceSum(op.Conv(images, kernels));
    gradientsOf(builder, loss, [kernels]);
    expect(builder.nodes.map((node) => node.op)).not.toContain("ConvTranspose");
    const before = builder.nodes.length;
    gradientsOf(builder, op.ReduceSum(images), [kernels]);
    expect(builder.nodes.length).toBe(before + 1);
  });

  it("takes a seed for a loss of any shape", () => {
    const builder = new GraphBuilder("seed");
    const x = builder.input("x", "float32", [2]);
    const seed = builder.input("seed", "float32", [2]);
    builder.output("dx", gradientsOf(builder, builder.op.Mul(x, x), [x], seed)[0]!);
    const values = interpret(builder.build(), { x: Float32Array.of(1, 2), seed: Float32Array.of(10, 100) });
    expect([...values["dx"]!]).toEqual([20, 400]);
  });

  it("can be applied to gradients", () => {
    const builder = new GraphBuilder("twice");
    const { op } = builder;
    const x = builder.input("x", "float32", []);
    const [first] = gradientsOf(builder, op.Mul(op.Mul(x, x), x), [x]);
    builder.output("second", gradientsOf(builder, first!, [x])[0]!);
    expect(interpret(builder.build(), { x: Float32Array.of(5) })["second"]![0]).toBe(30);
  });

  it("lets the gradient of equal maxima go to the first of a window", () => {
    for (const [strides, wanted] of [
      [2, [1, 0, 0, 0]],
      [1, [1, 0, 0, 0]],
    ] as const) {
      const builder = new GraphBuilder("ties");
      const x = builder.input("x", "float32", [1, 1, 2, 2]);
      const y = builder.op.ReduceSum(builder.op.MaxPool(x, 2, { strides }));
      builder.output("dx", gradientsOf(builder, y, [x])[0]!);
      expect([...interpret(builder.build(), { x: new Float32Array(4) })["dx"]!]).toEqual(wanted);
    }
  });

  it("of powers is zero, not undefined, at zero to the zero and beside", () => {
    const builder = new GraphBuilder("powers");
    const [a, b] = ["a", "b"].map((name) => builder.input(name, "float32", [4]));
    const y = builder.op.ReduceSum(builder.op.Pow(a!, b!));
    gradientsOf(builder, y, [a!, b!]).forEach((gradient, i) => builder.output(`d${i}`, gradient));
    const { d0, d1 } = interpret(builder.build(), { a: Float32Array.of(0, 0, 2, 3), b: Float32Array.of(0, 2, 0, 2) });
    expect([...d0!]).toEqual([0, 0, 0, 6]);
    [0, 0, Math.log(2), 9 * Math.log(3)].forEach((wanted, i) => expect(d1![i]).toBeCloseTo(wanted, 12));
  });

  it("names its nodes after the forward nodes", () => {
    const builder = new GraphBuilder("names");
    const x = builder.input("x", "float32", []);
    const y = builder.scope("head", () => builder.op.Tanh(x));
    gradientsOf(builder, y, [x]);
    expect(builder.nodes.at(-1)!.name).toBe("gradients/head/Tanh/Sub");
  });

  it("refuses losses of several elements and seeds that do not fit", () => {
    const builder = new GraphBuilder("refused");
    const x = builder.input("x", "float32", [2]);
    const seed = builder.input("seed", "float32", [3]);
    expect(() => gradientsOf(builder, x, [x])).toThrow("not of float32[2]; sum or average it first");
    expect(() => gradientsOf(builder, x, [x], seed)).toThrow("The seed of a gradient is float32[3], wanted float32[2]");
  });
});
