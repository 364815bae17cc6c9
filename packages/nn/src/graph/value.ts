/**
 * @file What flows along the edges of a graph: tensors of a static shape and one of five element types.
 */

/** Element types. Booleans are stored one a byte. */
export type DataType = "float32" | "int32" | "int64" | "uint8" | "bool";

/** Sizes of the axes, outermost first; `[]` is a scalar. Every size is known when the graph is built. */
export type Shape = readonly number[];

/** The array that holds a tensor of each element type. */
export interface DataArrays {
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly uint8: Uint8Array;
  readonly bool: Uint8Array;
}
export type TensorData = DataArrays[DataType];

/** Element type and shape. */
export interface TensorType {
  readonly dtype: DataType;
  readonly shape: Shape;
}

/**
 * One tensor of a graph. Identity is the object; `name` is unique within its graph.
 *
 * `kind` says where it comes from: fed at each run (`input`), held between runs (`parameter`), fixed in the graph
 * (`constant`) or computed (`node`).
 */
export interface Value extends TensorType {
  readonly name: string;
  readonly kind: "input" | "parameter" | "constant" | "node";
}

/** The number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The sizes of images, for destructuring. */
export function imageSizes(shape: Shape): readonly [batch: number, channels: number, height: number, width: number] {
  const [batch, channels, height, width] = shape;
  if (batch === undefined || channels === undefined || height === undefined || width === undefined) {
    throw new Error(`internal: [${shape.join(", ")}] is not [batch, channel, height, width]`);
  }
  return [batch, channels, height, width];
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

const allocators: { readonly [D in DataType]: (size: number) => DataArrays[D] } = {
  float32: (size) => new Float32Array(size),
  int32: (size) => new Int32Array(size),
  int64: (size) => new BigInt64Array(size),
  uint8: (size) => new Uint8Array(size),
  bool: (size) => new Uint8Array(size),
};

/** A zero-filled array for a tensor of this type. */
export function allocate<D extends DataType>(type: { readonly dtype: D; readonly shape: Shape }): DataArrays[D] {
  return allocators[type.dtype](sizeOf(type.shape));
}
