import type { Node } from "../graph/graph.ts";
import type { OpType } from "../graph/op.ts";
import { sizeOf, type Value } from "../graph/value.ts";
import { averagePoolGradient } from "./average-pooling.ts";
import { convGradients, convTransposeGradients } from "./convolution.ts";
import { maxPoolGradient } from "./pooling.ts";
import { mask, reducedCount, reducedShape, unslice, type Backward, type GradientRule } from "./rule.ts";

/**
 * @file Reverse mode as one table: a rule for every operator but those listed first.
 */

/** Operators whose gradient is zero or undefined everywhere. */
export const nonDifferentiable = [
  "Sign",
  "Cast",
  "Not",
  "DequantizeLinear",
  "Equal",
  "Greater",
  "GreaterOrEqual",
  "Less",
  "LessOrEqual",
  "ArgMax",
  "OneHot",
] as const satisfies readonly OpType[];

export type DifferentiableOp = Exclude<OpType, (typeof nonDifferentiable)[number]>;

/** Whether a gradient can flow through a node. */
export function isDifferentiable(node: Node): node is Node<DifferentiableOp> {
  return Object.hasOwn(gradientRules, node.op);
}

export const gradientRules: { readonly [K in DifferentiableOp]: GradientRule<K> } = {
  Identity: ({ dy }) => [dy],
  Neg: ({ op, dy }) => [op.Neg(dy)],
  Abs: ({ op, dy, inputs: [x] }) => [op.Mul(dy, op.Sign(x))],
  Exp: ({ op, dy, y }) => [op.Mul(dy, y)],
  Log: ({ op, dy, inputs: [x] }) => [op.Div(dy, x)],
  Sqrt: ({ op, dy, y }) => [op.Div(op.Mul(dy, 0.5), y)],
  Reciprocal: ({ op, dy, y }) => [op.Neg(op.Mul(dy, op.Mul(y, y)))],
  Erf: ({ op, dy, inputs: [x] }) => [op.Mul(dy, op.Mul(op.Exp(op.Neg(op.Mul(x, x))), 2 / Math.sqrt(Math.PI)))],
  // In one pass: y times so much that anything above 0 is cut to 1. A comparison and a cast are two. With more than 1e30 an ordinary y
  // would overflow, and shading languages need not know infinities.
  Relu: ({ op, dy, y }) => [op.Mul(dy, op.HardSigmoid(y, 1e30, 0))],
  Sigmoid: ({ op, dy, y }) => [op.Mul(dy, op.Sub(y, op.Mul(y, y)))],
  Tanh: ({ op, dy, y }) => [op.Sub(dy, op.Mul(dy, op.Mul(y, y)))],
  Softplus: ({ op, dy, inputs: [x] }) => [op.Mul(dy, op.Sigmoid(x))],
  Softsign: ({ op, dy, inputs: [x] }) => {
    const scale = op.Add(op.Abs(x), 1);
    return [op.Div(dy, op.Mul(scale, scale))];
  },
  Gelu: geluGradient,
  LeakyRelu: ({ op, dy, inputs: [x], attributes: { alpha } }) => [
    op.Mul(dy, op.Add(op.Mul(mask(op, op.Greater(x, 0)), 1 - alpha), alpha)),
  ],
  Elu: (backward) => exponentialUnitGradient(backward, backward.attributes.alpha, 1),
  Selu: (backward) => exponentialUnitGradient(backward, backward.attributes.alpha, backward.attributes.gamma),
  HardSigmoid: ({ op, dy, y, attributes: { alpha } }) => {
    // Positive strictly between the two flat ends, 0 on them.
    const inside = op.Greater(op.Sub(y, op.Mul(y, y)), 0);
    return [op.Mul(dy, op.Mul(mask(op, inside), alpha))];
  },
  Clip: ({ op, dy, y, inputs: [x] }) => [op.Mul(dy, mask(op, op.Equal(x, y)))],

  Add: ({ dy }) => [dy, dy],
  Sub: ({ op, dy, wanted }) => [dy, wanted[1] ? op.Neg(dy) : null],
  Mul: ({ op, dy, inputs: [a, b], wanted }) => [wanted[0] ? op.Mul(dy, b) : null, wanted[1] ? op.Mul(dy, a) : null],
  Div: ({ op, dy, y, inputs: [, b], wanted }) => {
    const quotient = op.Div(dy, b);
    return [quotient, wanted[1] ? op.Neg(op.Mul(quotient, y)) : null];
  },
  Pow: ({ op, dy, y, inputs: [a, b], wanted }) => [
    // As PyTorch has it, nothing flows to a where b is 0, nor to b where a is 0 and b is not below: both would be 0 times infinity.
    wanted[0] ? op.Mul(dy, op.Mul(b, op.Pow(a, op.Add(op.Sub(b, 1), mask(op, op.Equal(b, 0)))))) : null,
    wanted[1]
      ? op.Mul(dy, op.Mul(y, op.Log(op.Add(a, op.Mul(mask(op, op.Equal(a, 0)), mask(op, op.GreaterOrEqual(b, 0)))))))
      : null,
  ],
  Max: ({ op, dy, inputs: [a, b] }) => shared(op, dy, op.GreaterOrEqual(a, b)),
  Min: ({ op, dy, inputs: [a, b] }) => shared(op, dy, op.LessOrEqual(a, b)),
  Where: ({ op, dy, inputs: [condition] }) => [null, ...shared(op, dy, condition)],

  MatMul: ({ op, dy, inputs: [a, b], wanted }) => {
    if (a.shape.length === 2 && b.shape.length === 2) {
      return [
        wanted[0] ? op.Gemm(dy, b, undefined, { transB: true }) : null,
        wanted[1] ? op.Gemm(a, dy, undefined, { transA: true }) : null,
      ];
    }
    return [wanted[0] ? op.MatMul(dy, transposed(op, b)) : null, wanted[1] ? op.MatMul(transposed(op, a), dy) : null];
  },
  Gemm: ({ op, dy, inputs: [a, b, c], attributes: { alpha, beta, transA, transB }, wanted }) => {
    const toA = transA
      ? op.Gemm(b, dy, undefined, { alpha, transA: transB === 1, transB: true })
      : op.Gemm(dy, b, undefined, { alpha, transB: transB === 0 });
    const toB = transB
      ? op.Gemm(dy, a, undefined, { alpha, transA: true, transB: transA === 1 })
      : op.Gemm(a, dy, undefined, { alpha, transA: transA === 0 });
    return [
      wanted[0] ? toA : null,
      wanted[1] ? toB : null,
      c !== undefined && wanted[2] ? (beta === 1 ? dy : op.Mul(dy, beta)) : null,
    ];
  },

  ReduceSum: ({ op, dy, inputs: [x], attributes: { axes } }) => [op.Expand(op.Reshape(dy, reducedShape(x.shape, axes)), x.shape)],
  ReduceMean: ({ op, dy, inputs: [x], attributes: { axes } }) => [
    op.Expand(op.Reshape(op.Mul(dy, 1 / reducedCount(x.shape, axes)), reducedShape(x.shape, axes)), x.shape),
  ],
  ReduceSumSquare: ({ op, dy, inputs: [x], attributes: { axes } }) => [
    op.Mul(x, op.Reshape(op.Mul(dy, 2), reducedShape(x.shape, axes))),
  ],
  ReduceMax: ({ op, dy, y, inputs: [x], attributes: { axes } }) => {
    // Equal maxima share the gradient evenly.
    const kept = reducedShape(x.shape, axes);
    const winners = mask(op, op.Equal(x, op.Reshape(y, kept)));
    const share = op.Div(op.Reshape(dy, kept), op.ReduceSum(winners, { axes, keepdims: true }));
    return [op.Mul(winners, share)];
  },
  Softmax: ({ op, dy, y, attributes: { axis } }) => {
    const sum = op.ReduceSum(op.Mul(dy, y), { axes: [axis], keepdims: true });
    return [op.Mul(op.Sub(dy, sum), y)];
  },
  LogSoftmax: ({ op, dy, y, attributes: { axis } }) => [
    op.Sub(dy, op.Mul(op.Exp(y), op.ReduceSum(dy, { axes: [axis], keepdims: true }))),
  ],

  Reshape: ({ op, dy, inputs: [x] }) => [op.Reshape(dy, x.shape)],
  Transpose: ({ op, dy, attributes: { perm } }) => [
    op.Transpose(
      dy,
      perm.map((_, axis) => perm.indexOf(axis)),
    ),
  ],
  Expand: ({ dy }) => [dy],
  Slice: ({ op, dy, inputs: [x], attributes: { starts, steps } }) => [unslice(op, dy, x.shape, starts, steps)],
  Pad: ({ op, dy, inputs: [x], attributes: { pads } }) => [
    op.Slice(
      dy,
      x.shape.map((_, axis) => pads[axis]!),
      x.shape.map((size, axis) => pads[axis]! + size),
    ),
  ],
  Concat: ({ op, dy, inputs, attributes: { axis } }) =>
    op.Split(
      dy,
      inputs.map((input) => input.shape[axis]!),
      axis,
    ),
  Split: ({ builder, op, node, outputGradients, attributes: { axis } }) => [
    op.Concat(
      node.outputs.map((output, i) => outputGradients[i] ?? op.Expand(builder.constant(0), output.shape)),
      axis,
    ),
  ],
  Gather: ({ op, dy, inputs: [data, indices], attributes: { axis } }) => {
    // The adjoint as a product: rows of a one-hot matrix pick the slices, its transpose puts them back and adds up repeats.
    const depth = data.shape[axis]!;
    const count = indices.shape.length;
    const others = dy.shape.flatMap((_, i) => (i >= axis && i < axis + count ? [] : [i]));
    const chosen = indices.shape.map((_, i) => axis + i);
    const otherShape = others.map((i) => dy.shape[i]!);
    const rows = sizeOf(indices.shape);
    const flat = op.Reshape(op.Transpose(dy, [...chosen, ...others]), [rows, sizeOf(otherShape)]);
    const picks = op.OneHot(op.Cast(op.Reshape(indices, [rows]), "int64"), depth);
    const sums = op.Reshape(op.Gemm(picks, flat, undefined, { transA: true }), [depth, ...otherShape]);
    const order = data.shape.map((_, i) => (i === axis ? 0 : i < axis ? i + 1 : i));
    return [op.Transpose(sums, order), null];
  },

  Conv: convGradients,
  ConvTranspose: convTransposeGradients,
  AveragePool: averagePoolGradient,
  MaxPool: maxPoolGradient,
  MaxUnpool: ({ op, dy, inputs: [, indices] }) => [op.Gather(op.Reshape(dy, [sizeOf(dy.shape)]), indices), null],
};

/** `dy` where `first` holds to one input, elsewhere to the other. */
function shared(op: Backward<"Max">["op"], dy: Value, first: Value): readonly [Value, Value] {
  const toFirst = op.Mul(dy, mask(op, first));
  return [toFirst, op.Sub(dy, toFirst)];
}

function transposed(op: Backward<"MatMul">["op"], x: Value): Value {
  const last = x.shape.length - 1;
  return op.Transpose(
    x,
    x.shape.map((_, axis) => (axis === last ? last - 1 : axis === last - 1 ? last : axis)),
  );
}

/** For y = gamma (x if x > 0, else alpha (e^x - 1)): the slope is gamma on the right and y + gamma alpha on the left. */
function exponentialUnitGradient(
  { op, dy, y }: Pick<Backward<"Elu">, "op" | "dy" | "y">,
  alpha: number,
  gamma: number,
): readonly [Value] {
  // y + 1, which is 1 at most: one pass where the general form takes two.
  if (alpha === 1 && gamma === 1) return [op.Mul(dy, op.HardSigmoid(y, 1, 1))];
  const left = op.Add(op.Min(y, 0), gamma * alpha);
  const slope = alpha === 1 ? left : op.Add(left, op.Mul(mask(op, op.Greater(y, 0)), gamma * (1 - alpha)));
  return [op.Mul(dy, slope)];
}

function geluGradient({ op, dy, inputs: [x], attributes }: Backward<"Gelu">): readonly [Value] {
  if (attributes.approximate === "none") {
    // d/dx x Phi(x) = Phi(x) + x phi(x)
    const cumulative = op.Mul(op.Add(op.Erf(op.Mul(x, Math.SQRT1_2)), 1), 0.5);
    const density = op.Mul(op.Exp(op.Mul(op.Mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return [op.Mul(dy, op.Add(cumulative, op.Mul(x, density)))];
  }
  // y = x (1 + tanh(u)) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3)
  const scale = Math.sqrt(2 / Math.PI);
  const square = op.Mul(x, x);
  const tanh = op.Tanh(op.Mul(op.Mul(x, op.Add(op.Mul(square, 0.044715), 1)), scale));
  const inner = op.Mul(op.Add(op.Mul(square, 3 * 0.044715), 1), scale);
  const bend = op.Mul(op.Mul(x, inner), op.Sub(1, op.Mul(tanh, tanh)));
  return [op.Mul(dy, op.Mul(op.Add(op.Add(tanh, 1), bend), 0.5))];
}
