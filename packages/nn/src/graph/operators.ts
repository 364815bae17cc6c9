import type { GraphBuilder } from "./builder.ts";
import type { Attributes, Inputs, OpType } from "./op.ts";
import type { DataType, Shape, Value } from "./value.ts";

/** A tensor, or a number that becomes a scalar constant of the other operand's element type. */
export type Operand = Value | number;

/** Heights and widths, or one number for both. */
export type Pair = number | readonly [number, number];

/**
 * Room around images: "valid" is none, "same" makes the output as large as the input divided by the stride (the odd row goes
 * after, as in Keras), and a list gives top, left, bottom, right.
 */
export type Padding = "valid" | "same" | readonly [number, number, number, number];

export interface ReduceOptions {
  /** Default: all axes. Negative ones count from the last. */
  readonly axes?: readonly number[];
  /** Keep reduced axes with size 1 (default false). */
  readonly keepdims?: boolean;
}

/**
 * One method an operator, named as in ONNX and with its attributes' defaults filled in. Negative axes count from the last.
 *
 * Every method throws ArgminError `graph/shape`, naming the node, if its operands do not fit.
 */
export class Operators {
  readonly #builder: GraphBuilder;

  constructor(builder: GraphBuilder) {
    this.#builder = builder;
  }

  readonly Identity = (x: Value): Value => this.#add("Identity", [x], {});
  readonly Neg = (x: Value): Value => this.#add("Neg", [x], {});
  readonly Abs = (x: Value): Value => this.#add("Abs", [x], {});
  readonly Sign = (x: Value): Value => this.#add("Sign", [x], {});
  readonly Exp = (x: Value): Value => this.#add("Exp", [x], {});
  readonly Log = (x: Value): Value => this.#add("Log", [x], {});
  readonly Sqrt = (x: Value): Value => this.#add("Sqrt", [x], {});
  readonly Reciprocal = (x: Value): Value => this.#add("Reciprocal", [x], {});
  readonly Erf = (x: Value): Value => this.#add("Erf", [x], {});
  readonly Relu = (x: Value): Value => this.#add("Relu", [x], {});
  readonly Sigmoid = (x: Value): Value => this.#add("Sigmoid", [x], {});
  readonly Tanh = (x: Value): Value => this.#add("Tanh", [x], {});
  readonly Softplus = (x: Value): Value => this.#add("Softplus", [x], {});
  readonly Softsign = (x: Value): Value => this.#add("Softsign", [x], {});
  readonly Gelu = (x: Value, approximate: "none" | "tanh" = "none"): Value => this.#add("Gelu", [x], { approximate });
  readonly LeakyRelu = (x: Value, alpha = 0.01): Value => this.#add("LeakyRelu", [x], { alpha });
  readonly Elu = (x: Value, alpha = 1): Value => this.#add("Elu", [x], { alpha });
  readonly Selu = (x: Value, alpha = 1.6732632423543772, gamma = 1.0507009873554805): Value =>
    this.#add("Selu", [x], { alpha, gamma });
  readonly HardSigmoid = (x: Value, alpha = 0.2, beta = 0.5): Value => this.#add("HardSigmoid", [x], { alpha, beta });
  readonly Clip = (x: Value, min: number, max: number): Value => this.#add("Clip", [x], { min, max });
  readonly Not = (x: Value): Value => this.#add("Not", [x], {});
  readonly DequantizeLinear = (x: Value, scale: number, axis: 0 | 1 = 0): Value =>
    this.#add("DequantizeLinear", [x], { scale, axis });

  /** `x` itself if it has that element type already. */
  Cast(x: Value, to: DataType): Value {
    return x.dtype === to ? x : this.#add("Cast", [x], { to });
  }

  readonly Add = (a: Operand, b: Operand): Value => this.#add("Add", this.#pair(a, b), {});
  readonly Sub = (a: Operand, b: Operand): Value => this.#add("Sub", this.#pair(a, b), {});
  readonly Mul = (a: Operand, b: Operand): Value => this.#add("Mul", this.#pair(a, b), {});
  readonly Div = (a: Operand, b: Operand): Value => this.#add("Div", this.#pair(a, b), {});
  readonly Pow = (a: Operand, b: Operand): Value => this.#add("Pow", this.#pair(a, b), {});
  readonly Max = (a: Operand, b: Operand): Value => this.#add("Max", this.#pair(a, b), {});
  readonly Min = (a: Operand, b: Operand): Value => this.#add("Min", this.#pair(a, b), {});
  readonly Equal = (a: Operand, b: Operand): Value => this.#add("Equal", this.#pair(a, b), {});
  readonly Greater = (a: Operand, b: Operand): Value => this.#add("Greater", this.#pair(a, b), {});
  readonly GreaterOrEqual = (a: Operand, b: Operand): Value => this.#add("GreaterOrEqual", this.#pair(a, b), {});
  readonly Less = (a: Operand, b: Operand): Value => this.#add("Less", this.#pair(a, b), {});
  readonly LessOrEqual = (a: Operand, b: Operand): Value => this.#add("LessOrEqual", this.#pair(a, b), {});

  Where(condition: Value, whenTrue: Operand, whenFalse: Operand): Value {
    return this.#add("Where", [condition, ...this.#pair(whenTrue, whenFalse)], {});
  }

  readonly MatMul = (a: Value, b: Value): Value => this.#add("MatMul", [a, b], {});

  /** alpha * op(a) op(b) + beta * c for matrices; `transA` and `transB` transpose. */
  Gemm(
    a: Value,
    b: Value,
    c?: Value,
    options: { readonly alpha?: number; readonly beta?: number; readonly transA?: boolean; readonly transB?: boolean } = {},
  ): Value {
    return this.#add("Gemm", c === undefined ? [a, b] : [a, b, c], {
      alpha: options.alpha ?? 1,
      beta: options.beta ?? 1,
      transA: options.transA ? 1 : 0,
      transB: options.transB ? 1 : 0,
    });
  }

  readonly ReduceSum = (x: Value, options?: ReduceOptions): Value => this.#reduce("ReduceSum", x, options);
  readonly ReduceMean = (x: Value, options?: ReduceOptions): Value => this.#reduce("ReduceMean", x, options);
  readonly ReduceSumSquare = (x: Value, options?: ReduceOptions): Value => this.#reduce("ReduceSumSquare", x, options);
  readonly ReduceMax = (x: Value, options?: ReduceOptions): Value => this.#reduce("ReduceMax", x, options);

  /** Index (int64) of the first largest element along an axis. */
  ArgMax(x: Value, options: { readonly axis?: number; readonly keepdims?: boolean } = {}): Value {
    return this.#add("ArgMax", [x], { axis: axisOf(x, options.axis ?? -1), keepdims: options.keepdims ? 1 : 0 });
  }

  readonly Softmax = (x: Value, axis = -1): Value => this.#add("Softmax", [x], { axis: axisOf(x, axis) });
  readonly LogSoftmax = (x: Value, axis = -1): Value => this.#add("LogSoftmax", [x], { axis: axisOf(x, axis) });

  readonly Reshape = (x: Value, shape: Shape): Value => this.#add("Reshape", [x], { shape });
  /** Default order: axes reversed. */
  readonly Transpose = (x: Value, perm: readonly number[] = x.shape.map((_, axis) => x.shape.length - 1 - axis)): Value =>
    this.#add("Transpose", [x], { perm });
  readonly Expand = (x: Value, shape: Shape): Value => this.#add("Expand", [x], { shape });
  /** `pads` lists the room before each axis, then the room after each. */
  readonly Pad = (x: Value, pads: readonly number[], value = 0): Value => this.#add("Pad", [x], { pads, value });

  /** Elements start, start + step, ... below end; one entry an axis, all steps 1 by default. */
  Slice(x: Value, starts: readonly number[], ends: readonly number[], steps: readonly number[] = x.shape.map(() => 1)): Value {
    return this.#add("Slice", [x], { starts, ends, steps });
  }

  Concat(inputs: readonly Value[], axis: number): Value {
    const [first] = inputs;
    return this.#add("Concat", inputs, { axis: first === undefined ? axis : axisOf(first, axis) });
  }

  /** One piece a size. */
  Split(x: Value, sizes: readonly number[], axis = 0): readonly Value[] {
    return this.#builder.add("Split", [x], { axis: axisOf(x, axis), sizes });
  }

  readonly Gather = (data: Value, indices: Value, axis = 0): Value =>
    this.#add("Gather", [data, indices], { axis: axisOf(data, axis) });
  readonly OneHot = (indices: Value, depth: number): Value => this.#add("OneHot", [indices], { depth });

  /** @param w - Kernels [filter, channel / group, height, width]. */
  Conv(
    x: Value,
    w: Value,
    bias?: Value,
    options: { readonly strides?: Pair; readonly padding?: Padding; readonly dilations?: Pair; readonly group?: number } = {},
  ): Value {
    const kernel = w.shape.slice(2);
    const strides = pair(options.strides ?? 1);
    const dilations = pair(options.dilations ?? 1);
    return this.#add("Conv", bias === undefined ? [x, w] : [x, w, bias], {
      kernel_shape: kernel,
      strides,
      pads: padsOf(options.padding ?? "valid", x, kernel, strides, dilations),
      dilations,
      group: options.group ?? 1,
    });
  }

  /** Mean of each window's elements inside the image; strides are the kernel's size by default. */
  AveragePool(x: Value, kernel: Pair, options: { readonly strides?: Pair; readonly padding?: Padding } = {}): Value {
    const size = pair(kernel);
    const strides = pair(options.strides ?? kernel);
    const pads = padsOf(options.padding ?? "valid", x, size, strides, [1, 1]);
    return this.#add("AveragePool", [x], { kernel_shape: size, strides, pads });
  }

  /** Largest element of each window; strides are the kernel's size by default. */
  MaxPool(x: Value, kernel: Pair, options: { readonly strides?: Pair; readonly padding?: Padding } = {}): Value {
    return this.#maxPool(x, kernel, options, false)[0];
  }

  /** `MaxPool`, and the index of each maximum in the flattened input (int64). */
  MaxPoolWithIndices(
    x: Value,
    kernel: Pair,
    options: { readonly strides?: Pair; readonly padding?: Padding } = {},
  ): readonly [pooled: Value, indices: Value] {
    const [pooled, indices] = this.#maxPool(x, kernel, options, true);
    if (indices === undefined) throw new Error("internal: MaxPool without indices");
    return [pooled, indices];
  }

  #maxPool(x: Value, kernel: Pair, options: { readonly strides?: Pair; readonly padding?: Padding }, indices: boolean) {
    const size = pair(kernel);
    const strides = pair(options.strides ?? kernel);
    const pads = padsOf(options.padding ?? "valid", x, size, strides, [1, 1]);
    return this.#builder.add("MaxPool", [x], { kernel_shape: size, strides, pads, indices });
  }

  #add<K extends OpType>(op: K, inputs: Inputs<K>, attributes: Attributes<K>): Value {
    return this.#builder.add(op, inputs, attributes)[0];
  }

  #reduce(
    op: "ReduceSum" | "ReduceMean" | "ReduceSumSquare" | "ReduceMax",
    x: Value,
    { axes, keepdims }: ReduceOptions = {},
  ): Value {
    const all = x.shape.map((_, axis) => axis);
    const chosen = axes?.map((axis) => axisOf(x, axis)).toSorted((a, b) => a - b) ?? all;
    return this.#add(op, [x], { axes: chosen, keepdims: keepdims ? 1 : 0 });
  }

  #pair(a: Operand, b: Operand): readonly [Value, Value] {
    const dtype = typeof a === "object" ? a.dtype : typeof b === "object" ? b.dtype : "float32";
    const promote = (operand: Operand): Value =>
      typeof operand === "number" ? this.#builder.constant(operand, { dtype }) : operand;
    return [promote(a), promote(b)];
  }
}

function axisOf(x: Value, axis: number): number {
  return axis < 0 ? axis + x.shape.length : axis;
}

function pair(value: Pair): readonly [number, number] {
  return typeof value === "number" ? [value, value] : value;
}

function padsOf(
  padding: Padding,
  x: Value,
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): readonly number[] {
  if (padding === "valid") return [0, 0, 0, 0];
  if (padding !== "same") return padding;
  const totals = x.shape.slice(2).map((size, i) => {
    const covered = (Math.ceil(size / strides[i]!) - 1) * strides[i]! + dilations[i]! * (kernel[i]! - 1) + 1;
    return Math.max(0, covered - size);
  });
  return [...totals.map((total) => Math.floor(total / 2)), ...totals.map((total) => Math.ceil(total / 2))];
}
