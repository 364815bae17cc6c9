export { selectClasses, selectImages, type LabelledImages } from "./labelled-images.ts";
export { stratifiedFolds, stratifiedSplit, type Split } from "./stratified.ts";
export { loadMnist, type LoadMnistOptions, type Mnist } from "./mnist/mnist.ts";
export { parseIdx, type IdxArray } from "./mnist/idx.ts";
