import { erf } from "@argmin/base";
import { broadcastShapes } from "../graph/shapes.ts";
import { broadcastStrides, offsets, tensor64, type Tensor64 } from "./tensor.ts";

/** Applies a function to each element. */
export function map([x]: readonly Tensor64[], f: (x: number) => number): Tensor64 {
  return tensor64(x!.shape, x!.data.map(f));
}

/** Applies a function to each pair of elements that meet by broadcasting. */
export function combine([a, b]: readonly Tensor64[], f: (a: number, b: number) => number): Tensor64 {
  const shape = broadcastShapes(a!.shape, b!.shape);
  const left = offsets(shape, broadcastStrides(a!.shape, shape));
  const right = offsets(shape, broadcastStrides(b!.shape, shape));
  return tensor64(
    shape,
    left.map((place, i) => f(a!.data[place]!, b!.data[right[i]!]!)),
  );
}

export function where([condition, whenTrue, whenFalse]: readonly Tensor64[]): Tensor64 {
  const shape = broadcastShapes(condition!.shape, broadcastShapes(whenTrue!.shape, whenFalse!.shape));
  const [conditions, yes, no] = [condition!, whenTrue!, whenFalse!].map((x) => offsets(shape, broadcastStrides(x.shape, shape)));
  return tensor64(
    shape,
    conditions!.map((place, i) => (condition!.data[place] !== 0 ? whenTrue!.data[yes![i]!]! : whenFalse!.data[no![i]!]!)),
  );
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** log(1 + e^x) without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

export function gelu(x: number): number {
  return 0.5 * x * (1 + erf(x * Math.SQRT1_2));
}

export function geluByTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}
