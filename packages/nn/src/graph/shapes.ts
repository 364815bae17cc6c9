import { ArgminError } from "@argmin/base";
import type { Attributes, Inputs, OpType } from "./op.ts";
import { sameShape, sizeOf, type DataType, type Shape, type TensorType, type Value } from "./value.ts";

/**
 * @file The shape rule of every operator: the types of its outputs from those of its inputs, or why there is none.
 */

/** @throws ArgminError `graph/shape` naming what does not fit; the builder adds the node's name. */
export type ShapeRule<K extends OpType> = (inputs: Inputs<K>, attributes: Attributes<K>) => readonly TensorType[];

/** How a type reads in messages: `float32[8, 3]`. */
export function describeType(type: TensorType): string {
  return `${type.dtype}${describeShape(type.shape)}`;
}

export function describeShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/**
 * The shape two tensors take when they meet element by element (NumPy's rule).
 *
 * @throws ArgminError `graph/shape` if some axis has two sizes, neither of them 1.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw shapeError(`shapes ${describeShape(a)} and ${describeShape(b)} do not broadcast: sizes must be equal or 1`);
    }
    return left === 1 ? right : left;
  });
}

/** Size of one axis after a window passed over it. */
function windowed(size: number, kernel: number, stride: number, before: number, after: number, dilation: number): number {
  return Math.floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1;
}

const sameAsInput = ([x]: readonly [Value]): readonly TensorType[] => [{ dtype: x.dtype, shape: x.shape }];

function numeric([x]: readonly [Value]): readonly TensorType[] {
  if (x.dtype === "bool") throw shapeError(`wants numbers, not ${describeType(x)}`);
  return [{ dtype: x.dtype, shape: x.shape }];
}

function float([x]: readonly [Value]): readonly TensorType[] {
  if (x.dtype !== "float32") throw shapeError(`wants float32, not ${describeType(x)}`);
  return [{ dtype: "float32", shape: x.shape }];
}

function elementwise([a, b]: readonly [Value, Value]): readonly TensorType[] {
  if (a.dtype !== b.dtype) throw shapeError(`wants one element type, not ${describeType(a)} and ${describeType(b)}`);
  return [{ dtype: a.dtype, shape: broadcastShapes(a.shape, b.shape) }];
}

function arithmetic(inputs: readonly [Value, Value]): readonly TensorType[] {
  const types = elementwise(inputs);
  return inputs[0].dtype === "bool" ? numeric([inputs[0]]) : types;
}

function comparison(inputs: readonly [Value, Value]): readonly TensorType[] {
  return elementwise(inputs).map(({ shape }) => ({ dtype: "bool", shape }));
}

function reduction([x]: readonly [Value], { axes, keepdims }: { readonly axes: readonly number[]; readonly keepdims: 0 | 1 }) {
  for (const axis of axes) checkAxis(x, axis);
  const shape = keepdims
    ? x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : x.shape.filter((_, axis) => !axes.includes(axis));
  return [{ dtype: x.dtype, shape }];
}

function alongAxis([x]: readonly [Value], { axis }: { readonly axis: number }): readonly TensorType[] {
  checkAxis(x, axis);
  return float([x]);
}

function checkAxis(x: Value, axis: number): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= x.shape.length) {
    throw shapeError(`axis ${axis} is not one of the ${x.shape.length} axes of ${describeType(x)}`);
  }
}

function checkImages(x: Value, kernel: readonly number[]): readonly [batch: number, channels: number, ...spatial: number[]] {
  const [batch, channels, ...spatial] = x.shape;
  if (batch === undefined || channels === undefined || spatial.length !== kernel.length) {
    throw shapeError(`wants [batch, channel, ${kernel.map(() => "size").join(", ")}], not ${describeType(x)}`);
  }
  return [batch, channels, ...spatial];
}

function windowShape(
  spatial: readonly number[],
  {
    kernel_shape: kernel,
    strides,
    pads,
  }: { readonly kernel_shape: readonly number[]; readonly strides: readonly number[]; readonly pads: readonly number[] },
  dilations?: readonly number[],
): Shape {
  const shape = spatial.map((size, i) =>
    windowed(size, kernel[i]!, strides[i]!, pads[i]!, pads[i + spatial.length]!, dilations?.[i] ?? 1),
  );
  if (shape.some((size) => size < 1)) {
    throw shapeError(
      `a window of ${kernel.join(" x ")} does not fit into images of ${spatial.join(" x ")}; pad them or make the window smaller`,
    );
  }
  return shape;
}

export const shapeRules: { readonly [K in OpType]: ShapeRule<K> } = {
  Identity: sameAsInput,
  Neg: numeric,
  Abs: numeric,
  Sign: numeric,
  Exp: float,
  Log: float,
  Sqrt: float,
  Reciprocal: float,
  Erf: float,
  Relu: float,
  Sigmoid: float,
  Tanh: float,
  Softplus: float,
  Softsign: float,
  Gelu: float,
  LeakyRelu: float,
  Elu: float,
  Selu: float,
  HardSigmoid: float,
  Clip: float,
  Cast: ([x], { to }) => [{ dtype: to, shape: x.shape }],
  DequantizeLinear: ([x]) => {
    if (x.dtype !== "uint8") throw shapeError(`wants uint8, not ${describeType(x)}`);
    return [{ dtype: "float32", shape: x.shape }];
  },
  Not: ([x]) => {
    if (x.dtype !== "bool") throw shapeError(`wants bool, not ${describeType(x)}`);
    return [x];
  },

  Add: arithmetic,
  Sub: arithmetic,
  Mul: arithmetic,
  Div: arithmetic,
  Pow: arithmetic,
  Max: arithmetic,
  Min: arithmetic,
  Equal: comparison,
  Greater: comparison,
  GreaterOrEqual: comparison,
  Less: comparison,
  LessOrEqual: comparison,
  Where: ([condition, whenTrue, whenFalse]) => {
    if (condition.dtype !== "bool") throw shapeError(`wants a bool condition, not ${describeType(condition)}`);
    return elementwise([whenTrue, whenFalse]).map(({ dtype, shape }) => ({
      dtype,
      shape: broadcastShapes(condition.shape, shape),
    }));
  },

  MatMul: ([a, b]) => {
    float([a]);
    float([b]);
    const [m, k] = a.shape.slice(-2);
    const [l, n] = b.shape.slice(-2);
    if (m === undefined || k === undefined || l === undefined || n === undefined || k !== l) {
      throw shapeError(`wants [..., m, k] and [..., k, n], not ${describeType(a)} and ${describeType(b)}`);
    }
    return [{ dtype: a.dtype, shape: [...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n] }];
  },
  Gemm: ([a, b, c], { transA, transB }) => {
    float([a]);
    float([b]);
    const [m, k] = transA ? a.shape.toReversed() : a.shape;
    const [l, n] = transB ? b.shape.toReversed() : b.shape;
    if (a.shape.length !== 2 || b.shape.length !== 2 || m === undefined || n === undefined || k !== l) {
      throw shapeError(
        `wants [m, k] and [k, n], not ${describeType(a)}${transA ? " transposed" : ""} and ${describeType(b)}${transB ? " transposed" : ""}`,
      );
    }
    if (c !== undefined && !sameShape(broadcastShapes(c.shape, [m, n]), [m, n])) {
      throw shapeError(`cannot add ${describeType(c)} to [${m}, ${n}]`);
    }
    return [{ dtype: a.dtype, shape: [m, n] }];
  },

  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceSumSquare: reduction,
  ReduceMax: reduction,
  ArgMax: ([x], { axis, keepdims }) => reduction([x], { axes: [axis], keepdims }).map(({ shape }) => ({ dtype: "int64", shape })),
  Softmax: alongAxis,
  LogSoftmax: alongAxis,

  Reshape: ([x], { shape }) => {
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw shapeError(
        `cannot make ${describeShape(shape)} (${sizeOf(shape)} elements) of ${describeType(x)} (${sizeOf(x.shape)} elements)`,
      );
    }
    return [{ dtype: x.dtype, shape }];
  },
  Transpose: ([x], { perm }) => {
    if (perm.length !== x.shape.length || perm.toSorted((a, b) => a - b).some((axis, i) => axis !== i)) {
      throw shapeError(`${describeShape(perm)} is no order of the axes of ${describeType(x)}`);
    }
    return [{ dtype: x.dtype, shape: perm.map((axis) => x.shape[axis]!) }];
  },
  Expand: ([x], { shape }) => {
    if (!sameShape(broadcastShapes(x.shape, shape), shape)) {
      throw shapeError(`cannot expand ${describeType(x)} to ${describeShape(shape)}`);
    }
    return [{ dtype: x.dtype, shape }];
  },
  Slice: ([x], { starts, ends, steps }) => [
    {
      dtype: x.dtype,
      shape: x.shape.map((size, axis) => {
        const start = starts[axis];
        const end = ends[axis];
        const step = steps[axis];
        if (
          start === undefined ||
          end === undefined ||
          step === undefined ||
          start < 0 ||
          end < start ||
          end > size ||
          step < 1
        ) {
          throw shapeError(`cannot take ${start} to ${end} by ${step} of axis ${axis} of ${describeType(x)}`);
        }
        return Math.ceil((end - start) / step);
      }),
    },
  ],
  Pad: ([x], { pads }) => {
    if (pads.length !== 2 * x.shape.length || pads.some((pad) => pad < 0)) {
      throw shapeError(`wants two non-negative pads an axis of ${describeType(x)}, not ${describeShape(pads)}`);
    }
    return [{ dtype: x.dtype, shape: x.shape.map((size, axis) => pads[axis]! + size + pads[axis + x.shape.length]!) }];
  },
  Concat: (inputs, { axis }) => {
    const [first] = inputs;
    if (first === undefined) throw shapeError("wants at least one input");
    checkAxis(first, axis);
    for (const input of inputs) {
      if (input.dtype !== first.dtype || !sameShape(input.shape.toSpliced(axis, 1), first.shape.toSpliced(axis, 1))) {
        throw shapeError(`cannot join ${describeType(first)} and ${describeType(input)} along axis ${axis}`);
      }
    }
    const size = inputs.reduce((sum, input) => sum + input.shape[axis]!, 0);
    return [{ dtype: first.dtype, shape: first.shape.with(axis, size) }];
  },
  Split: ([x], { axis, sizes }) => {
    checkAxis(x, axis);
    if (sizes.reduce((sum, size) => sum + size, 0) !== x.shape[axis]) {
      throw shapeError(`pieces of ${sizes.join(" + ")} do not add up to axis ${axis} of ${describeType(x)}`);
    }
    return sizes.map((size) => ({ dtype: x.dtype, shape: x.shape.with(axis, size) }));
  },
  Gather: ([data, indices], { axis }) => {
    checkAxis(data, axis);
    checkIndices(indices);
    return [{ dtype: data.dtype, shape: data.shape.toSpliced(axis, 1, ...indices.shape) }];
  },
  OneHot: ([indices], { depth }) => {
    if (indices.dtype !== "int64" || indices.shape.length === 0) {
      throw shapeError(`wants int64 indices along at least one axis, not ${describeType(indices)}`);
    }
    return [{ dtype: "float32", shape: [...indices.shape, depth] }];
  },

  Conv: ([x, w, bias], attributes) => {
    const { kernel_shape: kernel, group } = attributes;
    float([x]);
    float([w]);
    const [batch, channels, ...spatial] = checkImages(x, kernel);
    const [filters, channelsPerGroup, ...size] = w.shape;
    if (filters === undefined || channelsPerGroup === undefined || !sameShape(size, kernel)) {
      throw shapeError(`wants kernels [filter, channel, ${kernel.join(", ")}], not ${describeType(w)}`);
    }
    if (channelsPerGroup * group !== channels || filters % group !== 0) {
      throw shapeError(
        `kernels ${describeType(w)} in ${group} group(s) do not fit the ${channels} channels of ${describeType(x)}`,
      );
    }
    if (bias !== undefined && !sameShape(bias.shape, [filters])) {
      throw shapeError(`wants a bias of [${filters}], not ${describeType(bias)}`);
    }
    return [{ dtype: x.dtype, shape: [batch, filters, ...windowShape(spatial, attributes, attributes.dilations)] }];
  },
  ConvTranspose: ([x, w], { kernel_shape: kernel, strides, pads, dilations, group, output_padding: room }) => {
    float([x]);
    float([w]);
    const [batch, channels, ...spatial] = checkImages(x, kernel);
    const [filters, channelsPerGroup, ...size] = w.shape;
    if (filters !== channels || channelsPerGroup === undefined || !sameShape(size, kernel)) {
      throw shapeError(`wants kernels [${channels}, channel, ${kernel.join(", ")}], not ${describeType(w)}`);
    }
    const shape = spatial.map(
      (size, i) =>
        strides[i]! * (size - 1) + room[i]! + dilations[i]! * (kernel[i]! - 1) + 1 - pads[i]! - pads[i + spatial.length]!,
    );
    return [{ dtype: x.dtype, shape: [batch, channelsPerGroup * group, ...shape] }];
  },
  AveragePool: ([x], attributes) => {
    float([x]);
    const { kernel_shape: kernel, pads } = attributes;
    const [batch, channels, ...spatial] = checkImages(x, kernel);
    // Such a window would have nothing to take the mean of.
    if (pads.some((pad, i) => pad >= kernel[i % kernel.length]!)) {
      throw shapeError(`pads of ${describeShape(pads)} are no smaller than the window of ${kernel.join(" x ")}`);
    }
    return [{ dtype: x.dtype, shape: [batch, channels, ...windowShape(spatial, attributes)] }];
  },
  MaxPool: ([x], attributes) => {
    const [batch, channels, ...spatial] = checkImages(x, attributes.kernel_shape);
    const shape = [batch, channels, ...windowShape(spatial, attributes)];
    const pooled: TensorType = { dtype: x.dtype, shape };
    return attributes.indices ? [pooled, { dtype: "int64", shape }] : [pooled];
  },
  MaxUnpool: ([x, indices], { output_shape: shape }) => {
    if (indices.dtype !== "int64" || !sameShape(x.shape, indices.shape)) {
      throw shapeError(`wants int64 indices for each element of ${describeType(x)}, not ${describeType(indices)}`);
    }
    return [{ dtype: x.dtype, shape }];
  },
};

/** The names of all operators. */
export const opTypes: readonly OpType[] = Object.keys(shapeRules).filter((name) => isOpType(name));

function isOpType(name: string): name is OpType {
  return Object.hasOwn(shapeRules, name);
}

function checkIndices(indices: Value): void {
  const wanted: readonly DataType[] = ["int32", "int64"];
  if (!wanted.includes(indices.dtype)) throw shapeError(`wants int32 or int64 indices, not ${describeType(indices)}`);
}

function shapeError(problem: string): ArgminError {
  return new ArgminError("graph/shape", problem);
}
