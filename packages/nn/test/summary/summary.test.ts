import { describe, expect, it } from "vitest";
import {
  compileModel,
  GraphBuilder,
  input,
  layer,
  model,
  renderSummary,
  sequential,
  summarizeModel,
  type CompileOptions,
  type Model,
  type ModelSummary,
} from "@argmin/nn";
import { largestLiveBytes } from "../../src/graph/live-bytes.ts";
import { smallNetwork } from "../training/networks.ts";

const network = smallNetwork({ size: 28, neurons: 16 });

function summarize(network: Model, batchSize: number, options: Partial<CompileOptions> = {}): ModelSummary {
  return compileModel(network, { loss: "meanSquaredError", optimizer: "adam", ...options }).summary(batchSize);
}

describe("summary", () => {
  it("of system B's network counts what can be counted by hand", () => {
    const { layers, parameters, flops } = summarize(network, 32);
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
    const { memory } = summarize(sequential({ input: [10] }, [layer.dense({ units: 3, useBias: false })]), 4);
    // Examples, targets, Adam's four numbers, predictions. At most at a time: the four numbers one by one, and two tensors like the
    // kernel, of which what comes out is none.
    const batch = 4 * (4 * 10 + 4 * 3 + 4 + 4 * 3);
    const intermediates = 4 * (4 + 2 * 30);
    const [weights, slots] = [2 * 4 * 30, 4 * 4 * 30];
    const total = weights + slots + batch + intermediates;
    expect(memory).toEqual({
      batchSize: 4,
      weights,
      slots,
      batch,
      intermediates,
      total,
      process: 200e6 + Math.round(1.45 * total),
    });
  });

  it("counts what is gathered for the gradients of wide kernels", () => {
    const wide = layer.conv2d({ filters: 8, kernelSize: 7, padding: "same", activation: "relu" });
    const network = sequential({ input: [8, 64, 64] }, [wide, layer.flatten()]);
    // All 49 places of the kernel side by side.
    expect(summarize(network, 32).memory.intermediates).toBeGreaterThan(2 * 49 * 4 * 32 * 8 * 64 * 64);
  });

  it("is quick where tensors are used twice, many times over", () => {
    let tensor = layer.dense({ units: 2 })(input([2]));
    const start = tensor.source!.inputs[0]!;
    for (let i = 0; i < 60; i++) tensor = layer.add()(tensor, tensor);
    expect(summarize(model({ input: start, output: tensor }), 1).layers.at(-1)!.flops).toEqual({ forward: 2, training: 4 });
  });

  it("counts the weights of a layer called twice once, and its work twice", () => {
    const start = input([3]);
    const shared = layer.dense({ units: 3, useBias: false });
    const { layers, parameters } = summarize(model({ input: start, output: shared(shared(start)) }), 1);
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

  it("needs no trainer", () => {
    const settings = { optimizer: "rmsprop", loss: "categoricalCrossentropy", weightAverage: { decay: 0.9 } } as const;
    expect(summarizeModel(network, { ...settings, batchSize: 16 })).toEqual(compileModel(network, settings).summary(16));
    const { layers, parameters, memory } = summarizeModel(network);
    expect([layers.length, parameters, memory.batchSize, memory.slots]).toEqual([8, 18_818, 32, 16 * 18_818]);
    expect(() => summarizeModel(network, { batchSize: 0 })).toThrow(
      "The batch size must be a whole number of at least 1, not 0.",
    );
    const images = sequential({ input: [1, 4, 4] }, [layer.maxPooling2d()]);
    expect(() => summarizeModel(images)).toThrow("a loss wants a list of units, so end with flatten or dense.");
  });

  it("reads well", () => {
    const named = sequential({ input: [1, 28, 28], name: "digits" }, [
      layer.conv2d({ filters: 4, kernelSize: 3, activation: "relu", name: "stem" }),
      layer.flatten(),
      layer.dense({ units: 1000 }),
      layer.dense({ units: 2 }),
    ]);
    expect(renderSummary(summarize(named, 8, { optimizer: "sgd" }))).toBe(
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
        "FLOPs are for one example. A training step with 8 examples holds at least 43.3 MB: weights 21.7 MB, optimizer 0 B, batch 25.2 kB, intermediate results 21.6 MB. Its process is likely to need up to 263 MB.",
      ].join("\n"),
    );
  });
});

describe("the summary of a network with two outputs and statistics", () => {
  it("tells them apart", () => {
    const start = input([4]);
    const hidden = layer.batchNormalization()(layer.dense({ units: 3 })(start));
    const heads = {
      fine: layer.dense({ units: 5, name: "fine" })(hidden),
      coarse: layer.dense({ units: 2, name: "coarse" })(hidden),
    };
    const summary = summarizeModel(model({ input: start, output: heads }), { batchSize: 2 });
    expect(summary.layers.map(({ name, outputShape }) => [name, outputShape])).toEqual([
      ["dense", [3]],
      ["batchNormalization", [3]],
      ["fine", [5]],
      ["coarse", [2]],
    ]);
    expect([summary.parameters, summary.statistics]).toEqual([15 + 6 + 20 + 8, 6]);
    // Examples, the targets and predictions of both, Adam's numbers.
    expect(summary.memory.batch).toBe(4 * (2 * 4 + 2 * 2 * (5 + 2) + 4));
    expect(renderSummary(summary).split("\n").at(-1)).toBe(
      "6 running statistics are kept beside the parameters, but not learned.",
    );
  });
});

describe("the largest live set", () => {
  it("holds each tensor from the node that makes it to the last that reads it", () => {
    const builder = new GraphBuilder("chain");
    const { op } = builder;
    const x = builder.input("x", "float32", [10]);
    const a = op.Exp(x);
    const b = op.Reshape(a, [2, 5]);
    const c = op.Exp(b);
    const isLarge = op.Greater(c, 1);
    builder.output("y", op.Mul(op.Exp(b), op.Cast(isLarge, "float32")));
    // With the last Exp: a (which b is too), the flags and the Exp itself; c is done with. Then the flags as floats for a.
    expect(largestLiveBytes(builder.build())).toBe(40 + 40 + 10);
  });
});
