export { selectClasses, selectImages, type Cifar100Images, type LabelledImages } from "./labelled-images.ts";
export { stratifiedFolds, stratifiedSplit, stratifiedSubset, type Split } from "./stratified.ts";
export { loadMnist, type LoadMnistOptions, type Mnist } from "./mnist/mnist.ts";
export { parseIdx, type IdxArray } from "./mnist/idx.ts";
export { loadCifar10, loadCifar100, type Cifar10, type Cifar100, type LoadCifarOptions } from "./cifar/cifar.ts";
export { channelStatistics, type ChannelStatistics } from "./channel-statistics.ts";
