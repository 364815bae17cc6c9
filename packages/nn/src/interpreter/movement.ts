import type { Attributes } from "../graph/op.ts";
import { sizeOf, type Shape } from "../graph/value.ts";
import { broadcastStrides, offsets, pick, stridesOf, tensor64, type Tensor64 } from "./tensor.ts";

export function expand(x: Tensor64, shape: Shape): Tensor64 {
  return tensor64(shape, pick(x.data, offsets(shape, broadcastStrides(x.shape, shape))));
}

export function slice(x: Tensor64, { starts, ends, steps }: Attributes<"Slice">): Tensor64 {
  const strides = stridesOf(x.shape);
  const shape = x.shape.map((_, axis) => Math.ceil((ends[axis]! - starts[axis]!) / steps[axis]!));
  const start = starts.reduce((sum, first, axis) => sum + first * strides[axis]!, 0);
  return tensor64(
    shape,
    pick(
      x.data,
      offsets(
        shape,
        strides.map((stride, axis) => stride * steps[axis]!),
        start,
      ),
    ),
  );
}

export function pad(x: Tensor64, { pads, value }: Attributes<"Pad">): Tensor64 {
  const rank = x.shape.length;
  const y = tensor64(x.shape.map((size, axis) => pads[axis]! + size + pads[axis + rank]!));
  y.data.fill(value);
  const strides = stridesOf(y.shape);
  const start = strides.reduce((sum, stride, axis) => sum + stride * pads[axis]!, 0);
  offsets(x.shape, strides, start).forEach((place, i) => {
    y.data[place] = x.data[i]!;
  });
  return y;
}

export function concat(inputs: readonly Tensor64[], axis: number): Tensor64 {
  const size = inputs.reduce((sum, input) => sum + input.shape[axis]!, 0);
  const y = tensor64(inputs[0]!.shape.with(axis, size));
  const strides = stridesOf(y.shape);
  let start = 0;
  for (const input of inputs) {
    offsets(input.shape, strides, start * strides[axis]!).forEach((place, i) => {
      y.data[place] = input.data[i]!;
    });
    start += input.shape[axis]!;
  }
  return y;
}

export function split(x: Tensor64, axis: number, sizes: readonly number[]): readonly Tensor64[] {
  const strides = stridesOf(x.shape);
  let start = 0;
  return sizes.map((size) => {
    const shape = x.shape.with(axis, size);
    const piece = tensor64(shape, pick(x.data, offsets(shape, strides, start * strides[axis]!)));
    start += size;
    return piece;
  });
}

export function gather(data: Tensor64, indices: Tensor64, axis: number): Tensor64 {
  const inner = sizeOf(data.shape.slice(axis + 1));
  const size = data.shape[axis]!;
  const y = tensor64(data.shape.toSpliced(axis, 1, ...indices.shape));
  const count = indices.data.length;
  y.data.forEach((_, place) => {
    const index = indices.data[Math.floor(place / inner) % count]!;
    // Negative indices count from the end, as in ONNX.
    const row = Math.floor(place / inner / count) * size + (index < 0 ? index + size : index);
    y.data[place] = data.data[row * inner + (place % inner)]!;
  });
  return y;
}

export function oneHot(indices: Tensor64, depth: number): Tensor64 {
  const y = tensor64([...indices.shape, depth]);
  indices.data.forEach((index, i) => {
    const column = index < 0 ? index + depth : index;
    if (column >= 0 && column < depth) y.data[i * depth + column] = 1;
  });
  return y;
}
