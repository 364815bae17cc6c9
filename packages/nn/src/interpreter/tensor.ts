import { sizeOf, type Shape, type TensorData } from "../graph/value.ts";

/** A tensor of the oracle: every element type is held in float64, which has room for all the values that graphs meet. */
export interface Tensor64 {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export function tensor64(shape: Shape, data: Float64Array = new Float64Array(sizeOf(shape))): Tensor64 {
  return { shape, data };
}

/** A copy of stored elements as float64. */
export function toFloat64(data: TensorData | Float64Array): Float64Array {
  return data instanceof BigInt64Array ? Float64Array.from(data, Number) : Float64Array.from(data);
}

/** How far apart in memory neighbours along each axis are. */
export function stridesOf(shape: Shape): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** The strides with which a tensor of `from` is read as one of `to`: 0 along broadcast axes. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from);
  const added = to.length - from.length;
  return to.map((_, axis) => (axis < added || from[axis - added] === 1 ? 0 : strides[axis - added]!));
}

/** The row-major list, over all positions of `shape`, of `start` plus the position's dot product with `strides`. */
export function offsets(shape: Shape, strides: readonly number[], start = 0): Float64Array {
  let list = Float64Array.of(start);
  shape.forEach((size, axis) => {
    const stride = strides[axis]!;
    const longer = new Float64Array(list.length * size);
    for (let i = 0; i < list.length; i++) {
      for (let j = 0; j < size; j++) longer[i * size + j] = list[i]! + j * stride;
    }
    list = longer;
  });
  return list;
}

/** The elements of `data` at `places`, in order. */
export function pick(data: Float64Array, places: Float64Array): Float64Array {
  return places.map((place) => data[place]!);
}
