import { input, layer, model, sequential, type AnyModel, type SymbolicTensor } from "@argmin/nn";

/** Images through convolutions, one after the other: layers without names of their own. */
export function plainNetwork(): AnyModel {
  return sequential({ input: [1, 28, 28], name: "plain" }, [
    layer.conv2d({ filters: 8, kernelSize: 5, activation: "relu" }),
    layer.maxPooling2d(),
    layer.conv2d({ filters: 16, kernelSize: 3 }),
    layer.batchNormalization(),
    layer.activation("elu"),
    layer.dropout(0.25),
    layer.flatten(),
    layer.dense({ units: 10, activation: "softmax" }),
  ]);
}

/** Stages of residual blocks whose shortcuts are identities or convolutions, a pooling of three branches, and two heads. */
export function branchedNetwork(): AnyModel {
  const pixels = input([3, 32, 32]);
  let x = layer.rescaling({ offset: -0.5, name: "centre" })(pixels);
  for (const [stage, filters] of [16, 24].entries()) {
    const name = `stage${stage + 1}`;
    x = layer.conv2d({ name: `${name}_conv`, filters, kernelSize: 3, padding: "same", activation: "relu" })(x);
    x = residualBlock(x, `${name}_res1`, filters, stage === 0);
    x = residualBlock(x, `${name}_res2`, filters, stage === 1);
    x = threeWayPooling(x, `${name}_pool`, filters);
  }
  const features = layer.dense({ name: "dense", units: 64, activation: "relu" })(layer.flatten({ name: "flatten" })(x));
  const dropped = layer.dropout(0.3, { name: "dense_dropout" })(features);
  return model({
    name: "branched",
    input: pixels,
    output: {
      fine: layer.dense({ name: "fine", units: 100, activation: "softmax" })(dropped),
      coarse: layer.dense({ name: "coarse", units: 20, activation: "softmax" })(dropped),
    },
  });
}

function residualBlock(x: SymbolicTensor, name: string, filters: number, isIdentity: boolean): SymbolicTensor {
  const shortcut = isIdentity ? x : layer.conv2d({ name: `${name}_shortcut`, filters, kernelSize: 1 })(x);
  const dropped = layer.dropout(0.175, { name: `${name}_dropout` })(x);
  const branch = layer.conv2d({ name: `${name}_conv`, filters, kernelSize: 3, padding: "same", activation: "relu" })(dropped);
  return layer.batchNormalization({ name: `${name}_bn` })(layer.add({ name: `${name}_sum` })(shortcut, branch));
}

function threeWayPooling(x: SymbolicTensor, name: string, filters: number): SymbolicTensor {
  const halve = { padding: "same", strides: 2, kernelSize: 3 } as const;
  const short = layer.conv2d({ ...halve, name: `${name}_short`, filters })(x);
  const squeezed = layer.conv2d({ name: `${name}_long1`, filters, kernelSize: 1 })(x);
  const long = layer.conv2d({ ...halve, name: `${name}_long2`, filters })(squeezed);
  const largest = layer.maxPooling2d({ name: `${name}_max`, poolSize: 3, strides: 2, padding: "same" })(x);
  return layer.concatenate({ name })(short, long, largest);
}
