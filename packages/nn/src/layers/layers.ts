import { activation } from "./activations.ts";
import { averagePooling2d } from "./average-pooling2d.ts";
import { batchNormalization } from "./batch-normalization.ts";
import { conv2d } from "./conv2d.ts";
import { dense } from "./dense.ts";
import { dropout } from "./dropout.ts";
import { flatten } from "./flatten.ts";
import { globalAveragePooling2d, globalMaxPooling2d } from "./global-pooling2d.ts";
import { maxPooling2d } from "./max-pooling2d.ts";
import { add, concatenate } from "./merge.ts";
import { normalization, rescaling } from "./rescaling.ts";

/** All layers, under Keras's names: `layer.dense({ units: 10 })`. */
export const layer = Object.freeze({
  activation,
  add,
  averagePooling2d,
  batchNormalization,
  concatenate,
  conv2d,
  dense,
  dropout,
  flatten,
  globalAveragePooling2d,
  globalMaxPooling2d,
  maxPooling2d,
  normalization,
  rescaling,
});
