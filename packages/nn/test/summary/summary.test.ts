import { describe, expect, it } from "vitest";
import { compileModel, input, layer, model, renderSummary, sequential, summarize } from "@argmin/nn";
import { smallNetwork } from "../training/networks.ts";

const network = smallNetwork({ size: 28, neurons: 16 });

describe("summary", () => {
  it("of system B's network counts what can be counted by hand", () => {
    const { layers, parameters, flops } = summarize(network, { batchSize: 32, slots: 2 });
    expect(layers.map(({ name, outputShape, parameters: count }) => [name, outputShape, count])).toEqual([
      ["conv2d", [4, 26, 26], 4 * 9 + 4],
      ["conv2d_1", [8, 24, 24], 8 * 4 * 9 + 8],
      ["maxPooling2d", [8, 12, 12], 0],
      ["dropout", [8, 12, 12], 0],
      ["flatten", [1152], 0],
      ["dense", [16], 1152 * 16 + 16],
      ["dropout_1", [16], 0],
      ["dense_1", [2], 16 * 2 + 2],
    ]);
    expect(parameters).toBe(40 + 296 + 18_448 + 34);
    // Two operations a product, one a bias and one an activation of each output; three comparisons a pooled one.
    const forward = [2704 * (2 * 9 + 2), 4608 * (2 * 36 + 2), 1152 * 3, 0, 0, 2 * 1152 * 16 + 2 * 16, 0, 2 * 16 * 2 + 2 * 2];
    expect(layers.map((row) => row.flops.forward)).toEqual(forward);
    // Backward: the products once for the kernel and, but for the first layer, once for the input; the rest once more.
    const training = [
      2704 * (4 * 9 + 4),
      4608 * (6 * 36 + 4),
      1152 * 6,
      1152 * 2,
      0,
      6 * 1152 * 16 + 4 * 16,
      16 * 2,
      6 * 16 * 2 + 4 * 2,
    ];
    expect(layers.map((row) => row.flops.training)).toEqual(training);
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    expect(flops).toEqual({ forward: sum(forward), training: sum(training) });
  });

  it("adds up the memory of a step", () => {
    const { memory } = summarize(network, { batchSize: 32, slots: 2 });
    const outputs = 2704 + 4608 + 1152 + 1152 + 1152 + 16 + 16 + 2;
    expect(memory).toEqual({
      batchSize: 32,
      weights: 2 * 4 * 18_818,
      slots: 4 * 4 * 18_818,
      gradients: 4 * 18_818,
      activations: 4 * 32 * (784 + 2 * outputs),
      total: 4 * (7 * 18_818 + 32 * (784 + 2 * outputs)),
    });
  });

  it("counts the weights of a layer called twice once, and its work twice", () => {
    const start = input([3]);
    const shared = layer.dense({ units: 3, useBias: false });
    const { layers, parameters } = summarize(model({ input: start, output: shared(shared(start)) }), { batchSize: 1, slots: 0 });
    expect(parameters).toBe(9);
    expect(layers.map((row) => [row.parameters, row.flops.training])).toEqual([
      [9, 36],
      [0, 54],
    ]);
  });

  it("knows the optimizer's slots", async () => {
    const slots = (optimizer: "sgd" | "adam"): number =>
      compileModel(network, { loss: "categoricalCrossentropy", optimizer }).summary(8).memory.slots;
    expect([slots("sgd"), slots("adam")]).toEqual([0, 16 * 18_818]);
  });

  it("reads well", () => {
    const named = sequential({ input: [1, 28, 28], name: "digits" }, [
      layer.conv2d({ filters: 4, kernelSize: 3, activation: "relu", name: "stem" }),
      layer.flatten(),
      layer.dense({ units: 1000 }),
      layer.dense({ units: 2 }),
    ]);
    expect(renderSummary(summarize(named, { batchSize: 8, slots: 0 }))).toBe(
      [
        "Model digits",
        "layer          output       parameters  FLOPs forward  FLOPs training",
        "---------------------------------------------------------------------",
        "stem (conv2d)  4 x 26 x 26          40         54,080         108,160",
        "flatten        2704                  0              0               0",
        "dense          1000          2,705,000      5,409,000      16,226,000",
        "dense_1        2                 2,002          4,002          12,004",
        "---------------------------------------------------------------------",
        "total                        2,707,042      5,467,082      16,346,164",
        "FLOPs are for one example. A training step with 8 examples holds at least 32.9 MB: weights 21.7 MB, optimizer 0 B, gradients 10.8 MB, activations 435 kB.",
      ].join("\n"),
    );
  });
});
