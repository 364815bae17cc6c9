import { Rng } from "@argmin/base";
import { describe, expect, it } from "vitest";
import {
  compileResponses,
  exportModel,
  GraphBuilder,
  encodeModel,
  input,
  layer,
  model,
  trainedNetwork,
  trainedNetworkOfOnnx,
  type Model,
} from "@argmin/nn";
import { expectClose } from "../fixtures.ts";

function network(): Model<"fine" | "coarse"> {
  const pixels = input([3, 8, 8]);
  const centred = layer.normalization({ name: "centre", mean: [0.5, 0.4, 0.3], deviation: [0.2, 0.3, 0.4] })(pixels);
  const first = layer.conv2d({ name: "first", filters: 5, kernelSize: 3, padding: "same" })(centred);
  const gate = layer.activation("relu", { name: "gate" })(layer.batchNormalization({ name: "normal" })(first));
  const pooled = layer.maxPooling2d({ name: "halve" })(gate);
  const shortcut = layer.conv2d({ name: "shortcut", filters: 6, kernelSize: 1 })(pooled);
  const branch = layer.conv2d({ name: "branch", filters: 6, kernelSize: 2, padding: "same", activation: "elu" })(pooled);
  const sum = layer.batchNormalization({ name: "sum_bn" })(layer.add({ name: "sum" })(shortcut, branch));
  const both = layer.concatenate({ name: "both" })(sum, layer.averagePooling2d({ name: "mean", poolSize: 1 })(branch));
  const flat = layer.flatten({ name: "flat" })(layer.averagePooling2d({ name: "smaller" })(both));
  const hidden = layer.dense({ name: "hidden", units: 7, activation: "tanh" })(flat);
  const head = (name: string, units: number) => layer.dense({ name, units, activation: "softmax" })(hidden);
  return model({ name: "small", input: pixels, output: { fine: head("fine", 6), coarse: head("coarse", 2) } });
}

const made = network();
const rng = Rng.fromSeed("weights");
const weights = new Map(
  made.weights.map(({ name, size }) => {
    const low = name.endsWith("Variance") ? 0.3 : -0.7;
    return [name, Float32Array.from({ length: size }, () => rng.uniform(low, 0.8))];
  }),
);

describe("the network of an .onnx file", () => {
  const ours = trainedNetwork(made, weights);
  const read = trainedNetworkOfOnnx(exportModel(made, weights), "small.onnx");

  it("has the layers that were exported, with their sizes, costs and activations", () => {
    const shown = ({ layers }: typeof ours) =>
      layers.map(({ name, shape, isConvolution, speaksBehind }) => ({
        name,
        shape,
        isConvolution,
        // In the file the activation stands behind the pool.
        speaksBehind: isConvolution ? speaksBehind.replace("gate", "halve") : "",
      }));
    expect([read.name, read.inputShape]).toEqual(["small", [3, 8, 8]]);
    expect(shown(read)).toEqual(shown(ours).filter(({ name }) => name !== "gate"));
    const cost = ({ layers }: typeof ours): number => layers.at(-1)!.multiplyAdds;
    // What scales and shifts is not counted of a file.
    expect(cost(read) / cost(ours)).toBeGreaterThan(0.8);
    expect(cost(read)).toBeLessThan(cost(ours));
  });

  it("speaks of the shortcut where it is summed up", () => {
    expect(read.layers.find(({ name }) => name === "shortcut")!.speaksBehind).toBe("sum");
  });

  for (const name of ["first", "halve", "branch", "sum_bn", "both", "hidden", "fine"]) {
    it(`responds as the model that was exported: ${name}`, async () => {
      const values = [];
      for (const one of [ours, read]) {
        const responses = await compileResponses(one, { layer: name, batch: 2 });
        const random = Rng.fromSeed("images");
        responses.input.set(responses.input.map(() => random.uniform(0, 1)));
        responses.selection.set(responses.selection.map(() => random.uniform(-1, 1)));
        await responses.run();
        values.push({ response: responses.response, gradient: responses.gradient });
        await responses.dispose();
      }
      expectClose(values[1]!.response, values[0]!.response, "responses", 1e-5);
      expectClose(values[1]!.gradient, values[0]!.gradient, "gradient", 1e-5);
    });
  }

  it("is refused where it has operators without gradients, or inputs of open size", () => {
    const builder = new GraphBuilder("odd");
    const x = builder.input("x", "float32", [1, 3, 4, 4]);
    builder.output("y", builder.op.Clip(x, 0, 6));
    expect(() => trainedNetworkOfOnnx(encodeModel(builder.build()), "odd.onnx")).toThrow(
      /^The node Clip is a Clip; there are gradients of Abs, Add, /,
    );
    const two = new GraphBuilder("two");
    two.output("y", two.op.Add(two.input("a", "float32", [1, 2]), two.input("b", "float32", [1, 2])));
    expect(() => trainedNetworkOfOnnx(encodeModel(two.build()), "two.onnx")).toThrow(
      "two.onnx takes a [1, 2], b [1, 2]; wanted is a network with one input whose sizes are known but for the batch.",
    );
  });
});
