import { activation } from "./activations.ts";
import { conv2d } from "./conv2d.ts";
import { dense } from "./dense.ts";
import { dropout } from "./dropout.ts";
import { flatten } from "./flatten.ts";
import { maxPooling2d } from "./max-pooling2d.ts";
import { add, concatenate } from "./merge.ts";

/** All layers, under Keras's names: `layer.dense({ units: 10 })`. */
export const layer = Object.freeze({ activation, add, concatenate, conv2d, dense, dropout, flatten, maxPooling2d });
