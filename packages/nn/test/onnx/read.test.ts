import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exportModel, layer, readModel, sequential, type ReadModel } from "@argmin/nn";

const network = sequential({ input: [3, 8, 8], name: "small" }, [
  layer.conv2d({ name: "conv", filters: 4, kernelSize: 3, strides: 2, padding: "same", activation: "relu" }),
  layer.flatten({ name: "flat" }),
  layer.dense({ name: "head", units: 5, activation: "softmax" }),
]);
const metadata = { epoch: "3", classes: '{"output":["a","b \u00fc"]}' };
const bytes = exportModel(network, new Map(network.weights.map(({ name, size }) => [name, new Float32Array(size)])), metadata);

describe("readModel", () => {
  const model: ReadModel = readModel(bytes, "small.onnx");

  it("gives what was written: nodes, attributes, shapes and constants", () => {
    expect(model).toMatchObject({ name: "small", producer: "argmin", metadata });
    expect(model.inputs).toEqual([{ name: "input", shape: ["batch", 3, 8, 8] }]);
    expect(model.outputs.map(({ shape }) => shape)).toEqual([["batch", 5]]);
    const [convolution] = model.nodes;
    expect(convolution).toMatchObject({ op: "Conv", inputs: ["input", "conv.kernel", "conv.bias"], outputs: ["conv/Conv"] });
    expect(convolution!.attributes).toMatchObject({ strides: [2, 2], kernel_shape: [3, 3], group: 1 });
    expect(model.constants.get("conv.kernel")).toMatchObject({ shape: [4, 3, 3, 3], isFloat: true, integers: [] });
    const reshape = model.nodes.find(({ op }) => op === "Reshape")!;
    expect(model.constants.get(reshape.inputs[1]!)!.integers).toEqual([-1, 64]);
  });

  it("refuses what is no model in one sentence that names the file", () => {
    for (const wrong of [new TextEncoder().encode('{ "name": "argmin" }'), new Uint8Array(), new Uint8Array(64).fill(255)])
      expect(() => readModel(wrong, "wrong.onnx")).toThrow(/^wrong\.onnx .*; give a file that an ONNX exporter wrote\.$/);
  });

  it("either reads a damaged file or refuses it, and does nothing else", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length }), fc.integer({ min: 0, max: 255 }), (at, value) => {
        for (const damaged of [bytes.slice(0, at), bytes.with(Math.min(at, bytes.length - 1), value)]) {
          try {
            readModel(damaged, "damaged.onnx");
          } catch (error) {
            expect(error).toMatchObject({ code: "model/invalid" });
          }
        }
      }),
    );
  });
});
