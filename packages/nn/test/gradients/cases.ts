import type { Rng } from "@argmin/base";
import type { OpType } from "../../src/graph/op.ts";
import type { Operators } from "../../src/graph/operators.ts";
import type { DataType, Shape, Value } from "../../src/graph/value.ts";
import type { CaseInput, OpCase } from "../check-op.ts";

/** Numbers in [-2, 2] away from 0, where many operators have a kink. */
const real = (...shape: Shape): CaseInput => input("float32", shape, (rng) => (rng.float() < 0.5 ? -1 : 1) * rng.uniform(0.1, 2));
const positive = (...shape: Shape): CaseInput => input("float32", shape, (rng) => rng.uniform(0.2, 3));
const flags = (...shape: Shape): CaseInput => input("bool", shape, (rng) => rng.integer(2));
const integers = (count: number, ...shape: Shape): CaseInput => input("int64", shape, (rng) => rng.integer(count));

/** All different by at least 0.05, in random order: maxima are far from ties. */
const distinct = (...shape: Shape): CaseInput => ({
  shape,
  dtype: "float32",
  elements: (rng, count) => Array.from(rng.permutation(count), (rank) => (rank - count / 2) * 0.05),
});

function input(dtype: DataType, shape: Shape, draw: (rng: Rng) => number): CaseInput {
  return { shape, dtype, elements: (rng, count) => Array.from({ length: count }, () => draw(rng)) };
}

function one(name: string, inputs: readonly CaseInput[], apply: OpCase["apply"]): OpCase {
  return { name, inputs, apply };
}

const shapes: readonly Shape[] = [[], [5], [2, 3, 4]];

/** A scalar, a vector and a tensor. */
function unary(apply: (op: Operators, x: Value) => Value, make = real): readonly OpCase[] {
  return shapes.map((shape) => one(`[${shape.join()}]`, [make(...shape)], (op, [x]) => apply(op, x!)));
}

const pairs: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[4], []],
  [[3], [2, 3]],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [
    [2, 3],
    [2, 3],
  ],
];

/** Scalars, vectors and shapes that broadcast both ways. */
function binary(apply: (op: Operators, a: Value, b: Value) => Value, left = real, right = real): readonly OpCase[] {
  return pairs.map(([a, b]) =>
    one(`[${a.join()}] and [${b.join()}]`, [left(...a), right(...b)], (op, [x, y]) => apply(op, x!, y!)),
  );
}

/** Apart from each other: the first lies at 0, 1, 2 and the second a third beside. */
const whole = (...shape: Shape): CaseInput => input("float32", shape, (rng) => rng.integer(3));
const third = (...shape: Shape): CaseInput =>
  input("float32", shape, (rng) => rng.integer(3) + (rng.float() < 0.5 ? 0.33 : -0.33));

function comparison(apply: (op: Operators, a: Value, b: Value) => Value): readonly OpCase[] {
  return [...binary(apply, whole, whole), ...binary(apply, whole, third)];
}

function reductions(name: "ReduceSum" | "ReduceMean" | "ReduceSumSquare" | "ReduceMax"): readonly OpCase[] {
  return [
    one("all of a vector", [distinct(5)], (op, [x]) => op[name](x!)),
    one("all of a tensor", [distinct(2, 3, 4)], (op, [x]) => op[name](x!)),
    one("the last axis, kept", [distinct(2, 3)], (op, [x]) => op[name](x!, { axes: [-1], keepdims: true })),
    one("the outer axes", [distinct(2, 3, 4)], (op, [x]) => op[name](x!, { axes: [0, 1] })),
    one("no axis", [distinct(3)], (op, [x]) => op[name](x!, { axes: [] })),
    one("of a scalar", [distinct()], (op, [x]) => op[name](x!)),
  ];
}

/** At least one way of using each operator: those without one do not compile. */
export const opCases: { readonly [K in OpType]: readonly OpCase[] } = {
  Identity: unary((op, x) => op.Identity(x)),
  Neg: unary((op, x) => op.Neg(x)),
  Abs: unary((op, x) => op.Abs(x)),
  Sign: unary((op, x) => op.Sign(x)),
  Exp: unary((op, x) => op.Exp(x)),
  Log: unary((op, x) => op.Log(x), positive),
  Sqrt: unary((op, x) => op.Sqrt(x), positive),
  Reciprocal: unary((op, x) => op.Reciprocal(x)),
  Erf: unary((op, x) => op.Erf(x)),
  Relu: unary((op, x) => op.Relu(x)),
  Sigmoid: unary((op, x) => op.Sigmoid(x)),
  Tanh: unary((op, x) => op.Tanh(x)),
  Softplus: unary((op, x) => op.Softplus(x)),
  Softsign: unary((op, x) => op.Softsign(x)),
  Gelu: [...unary((op, x) => op.Gelu(x)), ...unary((op, x) => op.Gelu(x, "tanh"))],
  LeakyRelu: [...unary((op, x) => op.LeakyRelu(x)), ...unary((op, x) => op.LeakyRelu(x, 0.2))],
  Elu: [...unary((op, x) => op.Elu(x)), ...unary((op, x) => op.Elu(x, 0.7))],
  Selu: unary((op, x) => op.Selu(x)),
  HardSigmoid: [
    ...unary((op, x) => op.HardSigmoid(x)),
    one("flat ends too", [input("float32", [8], (rng) => rng.integer(12) - 5.5)], (op, [x]) => op.HardSigmoid(x!, 1 / 6)),
  ],
  Clip: [
    ...unary((op, x) => op.Clip(x, 0.05, 3)),
    one("both ends", [input("float32", [8], (rng) => rng.integer(8) - 3.5)], (op, [x]) => op.Clip(x!, -1, 2)),
    one("one end", [real(2, 3)], (op, [x]) => op.Clip(x!, -Infinity, 0.01)),
    one("no end", [real(2)], (op, [x]) => op.Clip(x!, -Infinity, Infinity)),
  ],
  Cast: [
    one("bytes to floats", [input("uint8", [2, 3], (rng) => rng.integer(256))], (op, [x]) => op.Cast(x!, "float32")),
    one("floats to integers", [real(5)], (op, [x]) => op.Cast(x!, "int32")),
    one("integers to floats", [integers(9, 4)], (op, [x]) => op.Cast(x!, "float32")),
    one("flags to floats", [flags(6)], (op, [x]) => op.Cast(x!, "float32")),
    one("floats to flags", [whole(6)], (op, [x]) => op.Cast(x!, "bool")),
    one("a scalar", [real()], (op, [x]) => op.Cast(x!, "int64")),
  ],
  Not: unary((op, x) => op.Not(x), flags),
  DequantizeLinear: [
    one("bytes", [input("uint8", [2, 3], (rng) => rng.integer(256))], (op, [x]) => op.DequantizeLinear(x!, 1.5)),
    one("flags as bytes", [flags(6)], (op, [x]) => op.DequantizeLinear(op.Cast(x!, "uint8"), 0.25)),
  ],

  Add: [...binary((op, a, b) => op.Add(a, b)), one("with itself", [real(3)], (op, [x]) => op.Add(x!, x!))],
  Sub: binary((op, a, b) => op.Sub(a, b)),
  Mul: [...binary((op, a, b) => op.Mul(a, b)), one("a number", [real(3)], (op, [x]) => op.Mul(3, x!))],
  Div: binary((op, a, b) => op.Div(a, b)),
  Pow: [...binary((op, a, b) => op.Pow(a, b), positive), one("a square", [real(4)], (op, [x]) => op.Pow(x!, 2))],
  Max: binary((op, a, b) => op.Max(a, b), whole, third),
  Min: binary((op, a, b) => op.Min(a, b), whole, third),
  Equal: comparison((op, a, b) => op.Equal(a, b)),
  Greater: comparison((op, a, b) => op.Greater(a, b)),
  GreaterOrEqual: comparison((op, a, b) => op.GreaterOrEqual(a, b)),
  Less: comparison((op, a, b) => op.Less(a, b)),
  LessOrEqual: comparison((op, a, b) => op.LessOrEqual(a, b)),
  Where: [
    one("equal shapes", [flags(2, 3), real(2, 3), real(2, 3)], (op, [c, a, b]) => op.Where(c!, a!, b!)),
    one("broadcast", [flags(3, 1), real(4), real(2, 1, 1)], (op, [c, a, b]) => op.Where(c!, a!, b!)),
    one("scalars", [flags(), real(), real()], (op, [c, a, b]) => op.Where(c!, a!, b!)),
    one("a number", [flags(5), real(5)], (op, [c, a]) => op.Where(c!, a!, 0)),
  ],

  MatMul: [
    one("matrices", [real(2, 3), real(3, 4)], (op, [a, b]) => op.MatMul(a!, b!)),
    one("a matrix for a batch", [real(2, 3, 4), real(4, 2)], (op, [a, b]) => op.MatMul(a!, b!)),
    one("batches that broadcast", [real(2, 1, 2, 3), real(3, 3, 2)], (op, [a, b]) => op.MatMul(a!, b!)),
  ],
  Gemm: [
    ...[false, true].flatMap((transA) =>
      [false, true].map((transB) =>
        one(
          `transposed ${transA} ${transB}`,
          [transA ? real(3, 2) : real(2, 3), transB ? real(4, 3) : real(3, 4), real(4)],
          (op, [a, b, c]) => op.Gemm(a!, b!, c, { transA, transB, alpha: 0.5, beta: 2 }),
        ),
      ),
    ),
    one("without a third", [real(2, 3), real(3, 4)], (op, [a, b]) => op.Gemm(a!, b!)),
    one("a scalar added", [real(2, 3), real(3, 4), real()], (op, [a, b, c]) => op.Gemm(a!, b!, c)),
    one("a column added", [real(2, 3), real(3, 4), real(2, 1)], (op, [a, b, c]) => op.Gemm(a!, b!, c)),
  ],

  ReduceSum: reductions("ReduceSum"),
  ReduceMean: reductions("ReduceMean"),
  ReduceSumSquare: reductions("ReduceSumSquare"),
  ReduceMax: reductions("ReduceMax"),
  ArgMax: [
    one("last axis", [distinct(3, 4)], (op, [x]) => op.ArgMax(x!)),
    one("first axis, kept", [distinct(3, 4)], (op, [x]) => op.ArgMax(x!, { axis: 0, keepdims: true })),
    one("the first of ties", [whole(3, 7)], (op, [x]) => op.ArgMax(x!)),
  ],
  Softmax: [
    one("a vector", [real(4)], (op, [x]) => op.Softmax(x!)),
    one("a middle axis", [real(2, 3, 2)], (op, [x]) => op.Softmax(x!, 1)),
  ],
  LogSoftmax: [
    one("a vector", [real(4)], (op, [x]) => op.LogSoftmax(x!)),
    one("a middle axis", [real(2, 3, 2)], (op, [x]) => op.LogSoftmax(x!, 1)),
  ],

  Reshape: [
    one("to a vector", [real(2, 3)], (op, [x]) => op.Reshape(x!, [6])),
    one("from a scalar", [real()], (op, [x]) => op.Reshape(x!, [1, 1])),
    one("to a scalar", [real(1)], (op, [x]) => op.Reshape(x!, [])),
  ],
  Transpose: [
    one("a matrix", [real(2, 3)], (op, [x]) => op.Transpose(x!)),
    one("four axes", [real(2, 3, 4, 2)], (op, [x]) => op.Transpose(x!, [2, 0, 3, 1])),
    one("a vector", [real(3)], (op, [x]) => op.Transpose(x!)),
  ],
  Expand: [
    one("a scalar", [real()], (op, [x]) => op.Expand(x!, [2, 3])),
    one("a column", [real(2, 1)], (op, [x]) => op.Expand(x!, [4, 2, 3])),
  ],
  Slice: [
    one("a piece of a vector", [real(6)], (op, [x]) => op.Slice(x!, [1], [4])),
    one("every second", [real(7)], (op, [x]) => op.Slice(x!, [1], [7], [2])),
    one("with a rest", [real(2, 8)], (op, [x]) => op.Slice(x!, [0, 1], [2, 6], [1, 3])),
    one("both axes in steps", [real(5, 7)], (op, [x]) => op.Slice(x!, [0, 2], [5, 7], [2, 3])),
  ],
  Pad: [
    one("zeros", [real(2, 3)], (op, [x]) => op.Pad(x!, [1, 0, 0, 2])),
    one("a value", [real(3)], (op, [x]) => op.Pad(x!, [1, 2], -7)),
  ],
  Concat: [
    one("vectors", [real(2), real(3)], (op, inputs) => op.Concat(inputs, 0)),
    one("the last axis", [real(2, 1), real(2, 3), real(2, 2)], (op, inputs) => op.Concat(inputs, -1)),
    one("one alone", [real(3)], (op, inputs) => op.Concat(inputs, 0)),
  ],
  Split: [
    one("a vector", [real(5)], (op, [x]) => op.Split(x!, [2, 3])),
    one("the last axis", [real(2, 6)], (op, [x]) => op.Split(x!, [1, 2, 3], -1)),
    one("only one piece used", [real(4)], (op, [x]) => op.Split(x!, [1, 3])[1]!),
  ],
  Gather: [
    one("rows, some twice", [real(4, 3), integers(4, 5)], (op, [data, indices]) => op.Gather(data!, indices!)),
    one("a middle axis", [real(2, 4, 3), integers(4, 2, 2)], (op, [data, indices]) => op.Gather(data!, indices!, 1)),
    one("by short integers", [real(4, 2), input("int32", [3], (rng) => rng.integer(4))], (op, [data, indices]) =>
      op.Gather(data!, indices!),
    ),
    one("one element", [real(4), integers(4)], (op, [data, indices]) => op.Gather(data!, indices!)),
  ],
  OneHot: [
    one("a vector", [integers(4, 5)], (op, [x]) => op.OneHot(x!, 4)),
    one("a matrix", [integers(5, 2, 3)], (op, [x]) => op.OneHot(x!, 5)),
  ],

  Conv: [
    one("plain", [real(2, 3, 5, 6), real(4, 3, 3, 3), real(4)], (op, [x, w, b]) => op.Conv(x!, w!, b)),
    one("without bias", [real(1, 2, 4, 4), real(3, 2, 2, 2)], (op, [x, w]) => op.Conv(x!, w!)),
    one("same", [real(2, 2, 5, 4), real(3, 2, 3, 2), real(3)], (op, [x, w, b]) => op.Conv(x!, w!, b, { padding: "same" })),
    one("strides that leave a rest", [real(2, 2, 6, 7), real(3, 2, 3, 3)], (op, [x, w]) =>
      op.Conv(x!, w!, undefined, { strides: 2 }),
    ),
    one("same with strides", [real(1, 2, 5, 6), real(2, 2, 3, 3)], (op, [x, w]) =>
      op.Conv(x!, w!, undefined, { strides: [2, 3], padding: "same" }),
    ),
    one("dilated, padded unevenly", [real(1, 2, 6, 6), real(2, 2, 2, 3)], (op, [x, w]) =>
      op.Conv(x!, w!, undefined, { dilations: 2, padding: [1, 0, 2, 1] }),
    ),
    one("groups", [real(2, 4, 5, 5), real(6, 2, 3, 3), real(6)], (op, [x, w, b]) => op.Conv(x!, w!, b, { group: 2 })),
    one("each channel alone, in strides", [real(2, 3, 6, 6), real(3, 1, 3, 3)], (op, [x, w]) =>
      op.Conv(x!, w!, undefined, { group: 3, strides: 2, padding: "same" }),
    ),
    one("groups, strides that leave a rest", [real(1, 4, 6, 6), real(4, 2, 3, 3)], (op, [x, w]) =>
      op.Conv(x!, w!, undefined, { group: 2, strides: 2 }),
    ),
    one("pixels alone", [real(2, 5, 3, 3), real(4, 5, 1, 1)], (op, [x, w]) => op.Conv(x!, w!)),
    one("many channels", [real(1, 20, 4, 4), real(3, 20, 3, 3)], (op, [x, w]) => op.Conv(x!, w!)),
  ],
  ConvTranspose: [
    one("plain", [real(2, 3, 4, 3), real(3, 2, 3, 3)], (_, [x, w], builder) =>
      builder.add("ConvTranspose", [x!, w!], transposed({ kernel_shape: [3, 3] })),
    ),
    one("strides, padding and room", [real(1, 2, 3, 3), real(2, 3, 3, 3)], (_, [x, w], builder) =>
      builder.add(
        "ConvTranspose",
        [x!, w!],
        transposed({ kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] }),
      ),
    ),
    one("groups", [real(1, 4, 3, 3), real(4, 2, 2, 2)], (_, [x, w], builder) =>
      builder.add("ConvTranspose", [x!, w!], transposed({ kernel_shape: [2, 2], group: 2 })),
    ),
  ],
  AveragePool: [
    one("apart", [real(2, 3, 4, 6)], (op, [x]) => op.AveragePool(x!, 2)),
    one("apart, further than they are large", [real(1, 2, 6, 7)], (op, [x]) => op.AveragePool(x!, 2, { strides: 3 })),
    one("with a rest", [real(1, 2, 5, 7)], (op, [x]) => op.AveragePool(x!, [2, 3])),
    one("apart and padded", [real(1, 2, 5, 5)], (op, [x]) => op.AveragePool(x!, 2, { padding: "same" })),
    one("overlapping", [real(2, 2, 5, 6)], (op, [x]) => op.AveragePool(x!, 3, { strides: 1 })),
    one("overlapping and padded", [real(1, 2, 6, 5)], (op, [x]) => op.AveragePool(x!, 3, { strides: 2, padding: "same" })),
    one("even and padded", [real(1, 1, 5, 6)], (op, [x]) => op.AveragePool(x!, [4, 2], { strides: 1, padding: "same" })),
    one("padded on one side", [real(1, 2, 4, 3)], (op, [x]) => op.AveragePool(x!, 2, { padding: [0, 1, 0, 0] })),
    one("as large as the image", [real(2, 3, 4, 5)], (op, [x]) => op.AveragePool(x!, [4, 5])),
  ],
  MaxPool: [
    one("apart", [distinct(2, 3, 4, 6)], (op, [x]) => op.MaxPool(x!, 2)),
    one("with a rest", [distinct(1, 2, 5, 7)], (op, [x]) => op.MaxPool(x!, [2, 3])),
    one("with indices", [distinct(2, 2, 4, 4)], (op, [x]) => op.MaxPoolWithIndices(x!, 2)),
    one("apart and padded", [distinct(1, 2, 5, 5)], (op, [x]) => op.MaxPool(x!, 2, { padding: "same" })),
    one("overlapping", [distinct(2, 2, 5, 5)], (op, [x]) => op.MaxPool(x!, 3, { strides: 1 })),
    one("overlapping and padded", [distinct(1, 2, 6, 5)], (op, [x]) => op.MaxPool(x!, 3, { strides: 2, padding: "same" })),
  ],
  MaxUnpool: [
    one("back from a pool", [distinct(1, 2, 4, 4)], (op, [x], builder) => {
      const [pooled, indices] = op.MaxPoolWithIndices(x!, 2);
      return builder.add("MaxUnpool", [pooled, indices], {
        kernel_shape: [2, 2],
        strides: [2, 2],
        pads: [0, 0, 0, 0],
        output_shape: [1, 2, 4, 4],
      });
    }),
  ],
};

function transposed(attributes: {
  readonly kernel_shape: readonly number[];
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly group?: number;
  readonly output_padding?: readonly number[];
}) {
  return { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1, output_padding: [0, 0], ...attributes };
}
