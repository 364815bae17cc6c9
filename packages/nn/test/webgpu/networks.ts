import { Rng } from "@argmin/base";
import { input, layer, model, regularizer, type ActivationName, type Layer, type Model, type SymbolicTensor } from "@argmin/nn";

/** Every kind of layer that computes something, on two heads. Small: software drivers multiply a thousand times as slowly as a CPU. */
export function everyLayer(): Model<"fine" | "coarse"> {
  const pixels = input([3, 8, 8]);
  const image = layer.normalization({ mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.25, 0.3] })(pixels);
  const conv = (filters: number, kernelSize: number, options: { strides?: number; groups?: number } = {}) =>
    layer.conv2d({
      filters,
      kernelSize,
      padding: "same",
      kernelRegularizer: regularizer.l1l2({ l1: 1e-3, l2: 1e-3 }),
      ...options,
    });
  const first = layer.activation("elu")(layer.batchNormalization({ momentum: 0.7 })(conv(4, 3)(pixels)));
  const dropped = layer.dropout(0.3)(first);
  const sum = layer.add()(conv(4, 1)(first), layer.activation("elu")(conv(4, 2)(dropped)));
  const pools: readonly SymbolicTensor[] = [
    layer.maxPooling2d()(sum),
    layer.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" })(sum),
    layer.averagePooling2d()(sum),
    layer.averagePooling2d({ poolSize: 3, strides: 2, padding: "same" })(image),
    conv(4, 3, { strides: 2, groups: 2 })(sum),
  ];
  const [head, ...others] = pools;
  const joined = layer.concatenate()(head!, ...others);
  const features = layer.concatenate()(
    layer.globalAveragePooling2d()(joined),
    layer.globalMaxPooling2d()(joined),
    layer.flatten()(conv(2, 3)(layer.rescaling({ scale: 0.5, offset: 0.1 })(joined))),
  );
  const hidden = layer.dense({ units: 7, activation: "relu" })(features);
  return model({
    input: pixels,
    output: {
      fine: layer.dense({ units: 5, activation: "softmax" })(hidden),
      coarse: layer.dense({ units: 2, activation: "sigmoid" })(layer.dropout(0.5)(hidden)),
    },
  });
}

/** System C's network in small, with a head named `fine` as all networks here. */
export function simpleCnn(): Model<"fine"> {
  const stage = (filters: number) => [
    layer.conv2d({ filters, kernelSize: 3, padding: "same", activation: "relu" }),
    layer.maxPooling2d(),
  ];
  return stack(
    [3, 8, 8],
    [
      ...stage(3),
      ...stage(6),
      layer.flatten(),
      layer.dense({ units: 8, activation: "relu" }),
      layer.dropout(0.25),
      layer.dense({ units: 5, activation: "softmax" }),
    ],
  );
}

/** Convolutions with as many channels as it takes for the CPU to compute them by Winograd's products. */
export function wideCnn(): Model<"fine"> {
  return stack(
    [3, 8, 8],
    [
      layer.conv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "relu" }),
      layer.maxPooling2d(),
      layer.dropout(0.25),
      layer.conv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "elu" }),
      layer.averagePooling2d(),
      layer.flatten(),
      layer.dense({ units: 5, activation: "softmax" }),
    ],
  );
}

/** Three numbers to one of two classes. */
export function denseNetwork(activation: ActivationName): Model<"fine"> {
  return stack([3], [layer.dense({ units: 4, activation }), layer.dense({ units: 2, activation: "softmax" })]);
}

function stack(shape: readonly number[], layers: readonly Layer[]): Model<"fine"> {
  const start = input(shape);
  return model({ input: start, output: { fine: layers.reduce((x, next) => next(x), start) } });
}

/** Random images of 8 x 8 in three channels, as bytes, with labels of `everyLayer`'s heads. */
export function randomImages(count: number) {
  const rng = Rng.fromSeed("webgpu");
  return {
    images: Uint8Array.from({ length: count * 3 * 64 }, () => rng.integer(256)),
    labels: {
      fine: Uint8Array.from({ length: count }, (_, i) => i % 5),
      coarse: Uint8Array.from({ length: count }, (_, i) => i % 2),
    },
  };
}
