import type { Attributes } from "../graph/op.ts";
import { imageSizes, type Shape } from "../graph/value.ts";
import { stridesOf, tensor64, type Tensor64 } from "./tensor.ts";

interface Window {
  readonly kernel_shape: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations?: readonly number[];
}

/**
 * Calls `visit` for each output position of two spatial axes and each element of its window that lies inside the image, with
 * offsets into one channel of the image, of the output and of the kernel.
 */
function forEachTap(
  image: Shape,
  output: Shape,
  { kernel_shape, strides, pads, dilations }: Window,
  visit: (image: number, output: number, kernel: number) => void,
): void {
  const [, , height, width] = imageSizes(image);
  const [, , rows, columns] = imageSizes(output);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let i = 0; i < kernel_shape[0]!; i++) {
        const y = row * strides[0]! - pads[0]! + i * (dilations?.[0] ?? 1);
        if (y < 0 || y >= height) continue;
        for (let j = 0; j < kernel_shape[1]!; j++) {
          const x = column * strides[1]! - pads[1]! + j * (dilations?.[1] ?? 1);
          if (x >= 0 && x < width) visit(y * width + x, row * columns + column, i * kernel_shape[1]! + j);
        }
      }
    }
  }
}

/** Pairs of channels that a grouped convolution connects: [image channel, filter, channel of the kernel]. */
function* connections(channels: number, filters: number, group: number): Generator<readonly [number, number, number]> {
  for (let filter = 0; filter < filters; filter++) {
    const first = Math.floor(filter / (filters / group)) * (channels / group);
    for (let channel = 0; channel < channels / group; channel++) yield [first + channel, filter, channel];
  }
}

export function conv([x, w, bias]: readonly Tensor64[], attributes: Attributes<"Conv">, shape: Shape): Tensor64 {
  const y = tensor64(shape);
  const [batch, filters] = imageSizes(shape);
  const [xBatch, xChannel] = imageSizes(stridesOf(x!.shape));
  const [yBatch, yChannel] = imageSizes(stridesOf(shape));
  const [wFilter, wChannel] = imageSizes(stridesOf(w!.shape));
  for (let n = 0; n < batch; n++) {
    for (let f = 0; f < filters; f++) {
      const start = n * yBatch + f * yChannel;
      y.data.fill(bias?.data[f] ?? 0, start, start + yChannel);
    }
    for (const [channel, filter, slot] of connections(x!.shape[1]!, filters, attributes.group)) {
      forEachTap(x!.shape, shape, attributes, (image, output, kernel) => {
        y.data[n * yBatch + filter * yChannel + output]! +=
          x!.data[n * xBatch + channel * xChannel + image]! * w!.data[filter * wFilter + slot * wChannel + kernel]!;
      });
    }
  }
  return y;
}

export function convTranspose([x, w]: readonly Tensor64[], attributes: Attributes<"ConvTranspose">, shape: Shape): Tensor64 {
  const y = tensor64(shape);
  const [xBatch, xChannel] = imageSizes(stridesOf(x!.shape));
  const [yBatch, yChannel] = imageSizes(stridesOf(shape));
  const [wFilter, wChannel] = imageSizes(stridesOf(w!.shape));
  for (let n = 0; n < shape[0]!; n++) {
    for (const [channel, filter, slot] of connections(shape[1]!, x!.shape[1]!, attributes.group)) {
      forEachTap(shape, x!.shape, attributes, (image, output, kernel) => {
        y.data[n * yBatch + channel * yChannel + image]! +=
          x!.data[n * xBatch + filter * xChannel + output]! * w!.data[filter * wFilter + slot * wChannel + kernel]!;
      });
    }
  }
  return y;
}

/** The mean of each window's elements that lie inside the image. */
export function averagePool(x: Tensor64, attributes: Attributes<"AveragePool">, shape: Shape): Tensor64 {
  const y = tensor64(shape);
  const xChannel = stridesOf(x.shape)[1]!;
  const yChannel = stridesOf(shape)[1]!;
  const counts = new Float64Array(yChannel);
  forEachTap(x.shape, shape, attributes, (_image, output) => {
    counts[output]! += 1;
  });
  for (let channel = 0; channel < shape[0]! * shape[1]!; channel++) {
    forEachTap(x.shape, shape, attributes, (image, output) => {
      y.data[channel * yChannel + output]! += x.data[channel * xChannel + image]! / counts[output]!;
    });
  }
  return y;
}

/** The maxima and where in the flattened input they were; of equal ones the first. */
export function maxPool(x: Tensor64, attributes: Attributes<"MaxPool">, shape: Shape): readonly [Tensor64, Tensor64] {
  const y = tensor64(shape);
  const indices = tensor64(shape);
  y.data.fill(-Infinity);
  const xChannel = stridesOf(x.shape)[1]!;
  const yChannel = stridesOf(shape)[1]!;
  for (let channel = 0; channel < shape[0]! * shape[1]!; channel++) {
    forEachTap(x.shape, shape, attributes, (image, output) => {
      const from = channel * xChannel + image;
      const to = channel * yChannel + output;
      if (x.data[from]! <= y.data[to]!) return;
      y.data[to] = x.data[from]!;
      indices.data[to] = from;
    });
  }
  return [y, indices];
}

export function maxUnpool([x, indices]: readonly Tensor64[], shape: Shape): Tensor64 {
  const y = tensor64(shape);
  indices!.data.forEach((place, i) => {
    y.data[place] = x!.data[i]!;
  });
  return y;
}
