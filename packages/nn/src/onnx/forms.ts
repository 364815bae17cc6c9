import type { Attributes, OpType } from "../graph/op.ts";
import type { DataType, Shape } from "../graph/value.ts";
import type { OnnxAttribute } from "./proto.ts";

/**
 * @file How each operator is written in ONNX: which attributes stay attributes and which become constant inputs.
 */

/** A constant that ONNX wants as an input. */
export interface ConstantInput {
  readonly dtype: DataType;
  readonly shape: Shape;
  readonly data: readonly number[];
}

export interface OnnxForm {
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** Follow the node's own inputs; undefined is an optional input left out. */
  readonly constants: readonly (ConstantInput | undefined)[];
}

type FormRule<K extends OpType> = (attributes: Attributes<K>) => OnnxForm;

const plain = (): OnnxForm => ({ attributes: {}, constants: [] });
const float = (value: number): OnnxAttribute => ({ float: value });
const int = (value: number): OnnxAttribute => ({ int: value });
const ints = (value: readonly number[]): OnnxAttribute => ({ ints: value });
const list = (data: readonly number[]): ConstantInput => ({ dtype: "int64", shape: [data.length], data });

function withAttributes(attributes: OnnxForm["attributes"]): OnnxForm {
  return { attributes, constants: [] };
}

function reduction({ axes, keepdims }: { readonly axes: readonly number[]; readonly keepdims: 0 | 1 }): OnnxForm {
  // An empty list of axes means all of them unless the operator is told to do nothing.
  return { attributes: { keepdims: int(keepdims), noop_with_empty_axes: int(1) }, constants: [list(axes)] };
}

function bound(value: number): ConstantInput | undefined {
  return Number.isFinite(value) ? { dtype: "float32", shape: [], data: [value] } : undefined;
}

/** TensorProto.DataType of a cast's target. */
const castTargets: { readonly [D in DataType]: number } = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 };

export const onnxForms: { readonly [K in OpType]: FormRule<K> } = {
  Identity: plain,
  Neg: plain,
  Abs: plain,
  Sign: plain,
  Exp: plain,
  Log: plain,
  Sqrt: plain,
  Reciprocal: plain,
  Erf: plain,
  Relu: plain,
  Sigmoid: plain,
  Tanh: plain,
  Softplus: plain,
  Softsign: plain,
  Gelu: ({ approximate }) => withAttributes({ approximate: { string: approximate } }),
  LeakyRelu: ({ alpha }) => withAttributes({ alpha: float(alpha) }),
  Elu: ({ alpha }) => withAttributes({ alpha: float(alpha) }),
  Selu: ({ alpha, gamma }) => withAttributes({ alpha: float(alpha), gamma: float(gamma) }),
  HardSigmoid: ({ alpha, beta }) => withAttributes({ alpha: float(alpha), beta: float(beta) }),
  Clip: ({ min, max }) => ({ attributes: {}, constants: [bound(min), bound(max)] }),
  Cast: ({ to }) => withAttributes({ to: int(castTargets[to]) }),
  Not: plain,
  DequantizeLinear: ({ scale, axis }) => ({
    attributes: { axis: int(axis) },
    constants: [{ dtype: "float32", shape: [], data: [scale] }],
  }),

  Add: plain,
  Sub: plain,
  Mul: plain,
  Div: plain,
  Pow: plain,
  Max: plain,
  Min: plain,
  Equal: plain,
  Greater: plain,
  GreaterOrEqual: plain,
  Less: plain,
  LessOrEqual: plain,
  Where: plain,

  MatMul: plain,
  Gemm: ({ alpha, beta, transA, transB }) =>
    withAttributes({ alpha: float(alpha), beta: float(beta), transA: int(transA), transB: int(transB) }),

  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceSumSquare: reduction,
  ReduceMax: reduction,
  ArgMax: ({ axis, keepdims }) => withAttributes({ axis: int(axis), keepdims: int(keepdims) }),
  Softmax: ({ axis }) => withAttributes({ axis: int(axis) }),
  LogSoftmax: ({ axis }) => withAttributes({ axis: int(axis) }),

  // `allowzero`: a size of 0 means 0, not "as in the input".
  Reshape: ({ shape }) => ({ attributes: { allowzero: int(1) }, constants: [list(shape)] }),
  Transpose: ({ perm }) => withAttributes({ perm: ints(perm) }),
  Expand: ({ shape }) => ({ attributes: {}, constants: [list(shape)] }),
  Slice: ({ starts, ends, steps }) => ({
    attributes: {},
    constants: [list(starts), list(ends), list(starts.map((_, axis) => axis)), list(steps)],
  }),
  Pad: ({ pads, value }) => ({
    attributes: {},
    constants: value === 0 ? [list(pads)] : [list(pads), { dtype: "float32", shape: [], data: [value] }],
  }),
  Concat: ({ axis }) => withAttributes({ axis: int(axis) }),
  Split: ({ axis, sizes }) => ({ attributes: { axis: int(axis) }, constants: [list(sizes)] }),
  Gather: ({ axis }) => withAttributes({ axis: int(axis) }),
  OneHot: ({ depth }) => ({
    attributes: { axis: int(-1) },
    constants: [list([depth]), { dtype: "float32", shape: [2], data: [0, 1] }],
  }),

  Conv: ({ kernel_shape, strides, pads, dilations, group }) =>
    withAttributes({
      kernel_shape: ints(kernel_shape),
      strides: ints(strides),
      pads: ints(pads),
      dilations: ints(dilations),
      group: int(group),
    }),
  ConvTranspose: ({ kernel_shape, strides, pads, dilations, group, output_padding }) =>
    withAttributes({
      kernel_shape: ints(kernel_shape),
      strides: ints(strides),
      pads: ints(pads),
      dilations: ints(dilations),
      group: int(group),
      output_padding: ints(output_padding),
    }),
  AveragePool: ({ kernel_shape, strides, pads }) =>
    withAttributes({ kernel_shape: ints(kernel_shape), strides: ints(strides), pads: ints(pads), count_include_pad: int(0) }),
  MaxPool: ({ kernel_shape, strides, pads }) =>
    withAttributes({ kernel_shape: ints(kernel_shape), strides: ints(strides), pads: ints(pads) }),
  MaxUnpool: ({ kernel_shape, strides, pads, output_shape }) => ({
    attributes: { kernel_shape: ints(kernel_shape), strides: ints(strides), pads: ints(pads) },
    constants: [list(output_shape)],
  }),
};
