import { compileResponses, trainedNetworkOfOnnx } from "@argmin/nn";
import { channelStatistics } from "@argmin/vision";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { simplecnnCifar100 } from "../../../src/experiments/simplecnn-cifar100.ts";
import { createNetwork } from "../../../src/experiments/simplecnn-cifar100/network.ts";
import { points } from "../../../src/experiments/simplecnn-cifar100/space.ts";
import { it } from "../../folder-fixture.ts";
import { fewImages, writeCifar100 } from "../cifar/few-images.ts";

const signal = new AbortController().signal;

describe("simplecnn-cifar100", () => {
  it("has the published network, batch normalization after each convolution", () => {
    const { calls, weightCount } = createNetwork(points.base, { mean: [1, 2, 3], deviation: [4, 5, 6] });
    expect(calls.map(({ name }) => name)).toEqual([
      "pixels",
      ...[1, 2, 3].flatMap((stage) => ["conv", "bn", "relu", "pool"].map((part) => `stage${stage}_${part}`)),
      "flatten",
      "dense1",
      "dense1_dropout",
      "dense2",
      "classes",
    ]);
    expect(calls.find(({ name }) => name === "flatten")!.plan.outputShape).toEqual([4096]);
    const dense = (inputs: number, units: number): number => (inputs + 1) * units;
    const convolutions = dense(27, 64) + dense(576, 128) + dense(1152, 256);
    expect(weightCount).toBe(convolutions + 4 * (64 + 128 + 256) + dense(4096, 512) + dense(512, 256) + dense(256, 100));
  });

  it("is the published space", () => {
    const { space } = simplecnnCifar100;
    expect(space.parameters.map(({ label }) => label)).toEqual(Object.keys(points.base));
    for (const label of ["learning_rate", "momentum"]) expect(space.parameter(label)?.domain.kind).toBe("interval");
    expect(space.parameter("epochs")?.domain).toMatchObject({ kind: "lattice", count: 5 });
  });

  it("evaluates a candidate and trains the recipe, on a few images", async ({ folder }) => {
    const dataFolder = await writeCifar100(folder, 240, 20);
    const prepared = await prepareFor(dataFolder, "published");
    const seen: (readonly [step: number, metrics: readonly string[]])[] = [];
    const task = {
      seed: 1,
      signal,
      report: async (step: number, metrics: object): Promise<void> => void seen.push([step, Object.keys(metrics)]),
    };
    const small = { ...points.base, num_filters_1: 32, num_filters_2: 64, num_filters_3: 128 } as const;
    const { value } = await prepared.evaluate(simplecnnCifar100.space.encode(small), { ...task, number: 0 });
    expect(value).toBeGreaterThanOrEqual(0);
    expect(seen).toEqual([[1, ["validationAccuracy", "loss", "accuracy", "validationLoss", "imagesPerSecond"]]]);

    const own = join(folder, "own");
    await mkdir(own);
    const plan = { name: "recipe", folder: own, checkpoint: join(own, "last.safetensors"), holdout: undefined };
    const result = await prepared.retrain({ ...plan, assignment: simplecnnCifar100.space.encode(small) }, task);
    expect(result).toMatchObject({ epochs: 1, bestEpoch: 1, testImages: 20 });
    expect((await readdir(own)).toSorted()).toEqual([
      "best.safetensors",
      "curve.json",
      "last.safetensors",
      "model.onnx",
      "tensorboard",
    ]);
    await expectStandardized(join(own, "model.onnx"));
  }, 30_000);

  it("trains a candidate otherwise in one cycle than as published", async ({ folder }) => {
    const dataFolder = await writeCifar100(folder, 240, 20);
    const candidate = { ...points.base, num_filters_1: 32, num_filters_2: 64, num_filters_3: 128, batch_size: 8 } as const;
    const assignment = simplecnnCifar100.space.encode(candidate);
    const losses: number[] = [];
    for (const recipe of ["published", "one-cycle"] as const) {
      const prepared = await prepareFor(dataFolder, recipe);
      const report = async (_: number, metrics: Readonly<Record<string, number | undefined>>): Promise<void> => {
        losses.push(metrics["validationLoss"] ?? Number.NaN);
      };
      await prepared.evaluate(assignment, { seed: 1, signal, report, number: 0 });
    }
    expect(losses).toHaveLength(2);
    expect(losses[1]).not.toBe(losses[0]);
  }, 30_000);
});

function prepareFor(dataFolder: string, recipe: "published" | "one-cycle"): ReturnType<typeof simplecnnCifar100.prepare> {
  return simplecnnCifar100.prepare({
    dataFolder,
    device: "cpu",
    threads: 1,
    study: "test",
    graceMs: 1000,
    options: { epochs: 1, subset: 100, recipe },
    signal,
    log: () => undefined,
  });
}

/** What the first convolution of a saved network sees has about mean 0 and deviation 1 in every channel. */
async function expectStandardized(file: string): Promise<void> {
  const set = fewImages(240);
  const { deviation } = channelStatistics(set);
  const pixels = await compileResponses(trainedNetworkOfOnnx(await readFile(file), file), { layer: "pixels", batch: set.count });
  pixels.input.set(Float32Array.from(set.images, (byte) => byte / 255));
  for (let channel = 0; channel < pixels.channels; channel++) {
    pixels.selection.fill(0);
    for (let image = 0; image < pixels.batch; image++) pixels.selection[image * pixels.channels + channel] = 1;
    await pixels.run();
    const mean = pixels.response.reduce((sum, response) => sum + response, 0) / pixels.batch;
    expect(mean).toBeCloseTo(0, 0);
    // A response is a mean over 32 x 32 places, each divided by the deviation.
    const scale = pixels.gradient[channel * 32 * 32]! * 32 * 32;
    expect(scale * deviation[channel]!).toBeCloseTo(1, 0);
  }
  await pixels.dispose();
}
