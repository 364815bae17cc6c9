import type { DataType, Shape, Value } from "./value.ts";

/**
 * @file Every operator a graph may hold, under its ONNX name, with its inputs and attributes.
 *
 * Shapes are static, so what ONNX passes as small constant tensors (the shape of `Reshape`, the axes of `ReduceSum`, the
 * bounds of `Clip`) is an attribute here; the ONNX writer turns it back into an input. `Squeeze`, `Unsqueeze` and `Flatten`
 * are all `Reshape`. To add an operator, add it here and follow the compiler: shape rule, ONNX form, interpreter, gradient
 * and a case for `checkOp` are tables over `keyof Ops`.
 */
export interface Ops {
  // Element by element, one input.
  readonly Identity: Unary;
  readonly Neg: Unary;
  readonly Abs: Unary;
  readonly Sign: Unary;
  readonly Exp: Unary;
  readonly Log: Unary;
  readonly Sqrt: Unary;
  readonly Reciprocal: Unary;
  readonly Erf: Unary;
  readonly Relu: Unary;
  readonly Sigmoid: Unary;
  readonly Tanh: Unary;
  readonly Softplus: Unary;
  readonly Softsign: Unary;
  readonly Gelu: Unary<{ readonly approximate: "none" | "tanh" }>;
  readonly LeakyRelu: Unary<{ readonly alpha: number }>;
  readonly Elu: Unary<{ readonly alpha: number }>;
  readonly Selu: Unary<{ readonly alpha: number; readonly gamma: number }>;
  readonly HardSigmoid: Unary<{ readonly alpha: number; readonly beta: number }>;
  /** Either bound may be infinite. */
  readonly Clip: Unary<{ readonly min: number; readonly max: number }>;
  readonly Cast: Unary<{ readonly to: DataType }>;
  readonly Not: Unary;
  /**
   * Bytes times a scale, as float32: in one pass what a cast and a multiplication take two for. With one scale for all the axis
   * says nothing, but two nodes of different axes are not taken for one another's twin.
   */
  readonly DequantizeLinear: Unary<{ readonly scale: number; readonly axis: 0 | 1 }>;

  // Element by element, two inputs, broadcast against each other as in NumPy.
  readonly Add: Binary;
  readonly Sub: Binary;
  readonly Mul: Binary;
  readonly Div: Binary;
  readonly Pow: Binary;
  readonly Max: Binary;
  readonly Min: Binary;
  readonly Equal: Binary;
  readonly Greater: Binary;
  readonly GreaterOrEqual: Binary;
  readonly Less: Binary;
  readonly LessOrEqual: Binary;
  /** Elements of the second where the first (bool) holds, else of the third. */
  readonly Where: { readonly inputs: readonly [condition: Value, whenTrue: Value, whenFalse: Value]; readonly attributes: None };

  // Products.
  readonly MatMul: Binary;
  /** alpha * op(a) op(b) + beta * c, where op transposes if its flag is 1; a and b are matrices, c broadcasts to the result. */
  readonly Gemm: {
    readonly inputs: readonly [a: Value, b: Value] | readonly [a: Value, b: Value, c: Value];
    readonly attributes: { readonly alpha: number; readonly beta: number; readonly transA: 0 | 1; readonly transB: 0 | 1 };
  };

  // Along axes. Axes are never negative.
  readonly ReduceSum: Unary<Reduction>;
  readonly ReduceMean: Unary<Reduction>;
  /** The sum of the squares. */
  readonly ReduceSumSquare: Unary<Reduction>;
  readonly ReduceMax: Unary<Reduction>;
  readonly ArgMax: Unary<{ readonly axis: number; readonly keepdims: 0 | 1 }>;
  readonly Softmax: Unary<{ readonly axis: number }>;
  readonly LogSoftmax: Unary<{ readonly axis: number }>;

  // Moving elements.
  readonly Reshape: Unary<{ readonly shape: Shape }>;
  readonly Transpose: Unary<{ readonly perm: readonly number[] }>;
  readonly Expand: Unary<{ readonly shape: Shape }>;
  /** One entry an axis; steps are positive and 0 <= start <= end <= size. */
  readonly Slice: Unary<{
    readonly starts: readonly number[];
    readonly ends: readonly number[];
    readonly steps: readonly number[];
  }>;
  /** Adds elements of one value around; `pads` lists the room before each axis, then the room after each. */
  readonly Pad: Unary<{ readonly pads: readonly number[]; readonly value: number }>;
  readonly Concat: { readonly inputs: readonly Value[]; readonly attributes: { readonly axis: number } };
  /** One output a size. */
  readonly Split: Unary<{ readonly axis: number; readonly sizes: readonly number[] }>;
  readonly Gather: { readonly inputs: readonly [data: Value, indices: Value]; readonly attributes: { readonly axis: number } };
  /** 1 at each index (int64), 0 elsewhere, along a new last axis of `depth`. */
  readonly OneHot: Unary<{ readonly depth: number }>;

  // Windows over images [batch, channel, height, width].
  readonly Conv: {
    readonly inputs: readonly [x: Value, w: Value] | readonly [x: Value, w: Value, bias: Value];
    readonly attributes: Window & { readonly dilations: readonly number[]; readonly group: number };
  };
  /** The adjoint of `Conv` with the same attributes; `output_padding` settles sizes that the strides leave open. */
  readonly ConvTranspose: {
    readonly inputs: readonly [x: Value, w: Value];
    readonly attributes: Window & {
      readonly dilations: readonly number[];
      readonly group: number;
      readonly output_padding: readonly number[];
    };
  };
  /** The mean of each window; padding is not counted. */
  readonly AveragePool: Unary<Window>;
  /** With `indices` a second output (int64) says where in the flattened input each maximum was. */
  readonly MaxPool: Unary<Window & { readonly indices: boolean }>;
  /** Puts each element where `indices` says and zeros elsewhere. */
  readonly MaxUnpool: {
    readonly inputs: readonly [x: Value, indices: Value];
    readonly attributes: Window & { readonly output_shape: Shape };
  };
}

/** The name of an operator. */
export type OpType = keyof Ops;
export type Inputs<K extends OpType> = Ops[K]["inputs"];
export type Attributes<K extends OpType> = Ops[K]["attributes"];

/** No attributes at all. */
export type None = { readonly [name: string]: never };

interface Unary<A = None> {
  readonly inputs: readonly [x: Value];
  readonly attributes: A;
}

interface Binary {
  readonly inputs: readonly [a: Value, b: Value];
  readonly attributes: None;
}

interface Reduction {
  readonly axes: readonly number[];
  readonly keepdims: 0 | 1;
}

/** `pads` lists the room before each spatial axis, then the room after each. */
interface Window {
  readonly kernel_shape: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
}
