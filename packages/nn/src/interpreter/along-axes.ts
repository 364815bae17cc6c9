import { broadcastStrides, offsets, tensor64, type Tensor64 } from "./tensor.ts";

/** Puts the elements that agree on all other axes together, one after another in row-major order. */
export function reduce(
  x: Tensor64,
  axes: readonly number[],
  keepdims: 0 | 1,
  initial: number,
  f: (sum: number, x: number) => number,
): Tensor64 {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const places = offsets(x.shape, broadcastStrides(kept, x.shape));
  const y = tensor64(keepdims ? kept : x.shape.filter((_, axis) => !axes.includes(axis)));
  y.data.fill(initial);
  x.data.forEach((value, i) => {
    y.data[places[i]!] = f(y.data[places[i]!]!, value);
  });
  return y;
}

/** Rewrites each line of `x` along `axis`; `f` gets the line and changes it in place. */
export function alongAxis(x: Tensor64, axis: number, f: (line: Float64Array) => void): Tensor64 {
  const y = tensor64(x.shape, x.data.slice());
  const size = x.shape[axis]!;
  const stride = x.shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const line = new Float64Array(size);
  for (let start = 0; start < y.data.length; start++) {
    if (Math.floor(start / stride) % size !== 0) continue;
    for (let i = 0; i < size; i++) line[i] = y.data[start + i * stride]!;
    f(line);
    for (let i = 0; i < size; i++) y.data[start + i * stride] = line[i]!;
  }
  return y;
}

export function softmax(line: Float64Array): void {
  const largest = line.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = line.reduce((total, x) => total + Math.exp(x - largest), 0);
  line.forEach((x, i) => {
    line[i] = Math.exp(x - largest) / sum;
  });
}

export function logSoftmax(line: Float64Array): void {
  const largest = line.reduce((a, b) => Math.max(a, b), -Infinity);
  const logarithm = largest + Math.log(line.reduce((total, x) => total + Math.exp(x - largest), 0));
  line.forEach((x, i) => {
    line[i] = x - logarithm;
  });
}

/** The index of the first largest element along `axis`. */
export function argMax(x: Tensor64, axis: number, keepdims: 0 | 1): Tensor64 {
  const largest = reduce(x, [axis], 1, -Infinity, Math.max);
  const places = offsets(x.shape, broadcastStrides(largest.shape, x.shape));
  const stride = x.shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const y = tensor64(keepdims ? largest.shape : x.shape.toSpliced(axis, 1));
  for (let i = x.data.length - 1; i >= 0; i--) {
    if (x.data[i] === largest.data[places[i]!]) y.data[places[i]!] = Math.floor(i / stride) % x.shape[axis]!;
  }
  return y;
}
