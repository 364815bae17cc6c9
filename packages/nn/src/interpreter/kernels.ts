import { erf } from "@argmin/base";
import type { Attributes, OpType } from "../graph/op.ts";
import type { DataType, Shape } from "../graph/value.ts";
import { alongAxis, argMax, logSoftmax, reduce, softmax } from "./along-axes.ts";
import { combine, gelu, geluByTanh, map, sigmoid, softplus, where } from "./elementwise.ts";
import { concat, expand, gather, oneHot, pad, slice, split } from "./movement.ts";
import { gemm, matMul, transpose } from "./products.ts";
import { tensor64, type Tensor64 } from "./tensor.ts";
import { averagePool, conv, convTranspose, maxPool, maxUnpool } from "./windows.ts";

/**
 * @file What every operator computes, in float64 and as plainly as it can be said.
 *
 * A kernel gets the inputs' values, the attributes and the shape of the node's first output.
 */
type Kernel<K extends OpType> = (
  inputs: readonly Tensor64[],
  attributes: Attributes<K>,
  shape: Shape,
) => Tensor64 | readonly Tensor64[];

const unary =
  (f: (x: number) => number) =>
  (inputs: readonly Tensor64[]): Tensor64 =>
    map(inputs, f);

const binary =
  (f: (a: number, b: number) => number) =>
  (inputs: readonly Tensor64[]): Tensor64 =>
    combine(inputs, f);

const relation =
  (f: (a: number, b: number) => boolean) =>
  (inputs: readonly Tensor64[]): Tensor64 =>
    combine(inputs, (a, b) => (f(a, b) ? 1 : 0));

/** How a number of any type reads in another. */
const casts: { readonly [D in DataType]: (x: number) => number } = {
  float32: (x) => x,
  int32: Math.trunc,
  int64: Math.trunc,
  uint8: Math.trunc,
  bool: (x) => (x === 0 ? 0 : 1),
};

export const kernels: { readonly [K in OpType]: Kernel<K> } = {
  Identity: unary((x) => x),
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Sign: unary(Math.sign),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((x) => 1 / x),
  Erf: unary(erf),
  Relu: unary((x) => Math.max(x, 0)),
  Sigmoid: unary(sigmoid),
  Tanh: unary(Math.tanh),
  Softplus: unary(softplus),
  Softsign: unary((x) => x / (1 + Math.abs(x))),
  Gelu: (inputs, { approximate }) => map(inputs, approximate === "tanh" ? geluByTanh : gelu),
  LeakyRelu: (inputs, { alpha }) => map(inputs, (x) => (x >= 0 ? x : alpha * x)),
  Elu: (inputs, { alpha }) => map(inputs, (x) => (x >= 0 ? x : alpha * Math.expm1(x))),
  Selu: (inputs, { alpha, gamma }) => map(inputs, (x) => gamma * (x >= 0 ? x : alpha * Math.expm1(x))),
  HardSigmoid: (inputs, { alpha, beta }) => map(inputs, (x) => Math.max(0, Math.min(1, alpha * x + beta))),
  Clip: (inputs, { min, max }) => map(inputs, (x) => Math.min(Math.max(x, min), max)),
  Cast: (inputs, { to }) => map(inputs, casts[to]),
  DequantizeLinear: (inputs, { scale }) => map(inputs, (x) => x * scale),
  Not: unary((x) => (x === 0 ? 1 : 0)),

  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: binary((a, b) => a / b),
  Pow: binary((a, b) => a ** b),
  Max: binary(Math.max),
  Min: binary(Math.min),
  Equal: relation((a, b) => a === b),
  Greater: relation((a, b) => a > b),
  GreaterOrEqual: relation((a, b) => a >= b),
  Less: relation((a, b) => a < b),
  LessOrEqual: relation((a, b) => a <= b),
  Where: where,

  MatMul: matMul,
  Gemm: gemm,

  ReduceSum: ([x], { axes, keepdims }) => reduce(x!, axes, keepdims, 0, (sum, value) => sum + value),
  ReduceSumSquare: ([x], { axes, keepdims }) => reduce(x!, axes, keepdims, 0, (sum, value) => sum + value * value),
  ReduceMean: ([x], { axes, keepdims }) => {
    const sums = reduce(x!, axes, keepdims, 0, (sum, value) => sum + value);
    return tensor64(
      sums.shape,
      sums.data.map((sum) => sum / (x!.data.length / sums.data.length)),
    );
  },
  ReduceMax: ([x], { axes, keepdims }) => reduce(x!, axes, keepdims, -Infinity, Math.max),
  ArgMax: ([x], { axis, keepdims }) => argMax(x!, axis, keepdims),
  Softmax: ([x], { axis }) => alongAxis(x!, axis, softmax),
  LogSoftmax: ([x], { axis }) => alongAxis(x!, axis, logSoftmax),

  Reshape: ([x], { shape }) => tensor64(shape, x!.data),
  Transpose: ([x], { perm }) => transpose(x!, perm),
  Expand: ([x], { shape }) => expand(x!, shape),
  Slice: ([x], attributes) => slice(x!, attributes),
  Pad: ([x], attributes) => pad(x!, attributes),
  Concat: (inputs, { axis }) => concat(inputs, axis),
  Split: ([x], { axis, sizes }) => split(x!, axis, sizes),
  Gather: ([data, indices], { axis }) => gather(data!, indices!, axis),
  OneHot: ([indices], { depth }) => oneHot(indices!, depth),

  Conv: conv,
  ConvTranspose: convTranspose,
  AveragePool: ([x], attributes, shape) => averagePool(x!, attributes, shape),
  MaxPool: ([x], attributes, shape) => {
    const [y, indices] = maxPool(x!, attributes, shape);
    return attributes.indices ? [y, indices] : y;
  },
  MaxUnpool: (inputs, { output_shape }) => maxUnpool(inputs, output_shape),
};
