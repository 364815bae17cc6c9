import { describe, expect, it } from "vitest";
import { isArgminError } from "@argmin/base";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Value } from "../../src/graph/value.ts";

function messageOf(build: () => unknown): string {
  try {
    build();
  } catch (error) {
    if (isArgminError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "nothing was thrown";
}

describe("GraphBuilder", () => {
  it("names parameters with dots and nodes with slashes after the scopes", () => {
    const builder = new GraphBuilder("names");
    const x = builder.input("x", "float32", [4, 2]);
    builder.scope("block", () =>
      builder.scope("dense", () => {
        const w = builder.parameter("kernel", [2, 3]);
        const y = builder.op.MatMul(x, w);
        builder.output("y", builder.op.Relu(builder.op.Relu(y)));
      }),
    );
    const graph = builder.build();
    expect(graph.parameters.map(({ name }) => name)).toEqual(["block.dense.kernel"]);
    expect(graph.nodes.map(({ name }) => name)).toEqual(["block/dense/MatMul", "block/dense/Relu", "block/dense/Relu_2"]);
    expect(graph.outputs.map(({ name, value }) => [name, value.name])).toEqual([["y", "block/dense/Relu_2"]]);
    expect(builder.scopePath).toBe("");
  });

  it("leaves a scope that threw", () => {
    const builder = new GraphBuilder("scopes");
    const fail = (): never => {
      throw new Error("no");
    };
    expect(() => builder.scope("a", fail)).toThrow("no");
    expect(builder.scopePath).toBe("");
  });

  it("keeps nodes and graphs from being changed", () => {
    const builder = new GraphBuilder("frozen");
    const y = builder.op.Neg(builder.input("x", "float32", [2]));
    const graph = builder.build();
    for (const item of [graph, graph.nodes, graph.nodes[0], y, y.shape]) expect(Object.isFrozen(item)).toBe(true);
  });

  it("makes one constant of equal ones, and tells 0 from -0 and float from integer", () => {
    const builder = new GraphBuilder("constants");
    expect(builder.constant(2)).toBe(builder.constant(2));
    expect(builder.constant([1, 2])).toBe(builder.constant(Float32Array.of(1, 2)));
    expect(builder.constant(0)).not.toBe(builder.constant(-0));
    expect(builder.constant(1)).not.toBe(builder.constant(1, { dtype: "int64" }));
    expect(builder.constant([1, 2])).not.toBe(builder.constant([1, 2], { shape: [2, 1] }));
  });

  it("copies what constants are made of, and lets a node be an output of its own name", () => {
    const builder = new GraphBuilder("copies");
    const data = new Float32Array(2000);
    builder.constant(data);
    data.fill(1);
    expect(builder.build().constants[0]!.data).toEqual(new Float32Array(2000));
    const y = builder.op.Neg(builder.input("x", "float32", [1]));
    builder.output(y.name, y);
    expect(builder.build().outputs).toEqual([{ name: "Neg", value: y }]);
  });

  it("gives a number the element type of the other operand", () => {
    const builder = new GraphBuilder("numbers");
    const indices = builder.input("indices", "int64", [3]);
    expect(builder.op.Add(indices, 1).dtype).toBe("int64");
    expect(builder.op.Mul(2, builder.input("x", "float32", [])).dtype).toBe("float32");
  });

  it("counts negative axes from the last", () => {
    const builder = new GraphBuilder("axes");
    const x = builder.input("x", "float32", [2, 3, 4]);
    const { op } = builder;
    expect(op.ReduceSum(x, { axes: [-1] }).shape).toEqual([2, 3]);
    expect(op.Concat([x, x], -2).shape).toEqual([2, 6, 4]);
    expect(op.ArgMax(x, { axis: -3 }).shape).toEqual([3, 4]);
    expect(op.Gather(x, builder.input("i", "int64", [5]), -1).shape).toEqual([2, 3, 5]);
    expect(op.Cast(x, "float32")).toBe(x);
  });

  it("pads for `same` as Keras does, the odd row after", () => {
    const builder = new GraphBuilder("same");
    const x = builder.input("x", "float32", [1, 1, 7, 8]);
    const w = builder.input("w", "float32", [1, 1, 3, 2]);
    const y = builder.op.Conv(x, w, undefined, { padding: "same", strides: 2 });
    expect(y.shape).toEqual([1, 1, 4, 4]);
    expect(builder.nodes[0]?.attributes).toMatchObject({ pads: [1, 0, 1, 0], strides: [2, 2] });
  });

  const invalid: readonly (readonly [string, RegExp, (builder: GraphBuilder, of: (...shape: number[]) => Value) => unknown])[] = [
    ["a second tensor of a name", /two tensors named x;/, (b) => [b.input("x", "float32", [1]), b.input("x", "float32", [1])]],
    ["a second output of a name", /two outputs named y/, (b, of) => [b.output("y", of(1)), b.output("y", of(1))]],
    [
      "an output named like an input",
      /two tensors named x;.* output/,
      (b) => b.output("x", b.op.Neg(b.input("x", "float32", [1]))),
    ],
    [
      "an input named like an output",
      /two tensors named y;.* input/,
      (b, of) => [b.output("y", of(1)), b.input("y", "float32", [1])],
    ],
    [
      "a fraction for whole numbers",
      /^value\/invalid: A constant of int32 holds whole numbers .*, not 0.5; cast the other operand first/,
      (b) => b.op.Mul(b.input("i", "int32", [2]), 0.5),
    ],
    ["a number too large", /uint8 holds whole numbers from 0 to 255, not 256/, (b) => b.op.Add(b.input("i", "uint8", [2]), 256)],
    ["a text for a number", /float32 holds numbers, not 1;/, (b) => b.constant(JSON.parse('["1"]'))],
    [
      "an array of another type",
      /wants a BigInt64Array of 1 elements, not a Int32Array of 1/,
      (b) => b.constant(Int32Array.of(1), { dtype: "int64" }),
    ],
    [
      "an array of another size",
      /wants a Float32Array of 3 elements, not a Float32Array of 2/,
      (b) => b.constant(new Float32Array(2), { shape: [3] }),
    ],
    ["too few elements", /wants 3 elements, not 2/, (b) => b.constant([1, 2], { shape: [3] })],
    ["shapes that do not broadcast", /Add: shapes \[2\] and \[3\] do not broadcast/, ({ op }, of) => op.Add(of(2), of(3))],
    [
      "mixed element types",
      /Mul: wants one element type, not float32\[2\] and int64\[2\]/,
      (b, of) => b.op.Mul(of(2), b.input("i", "int64", [2])),
    ],
    ["integers where floats belong", /Exp: wants float32, not int64\[2\]/, (b) => b.op.Exp(b.input("i", "int64", [2]))],
    ["a flag where numbers belong", /Neg: wants numbers, not bool\[2\]/, (b) => b.op.Neg(b.input("i", "bool", [2]))],
    ["sums of flags", /Add: wants numbers, not bool\[2\]/, (b) => b.op.Add(b.input("i", "bool", [2]), b.input("j", "bool", [2]))],
    ["numbers where flags belong", /Not: wants bool, not float32\[2\]/, (b, of) => b.op.Not(of(2))],
    ["a condition of numbers", /Where: wants a bool condition/, ({ op }, of) => op.Where(of(2), of(2), of(2))],
    [
      "inner sizes that differ",
      /MatMul: wants .* not float32\[2, 3\] and float32\[2, 3\]/,
      ({ op }, of) => op.MatMul(of(2, 3), of(2, 3)),
    ],
    ["a vector in a product", /Gemm: wants \[m, k\]/, ({ op }, of) => op.Gemm(of(3), of(3, 2))],
    [
      "a transposed misfit",
      /float32\[3, 2\] transposed and float32\[2, 4\]/,
      ({ op }, of) => op.Gemm(of(3, 2), of(2, 4), undefined, { transA: true }),
    ],
    [
      "an addend too large",
      /Gemm: cannot add float32\[2, 2, 4\]|do not broadcast/,
      ({ op }, of) => op.Gemm(of(2, 3), of(3, 4), of(2, 2, 4)),
    ],
    ["an axis too far", /ReduceSum: axis 2 is not one of the 2 axes/, ({ op }, of) => op.ReduceSum(of(2, 3), { axes: [2] })],
    ["a reshape that loses elements", /Reshape: cannot make \[4\] \(4 elements\)/, ({ op }, of) => op.Reshape(of(2, 3), [4])],
    ["no order of axes", /Transpose: \[0, 0\] is no order/, ({ op }, of) => op.Transpose(of(2, 3), [0, 0])],
    ["an expansion that shrinks", /Expand: cannot expand/, ({ op }, of) => op.Expand(of(2, 3), [3])],
    ["a slice beyond the end", /Slice: cannot take 1 to 5 by 1 of axis 0/, ({ op }, of) => op.Slice(of(4), [1], [5])],
    ["pads for half the axes", /Pad: wants two non-negative pads an axis/, ({ op }, of) => op.Pad(of(2, 3), [1, 1])],
    ["nothing to join", /Concat: wants at least one input/, ({ op }) => op.Concat([], 0)],
    [
      "a misfit in a join",
      /Concat: cannot join float32\[2, 3\] and float32\[3, 3\]/,
      ({ op }, of) => op.Concat([of(2, 3), of(3, 3)], 1),
    ],
    ["pieces that do not add up", /Split: pieces of 1 \+ 1 do not add up/, ({ op }, of) => op.Split(of(3), [1, 1])],
    ["float indices", /Gather: wants int32 or int64 indices/, ({ op }, of) => op.Gather(of(3), of(2))],
    [
      "one index alone",
      /OneHot: wants int64 indices along at least one axis, not int64\[\]/,
      (b) => b.op.OneHot(b.input("i", "int64", []), 3),
    ],
    ["a matrix for images", /Conv: wants \[batch, channel, size, size\]/, ({ op }, of) => op.Conv(of(2, 3), of(1, 3, 3, 3))],
    [
      "channels that differ",
      /Conv: kernels .* do not fit the 2 channels/,
      ({ op }, of) => op.Conv(of(1, 2, 5, 5), of(4, 3, 3, 3)),
    ],
    ["a bias of another size", /Conv: wants a bias of \[4\]/, ({ op }, of) => op.Conv(of(1, 3, 5, 5), of(4, 3, 3, 3), of(3))],
    [
      "a window too large",
      /Conv: a window of 3 x 3 does not fit into images of 2 x 5/,
      ({ op }, of) => op.Conv(of(1, 1, 2, 5), of(1, 1, 3, 3)),
    ],
    ["kernels without axes", /Conv: wants/, ({ op }, of) => op.Conv(of(1, 1, 5, 5), of(3))],
    [
      "kernels of a transposed convolution",
      /ConvTranspose: wants kernels \[2, channel, 3, 3\]/,
      (b, of) =>
        b.add("ConvTranspose", [of(1, 2, 5, 5), of(3, 1, 3, 3)], {
          kernel_shape: [3, 3],
          strides: [1, 1],
          pads: [0, 0, 0, 0],
          dilations: [1, 1],
          group: 1,
          output_padding: [0, 0],
        }),
    ],
    [
      "float places",
      /MaxUnpool: wants int64 indices/,
      (b, of) =>
        b.add("MaxUnpool", [of(1, 1, 2, 2), of(1, 1, 2, 2)], {
          kernel_shape: [2, 2],
          strides: [2, 2],
          pads: [0, 0, 0, 0],
          output_shape: [1, 1, 4, 4],
        }),
    ],
  ];

  it.each(invalid)("refuses %s, naming the node", (_, message, build) => {
    const builder = new GraphBuilder("invalid");
    let count = 0;
    const of = (...shape: number[]): Value => builder.input(`input ${count++}`, "float32", shape);
    expect(messageOf(() => build(builder, of))).toMatch(message);
  });

  it("names the node with its scope", () => {
    const builder = new GraphBuilder("scoped");
    const x = builder.input("x", "float32", [2]);
    const y = builder.input("y", "float32", [3]);
    const build = (): Value => builder.scope("head", () => builder.op.Sub(x, y));
    expect(messageOf(build)).toBe("graph/shape: head/Sub: shapes [2] and [3] do not broadcast: sizes must be equal or 1.");
  });
});
