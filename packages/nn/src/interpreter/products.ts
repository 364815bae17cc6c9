import { broadcastShapes } from "../graph/shapes.ts";
import type { Attributes } from "../graph/op.ts";
import { broadcastStrides, offsets, pick, stridesOf, tensor64, type Tensor64 } from "./tensor.ts";

/** Matrix products over the last two axes, the others broadcast. */
export function matMul([a, b]: readonly Tensor64[]): Tensor64 {
  const m = a!.shape.at(-2)!;
  const k = a!.shape.at(-1)!;
  const n = b!.shape.at(-1)!;
  const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
  const left = offsets(batch, broadcastStrides(a!.shape.slice(0, -2), batch));
  const right = offsets(batch, broadcastStrides(b!.shape.slice(0, -2), batch));
  const y = tensor64([...batch, m, n]);
  left.forEach((matrix, i) => multiplyInto(y.data, i * m * n, a!.data, matrix * m * k, b!.data, right[i]! * k * n, m, k, n));
  return y;
}

export function gemm([a, b, c]: readonly Tensor64[], { alpha, beta, transA, transB }: Attributes<"Gemm">): Tensor64 {
  const product = matMul([transA ? transposed(a!) : a!, transB ? transposed(b!) : b!]);
  const places = c === undefined ? undefined : offsets(product.shape, broadcastStrides(c.shape, product.shape));
  return tensor64(
    product.shape,
    product.data.map((x, i) => alpha * x + (places === undefined ? 0 : beta * c!.data[places[i]!]!)),
  );
}

function multiplyInto(
  y: Float64Array,
  yStart: number,
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  bStart: number,
  m: number,
  k: number,
  n: number,
): void {
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const factor = a[aStart + i * k + l]!;
      for (let j = 0; j < n; j++) y[yStart + i * n + j]! += factor * b[bStart + l * n + j]!;
    }
  }
}

/** Axes in another order. */
export function transpose(x: Tensor64, perm: readonly number[]): Tensor64 {
  const strides = stridesOf(x.shape);
  const shape = perm.map((axis) => x.shape[axis]!);
  return tensor64(
    shape,
    pick(
      x.data,
      offsets(
        shape,
        perm.map((axis) => strides[axis]!),
      ),
    ),
  );
}

function transposed(x: Tensor64): Tensor64 {
  return transpose(x, [1, 0]);
}
