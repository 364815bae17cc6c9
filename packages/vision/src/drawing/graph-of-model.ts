import { summarizeModel, type AnyModel, type LayerSummary, type ModelCall } from "@argmin/nn";
import type { Category, NetworkGraph, NetworkNode } from "./network-graph.ts";
import { windowText } from "./words.ts";

/** A model as it is drawn: one node a layer, its input before and its outputs after them. */
export function graphOfModel(model: AnyModel): NetworkGraph {
  const { layers } = summarizeModel(model);
  const input: NetworkNode = { ...bare, name: "input", title: "Input", category: "input", shape: model.inputShape };
  const calls = model.calls.map((call, i) => nodeOf(call, layers[i]!));
  const outputs = model.outputs.map(({ name, shape, call }): NetworkNode => ({
    ...bare,
    name: name ?? "output",
    title: name === undefined ? "Output" : `Output ${name}`,
    category: "output",
    shape,
    from: [call + 1],
  }));
  return { name: model.name, nodes: [input, ...calls, ...outputs] };
}

const bare = { notes: [], parameters: 0, flops: 0, from: [], layers: 0 } as const;

function nodeOf(call: ModelCall, { name, kind, outputShape, parameters, flops }: LayerSummary): NetworkNode {
  const { words, category } = kinds[kind] ?? { words: kind, category: "other" };
  const { activation, dropoutRate, window } = call.plan;
  const described = [
    words,
    ...(window === undefined ? [] : [windowText(window.size, window.strides, category === "pooling" ? window.size : [1, 1])]),
    ...(dropoutRate > 0 ? [`${Number((100 * dropoutRate).toPrecision(3))} %`] : []),
  ].join(" ");
  return {
    name,
    title: kind === "activation" ? activation : [described, ...(activation === "linear" ? [] : [activation])].join(", "),
    category,
    notes: [],
    shape: outputShape,
    parameters,
    flops: flops.forward,
    from: call.from.map((source) => source + 1),
    layers: 1,
  };
}

/** Layers' kinds in words. */
const kinds: Readonly<Record<string, { readonly words: string; readonly category: Category }>> = {
  conv2d: { words: "Convolution", category: "convolution" },
  dense: { words: "Dense", category: "dense" },
  batchNormalization: { words: "Batch norm", category: "normalization" },
  normalization: { words: "Normalization", category: "other" },
  rescaling: { words: "Rescaling", category: "other" },
  maxPooling2d: { words: "Max pooling", category: "pooling" },
  averagePooling2d: { words: "Average pooling", category: "pooling" },
  globalMaxPooling2d: { words: "Global max pooling", category: "pooling" },
  globalAveragePooling2d: { words: "Global average pooling", category: "pooling" },
  flatten: { words: "Flatten", category: "other" },
  dropout: { words: "Dropout", category: "dropout" },
  activation: { words: "Activation", category: "activation" },
  add: { words: "Sum", category: "merge" },
  concatenate: { words: "Concatenation", category: "merge" },
};
