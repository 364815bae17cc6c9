import { Rng } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Shape, Value } from "../../src/graph/value.ts";
import { sizeOf } from "../../src/graph/value.ts";
import { inLongRuns } from "../../src/graph/rewrites/long-runs.ts";
import { interpret } from "../../src/interpreter/interpret.ts";

type Build = (builder: GraphBuilder, x: Value) => Value;

function compare(shape: Shape, build: Build): readonly string[] {
  const builder = new GraphBuilder("sums");
  builder.output("y", build(builder, builder.input("x", "float32", shape)));
  const graph = builder.build();
  const rng = Rng.fromSeed(shape.join());
  const feeds = { x: Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform(-1, 1)) };
  const rewritten = inLongRuns(graph);
  const [wanted, found] = [graph, rewritten].map((one) => interpret(one, feeds)["y"]!);
  expect(rewritten.outputs[0]!.value.shape).toEqual(graph.outputs[0]!.value.shape);
  wanted!.forEach((value, i) => expect(found![i]).toBeCloseTo(value, 4));
  return rewritten.nodes.map(({ op }) => op);
}

const images = [4, 40, 16, 16];
const pixelsFirst = [16, 16, 4, 40];

describe("inLongRuns", () => {
  it("sums over all but channels by products, wherever the channels are", () => {
    for (const keepdims of [true, false]) {
      for (const sum of ["ReduceSum", "ReduceMean", "ReduceSumSquare"] as const) {
        expect(compare(images, ({ op }, x) => op[sum](x, { axes: [0, 2, 3], keepdims }))).toContain("MatMul");
        expect(compare(pixelsFirst, ({ op }, x) => op[sum](x, { axes: [0, 1, 2], keepdims }))).toContain("MatMul");
      }
    }
  });

  it("repeats vectors along a short last axis on either side", () => {
    const vector = (builder: GraphBuilder): Value => builder.constant(Array.from({ length: 40 }, (_, i) => 1 + i));
    for (const operation of ["Add", "Sub", "Mul", "Div"] as const) {
      expect(compare(pixelsFirst, (builder, x) => builder.op[operation](x, vector(builder)))).toContain("Expand");
    }
    expect(compare(pixelsFirst, (builder, x) => builder.op.Div(vector(builder), builder.op.Add(x, 3)))).toContain("Expand");
  });

  it("leaves small tensors, other sums and other broadcasts as they are", () => {
    expect(compare([2, 3, 4, 5], ({ op }, x) => op.ReduceSum(x, { axes: [0, 2, 3] }))).toEqual(["ReduceSum"]);
    expect(compare(images, ({ op }, x) => op.ReduceSum(x, { axes: [2, 3] }))).toEqual(["ReduceSum"]);
    expect(compare(images, ({ op }, x) => op.ReduceSum(x))).toEqual(["ReduceSum"]);
    expect(compare([2, 20_000], ({ op }, x) => op.ReduceSum(x, { axes: [0] }))).toEqual(["ReduceSum"]);
    expect(compare(images, ({ op }, x) => op.Mul(x, 2))).toEqual(["Mul"]);
    expect(compare(images, ({ op }, x) => op.Add(x, op.ReduceMax(x, { axes: [2, 3], keepdims: true })))).toContain("Add");
  });
});
