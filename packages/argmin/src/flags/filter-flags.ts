import { folderFlag, integerFlag, numberFlag, switchFlag, textFlag } from "./values.ts";

/** Flags of `argmin filters` alone. */
export const filterFlags = {
  weights: textFlag({
    placeholder: "FILE",
    help: "the trained network: a .safetensors or .onnx file; what 'argmin retrain' left behind unless given",
  }),
  layers: textFlag({
    placeholder: "NAMES",
    help: "layers by their names, with commas between them; * stands for anything; every convolution unless given",
  }),
  steps: integerFlag({ placeholder: "N", min: 1, max: 100_000, help: "steps of each image; 20 unless given" }),
  count: integerFlag({ placeholder: "N", min: 1, max: 1e6, help: "how many filters of each layer; all of them unless given" }),
  jitter: integerFlag({
    placeholder: "PIXELS",
    max: 1000,
    help: "shift an image by up to so many pixels before each step; 1 unless given",
  }),
  "total-variation": numberFlag({
    placeholder: "WEIGHT",
    min: 0,
    max: 1000,
    help: "draw neighbouring pixels together; 0.1 unless given",
  }),
  l2: numberFlag({ placeholder: "WEIGHT", min: 0, max: 1000, help: "draw pixels to grey: 0.5, say; 0 unless given" }),
  compare: switchFlag("show 16 filters of each layer without and with each of jitter, total variation and L2"),
  grids: folderFlag("the folder to write to; filters beside the trained network unless given"),
} as const;
