import { describe, expect, it } from "vitest";
import { fineAndCoarseNetwork, fineNetwork } from "../../../src/experiments/vooban-cifar100/network.ts";
import { points, type Settings } from "../../../src/experiments/vooban-cifar100/space.ts";
import { createCandidate } from "../../../src/experiments/vooban-cifar100/training.ts";
import { fewImages } from "../cifar/few-images.ts";

const heads = { classes: 100, coarseClasses: 20, heads: "softmax" } as const;
const machine = { device: "cpu", threads: 1 } as const;

/** A few filters: what is tested is how they are put together. */
const tiny: Settings = { ...points.published, conv_hiddn_units_mult: 0.08, fc_units_1_mult: 0.01, nb_conv_pool_layers: 2 };

const combinations = (["max", "avg", "all_conv", "inception"] as const).flatMap((pooling_type) =>
  [null, 1].flatMap((residual) => [false, true].map((use_BN) => ({ pooling_type, residual, use_BN }))),
);

describe("a candidate's network", () => {
  it.each(combinations)("learns in a step: $pooling_type, residual $residual, batch norm $use_BN", async (combination) => {
    const images = fewImages(6);
    const learner = createCandidate({ ...tiny, ...combination }, images, { heads: "softmax" }, machine, 1);
    try {
      const { epochs } = await learner.fit(images, { epochs: 1, batchSize: 6 });
      expect(Object.keys(epochs[0]!.metrics)).toEqual(["loss", "fineLoss", "fineAccuracy", "coarseLoss", "coarseAccuracy"]);
      expect(epochs[0]!.metrics.loss).toBeGreaterThan(0);
    } finally {
      await learner.dispose();
    }
  });

  it("is put together as described: the demo point", () => {
    const { calls, outputs } = fineAndCoarseNetwork(points.demo, heads);
    const named = calls.map(({ name }) => name);
    expect(outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["fine", [100]],
      ["coarse", [20]],
    ]);
    expect(named.slice(0, 4)).toEqual(["centre", "first_conv", "stage1_conv", "stage1_bn"]);
    expect(named.filter((name) => name.startsWith("stage1_res"))).toEqual([
      ...[1, 2, 3, 4].flatMap((i) => ["shortcut", "dropout", "conv", "sum", "bn"].map((part) => `stage1_res${i}_${part}`)),
      "stage1_res_bn",
    ]);
    const pooled = calls.find(({ name }) => name === "stage3_pool")!;
    // Three branches of floor(0.4 * 160 + 1) filters.
    expect(pooled.plan.outputShape).toEqual([3 * 65, 4, 4]);
    expect(named.slice(-7)).toEqual(["flatten", "dense1", "dense1_dropout", "dense2", "dense2_dropout", "fine", "coarse"]);
  });

  it("is put together as described: the published point", () => {
    const { calls, weightCount } = fineAndCoarseNetwork(points.published, heads);
    const shapes = new Map(calls.map(({ name, plan }) => [name, plan.outputShape]));
    expect([1, 2, 3].map((stage) => shapes.get(`stage${stage}_res3_sum`))).toEqual([
      [63, 32, 32],
      [126, 16, 16],
      [252, 8, 8],
    ]);
    expect(shapes.get("dense1")).toEqual([1308]);
    expect(shapes.has("dense2")).toBe(false);
    expect(calls.find(({ name }) => name === "stage1_res1_conv")!.plan.weights[0]!.shape).toEqual([63, 63, 2, 2]);
    expect(weightCount).toBe(publishedWeights());
  });

  it("normalizes once at the end of a residual block where it does not after each sum, and once more", () => {
    const { calls } = fineNetwork({ ...tiny, use_BN: false, residual: 3 }, heads);
    const first = calls.map(({ name }) => name).filter((name) => /^stage1.*_bn$/.test(name));
    expect(first).toEqual(["stage1_res3_bn", "stage1_res_bn"]);
  });

  it("has residual blocks from the stage on that it starts at, and a head alone where there are no groups", () => {
    const { calls, outputs } = fineNetwork({ ...tiny, conv_pool_res_start_idx: 1 }, { classes: 10, heads: "sigmoid" });
    const named = calls.map(({ name }) => name);
    expect(named.some((name) => name.startsWith("stage1_res"))).toBe(false);
    expect(named.some((name) => name.startsWith("stage2_res"))).toBe(true);
    expect(outputs.map(({ name }) => name)).toEqual(["fine"]);
    expect(calls.at(-1)!.plan.activation).toBe("sigmoid");
  });

  it("trains a head alone, with the published activation too", async () => {
    const images = fewImages(6, 10);
    const learner = createCandidate(tiny, images, { heads: "sigmoid" }, machine, 1);
    try {
      const { epochs } = await learner.fit(images, { epochs: 1, batchSize: 6 });
      expect(Object.keys(epochs[0]!.metrics)).toEqual(["loss", "fineLoss", "fineAccuracy"]);
    } finally {
      await learner.dispose();
    }
  });
});

/** Counted by the description, layer by layer. */
function publishedWeights(): number {
  const conv = (from: number, to: number, size: number): number => from * to * size ** 2 + to;
  const norm = (channels: number): number => 4 * channels;
  let weights = conv(3, 16, 3);
  let from = 16;
  for (const filters of [63, 126, 252]) {
    weights += conv(from, filters, 3) + norm(filters);
    weights += 3 * (conv(filters, filters, 1) + conv(filters, filters, 2) + norm(filters)) + norm(filters);
    from = filters;
  }
  const dense = (inputs: number, units: number): number => inputs * units + units;
  return weights + dense(252 * 4 * 4, 1308) + dense(1308, 100) + dense(1308, 20);
}
