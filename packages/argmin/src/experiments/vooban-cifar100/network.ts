import { input, layer, model, regularizer, type Layer, type Model, type SymbolicTensor } from "@argmin/nn";
import type { Settings } from "./space.ts";

/** The L2 penalty that `l2_weight_reg_mult` multiplies. */
const BASE_L2 = 0.0007;

/** What a head's outputs go through: `sigmoid` is what the published network has, under the same categorical cross-entropy. */
export type HeadActivation = "softmax" | "sigmoid";

/** What a network is for. */
export interface NetworkTask {
  readonly classes: number;
  readonly heads: HeadActivation;
}

/**
 * The network of a candidate, from pixels `[3, 32, 32]` to the head `fine`, `[classes]`.
 *
 * @throws ArgminError `model/invalid`, naming the layer, where an image becomes smaller than the window that slides over it.
 */
export function fineNetwork(settings: Settings, { classes, heads }: NetworkTask): Model<"fine"> {
  const { pixels, head } = createBody(settings, heads);
  return model({ name, input: pixels, output: { fine: head("fine", classes) } });
}

/**
 * The network of a candidate with a second head for the groups of the classes, `coarse`, `[coarseClasses]`.
 *
 * @throws ArgminError `model/invalid`, as `fineNetwork`.
 */
export function fineAndCoarseNetwork(
  settings: Settings,
  { classes, coarseClasses, heads }: NetworkTask & { readonly coarseClasses: number },
): Model<"fine" | "coarse"> {
  const { pixels, head } = createBody(settings, heads);
  return model({ name, input: pixels, output: { fine: head("fine", classes), coarse: head("coarse", coarseClasses) } });
}

const name = "vooban-cifar100";

/** All but the heads, and what makes a head. */
function createBody(settings: Settings, heads: HeadActivation) {
  const build = builderOf(settings);
  const pixels = input([3, 32, 32]);
  let x = layer.rescaling({ offset: -0.5, name: "centre" })(pixels);
  if (settings.first_conv !== null) x = build.convolution("first_conv", 16, settings.first_conv)(x);
  let filters = Math.floor(40 * settings.conv_hiddn_units_mult);
  for (let stage = 0; stage < settings.nb_conv_pool_layers; stage++) {
    x = addStage(x, stage, filters, settings, build);
    filters *= 2;
  }
  x = layer.flatten({ name: "flatten" })(x);
  x = build.dense("dense1", Math.floor(1000 * settings.fc_units_1_mult))(x);
  x = layer.dropout(settings.fc_dropout_drop_proba, { name: "dense1_dropout" })(x);
  if (settings.one_more_fc !== null) {
    x = build.dense("dense2", Math.floor(750 * settings.one_more_fc))(x);
    x = layer.dropout(settings.fc_dropout_drop_proba, { name: "dense2_dropout" })(x);
  }
  const features = x;
  const head = (name: string, units: number): SymbolicTensor =>
    layer.dense({ name, units, activation: heads, kernelRegularizer: build.penalty })(features);
  return { pixels, head };
}

type Build = ReturnType<typeof builderOf>;

/** The layers that learn, with what all of a candidate's have in common. */
function builderOf({ activation, l2_weight_reg_mult, use_BN }: Settings) {
  const penalty = regularizer.l2(BASE_L2 * l2_weight_reg_mult);
  const conv = (
    name: string,
    filters: number,
    kernelSize: number,
    options: { activation?: "relu" | "elu"; strides?: number },
  ): Layer => layer.conv2d({ name, filters, kernelSize, padding: "same", kernelRegularizer: penalty, ...options });
  const normalize = (name: string): Layer => layer.batchNormalization({ name });
  return {
    penalty,
    normalize,
    convolution: (name: string, filters: number, kernelSize: number): Layer => conv(name, filters, kernelSize, { activation }),
    linearConvolution: (name: string, filters: number): Layer => conv(name, filters, 1, {}),
    /** Halves an image by a linear convolution. */
    convolutionPooling: (name: string, filters: number): ((x: SymbolicTensor) => SymbolicTensor) => {
      const halve = conv(name, filters, 3, { strides: 2 });
      return (x) => (use_BN ? normalize(`${name}_bn`)(halve(x)) : halve(x));
    },
    dense: (name: string, units: number): Layer => layer.dense({ name, units, activation, kernelRegularizer: penalty }),
  };
}

/** Convolution, residual block, pooling, dropout. */
function addStage(x: SymbolicTensor, index: number, filters: number, settings: Settings, build: Build): SymbolicTensor {
  const name = `stage${index + 1}`;
  let y = build.convolution(`${name}_conv`, filters, settings.conv_kernel_size)(x);
  if (settings.use_BN) y = build.normalize(`${name}_bn`)(y);
  if (settings.residual !== null && index >= settings.conv_pool_res_start_idx)
    y = addResidualBlock(y, `${name}_res`, filters, settings.residual, settings, build);
  y = poolings[settings.pooling_type](y, `${name}_pool`, filters, build);
  return layer.dropout(settings.conv_dropout_drop_proba, { name: `${name}_dropout` })(y);
}

/** Sums of a linear 1 x 1 convolution and a convolution after dropout, one after the other. */
function addResidualBlock(
  x: SymbolicTensor,
  name: string,
  filters: number,
  repetitions: number,
  { conv_dropout_drop_proba, res_conv_kernel_size, use_BN }: Settings,
  build: Build,
): SymbolicTensor {
  let y = x;
  for (let i = 1; i <= repetitions; i++) {
    const shortcut = build.linearConvolution(`${name}${i}_shortcut`, filters)(y);
    const dropped = layer.dropout(conv_dropout_drop_proba, { name: `${name}${i}_dropout` })(y);
    const branch = build.convolution(`${name}${i}_conv`, filters, res_conv_kernel_size)(dropped);
    y = layer.add({ name: `${name}${i}_sum` })(shortcut, branch);
    if (use_BN || i === repetitions) y = build.normalize(`${name}${i}_bn`)(y);
  }
  return build.normalize(`${name}_bn`)(y);
}

type Pooling = (x: SymbolicTensor, name: string, filters: number, build: Build) => SymbolicTensor;

const poolings: { readonly [Kind in Settings["pooling_type"]]: Pooling } = {
  max: (x, name) => layer.maxPooling2d({ name })(x),
  avg: (x, name) => layer.averagePooling2d({ name })(x),
  all_conv: (x, name, filters, build) => build.convolutionPooling(name, filters)(x),
  inception: (x, name, filters, build) => {
    const wide = Math.floor(0.4 * filters + 1);
    const narrow = Math.floor(0.33 * filters + 1);
    const short = build.convolutionPooling(`${name}_short`, wide)(x);
    const squeezed = build.convolution(`${name}_long1`, narrow, 1)(x);
    const long = build.convolutionPooling(`${name}_long3`, wide)(build.convolution(`${name}_long2`, wide, 3)(squeezed));
    const mixed = build.convolution(`${name}_max1`, wide, 1)(x);
    const largest = layer.maxPooling2d({ name: `${name}_max2`, poolSize: 3, strides: 2, padding: "same" })(mixed);
    return layer.concatenate({ name })(short, long, largest);
  },
};
