import { exportModel, type AnyModel } from "@argmin/nn";
import { describeGallery } from "@argmin/pictures/testing";
import { fileURLToPath } from "node:url";
import { drawNetwork, graphOfModel, graphOfOnnx, type NetworkGraph } from "@argmin/vision";
import { branchedNetwork, plainNetwork } from "./networks.ts";

const branched = graphOfModel(branchedNetwork());

describeGallery({
  name: "drawings of networks",
  folder: fileURLToPath(new URL("gallery", import.meta.url)),
  pictures: {
    plain: (theme) => drawNetwork(graphOfModel(plainNetwork()), { theme }),
    branched: (theme) => drawNetwork(branched, { theme, title: "A network with branches, sums and two heads" }),
    "branched-compact-dark": (theme) => drawNetwork(branched, { theme, level: "compact" }),
    "exported-compact": (theme) => drawNetwork(exported(branchedNetwork()), { theme, level: "compact" }),
    "long-names": (theme) => drawNetwork(withLongNames, { theme, title: "What is far too long is cut ".repeat(8) }),
    "nothing-known": (theme) => drawNetwork(withoutShapes, { theme }),
  },
});

function exported(model: AnyModel): NetworkGraph {
  const weights = new Map(model.weights.map(({ name, size }) => [name, new Float32Array(size)]));
  return graphOfOnnx(exportModel(model, weights), "branched.onnx");
}

const node = { notes: [], parameters: 0, flops: 0, layers: 1 } as const;

const withLongNames: NetworkGraph = {
  name: "long",
  nodes: [
    { ...node, layers: 0, name: "input", title: "Input", category: "input", shape: [3, 1024, 2048], from: [] },
    {
      ...node,
      name: "features.the_first_of_very_many_blocks.convolution_with_a_name_that_nobody_reads",
      title: "Convolution 11 × 11, leakyRelu",
      category: "convolution",
      notes: ["batch norm", "dropout 17.5 %", "leakyRelu", "rescaling"],
      shape: [1536, 1024, 2048],
      parameters: 123_456_789_012,
      flops: 9e15,
      from: [0],
    },
    { ...node, layers: 0, name: "output", title: "Output", category: "output", shape: [1536, 1024, 2048], from: [1] },
  ],
};

const withoutShapes: NetworkGraph = {
  name: "unknown",
  nodes: [
    { ...node, layers: 0, name: "tokens", title: "Input tokens", category: "input", shape: undefined, from: [] },
    { ...node, layers: 0, name: "mask", title: "Input mask", category: "input", shape: ["sequence"], from: [] },
    { ...node, name: "mix", title: "Einsum", category: "other", shape: undefined, flops: undefined, from: [0, 1] },
    { ...node, name: "project", title: "Matrix product", category: "dense", shape: undefined, flops: undefined, from: [2] },
    { ...node, layers: 0, name: "scores", title: "Output", category: "output", shape: undefined, from: [3] },
  ],
};
