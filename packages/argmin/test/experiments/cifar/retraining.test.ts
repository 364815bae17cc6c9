import { Rng, type JsonObject } from "@argmin/base";
import { compileModel, decodeSafetensors, layer, optimizer, readModel, sequential, type StoredTensor } from "@argmin/nn";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { createLearner, type Learner } from "../../../src/experiments/cifar/learner.ts";
import { retrainFully } from "../../../src/experiments/cifar/retraining.ts";
import { points, type Settings } from "../../../src/experiments/vooban-cifar100/space.ts";
import { createCandidate } from "../../../src/experiments/vooban-cifar100/training.ts";
import { bytesIn, fieldsOf, messagesIn, readScalars, readValues, textIn } from "../../../../nn/test/tensorboard/read-events.ts";
import { load, missing } from "../../../../nn/test/tensorboard/loader.ts";
import { it } from "../../folder-fixture.ts";
import { fewImageSets } from "./few-images.ts";

const data = fewImageSets(40, 20);
const validation = Uint32Array.from({ length: 8 }, (_, i) => i);
const training = Uint32Array.from({ length: 32 }, (_, i) => i + 8);

interface Course {
  readonly folder: string;
  readonly epochs: number;
  readonly holdout?: boolean;
  readonly seed?: number;
  /** In place of a small network with one output. */
  readonly learner?: Learner;
  /** As if the process ended in the report of this epoch. */
  readonly dieAfter?: number;
  /** As if it ended before this step of this call. */
  readonly dieBeforeStep?: number;
}

async function train({
  folder,
  epochs,
  holdout = true,
  seed = 1,
  learner: given,
  dieAfter,
  dieBeforeStep,
}: Course): Promise<JsonObject> {
  const network = sequential({ input: [3, 32, 32] }, [
    layer.averagePooling2d({ poolSize: 8 }),
    layer.flatten(),
    layer.dropout(0.2),
    layer.dense({ units: 100, activation: "softmax" }),
  ]);
  const trainer = compileModel(network, { loss: "categoricalCrossentropy", optimizer: optimizer.nadam(), seed });
  let steps = 0;
  const learner =
    given ??
    createLearner(
      trainer,
      ({ labels }) => labels,
      (classes) => classes,
    );
  try {
    return await retrainFully(
      {
        learner,
        data,
        dataset: "cifar100",
        training: holdout ? training : undefined,
        validation: holdout ? validation : undefined,
        options: { epochs, batchSize: 8, augmentation: { apply: () => dieAt(++steps, dieBeforeStep) } },
        secondsBetweenCheckpoints: 0,
        accuracy: { training: "accuracy", validation: "validationAccuracy" },
        settings: { seed, holdout },
      },
      {
        folder,
        checkpoint: join(folder, "last.safetensors"),
        holdout: undefined,
        dataFolder: undefined,
        device: "cpu",
        threads: 1,
        study: "test",
        graceMs: 1000,
        options: {},
        seed,
        rng: Rng.fromSeed(seed),
        signal: new AbortController().signal,
        log: () => undefined,
        report: async (step) => {
          if (step === dieAfter) throw new Error("killed");
        },
      },
    );
  } finally {
    await learner.dispose();
  }
}

function dieAt(step: number, last: number | undefined): undefined {
  if (step === last) throw new Error("killed");
  return undefined;
}

/** What is trained, without what is known of the clock. */
function tensorsOf(file: string | undefined): unknown {
  return decodeSafetensors(Buffer.from(file ?? "", "base64"), "a checkpoint").tensors;
}

function bytesOfTensor(tensor: StoredTensor | undefined): Buffer {
  if (tensor === undefined) throw new Error("no such tensor");
  return Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

async function filesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).toSorted();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "base64")] as const)),
  );
}

describe("a training for good", () => {
  it("leaves its curve, its weights and the network behind, and looks at the test set at the end", async ({ folder }) => {
    const result = await train({ folder, epochs: 2 });
    expect(Object.keys(await filesOf(folder))).toEqual(["best.safetensors", "curve.json", "last.safetensors", "model.onnx"]);
    expect(result).toMatchObject({ epochs: 2, testImages: 20, testAccuracy: expect.any(Number), bestEpoch: expect.any(Number) });
    const curve = JSON.parse(await readFile(join(folder, "curve.json"), "utf8"));
    expect(curve).toMatchObject({ settings: { seed: 1 }, result, epochs: [{ epoch: 1 }, { epoch: 2 }] });
  });

  it("goes on bit for bit where it was killed", async ({ folder }) => {
    const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
    for (const each of [whole, killed]) await mkdir(each);
    await train({ folder: whole, epochs: 3 });
    await expect(train({ folder: killed, epochs: 3, dieAfter: 1 })).rejects.toThrow("killed");
    await expect(train({ folder: killed, epochs: 3, dieBeforeStep: 4 })).rejects.toThrow("killed");
    // Within the second epoch, of four steps, and within the third.
    await expect(train({ folder: killed, epochs: 3, dieBeforeStep: 3 })).rejects.toThrow("killed");
    await train({ folder: killed, epochs: 3 });
    const [one, other] = [await filesOf(whole), await filesOf(killed)];
    expect(other["model.onnx"]).toBe(one["model.onnx"]);
    for (const name of ["best.safetensors", "last.safetensors"]) expect(tensorsOf(other[name])).toEqual(tensorsOf(one[name]));
    const untimed = (text: string): unknown =>
      JSON.parse(Buffer.from(text, "base64").toString(), (key, value) => (key.toLowerCase().endsWith("seconds") ? 0 : value));
    expect(untimed(other["curve.json"]!)).toEqual(untimed(one["curve.json"]!));
  });

  it("says in the .onnx file which epoch it is of, and what its classes are", async ({ folder }) => {
    const { bestEpoch, validationAccuracy } = await train({ folder, epochs: 3 });
    const metadata = async (): Promise<unknown> =>
      Object.fromEntries(
        messagesIn(fieldsOf(await readFile(join(folder, "model.onnx"))), 14).map((entry) => [textIn(entry, 1), textIn(entry, 2)]),
      );
    expect(await metadata()).toEqual({
      epoch: JSON.stringify(bestEpoch),
      epochs: "3",
      bestBy: "validationAccuracy",
      validationAccuracy: JSON.stringify(validationAccuracy),
      "Image.BitmapPixelFormat": "Rgb8",
      "Image.ColorSpaceGamma": "SRGB",
      "Image.NominalPixelRange": "Normalized_0_1",
      classes: JSON.stringify({ output: data.test.classes }),
      dataset: "cifar100",
    });
    // And its weights are those of that epoch.
    const weights = decodeSafetensors(await readFile(join(folder, "best.safetensors")), "a checkpoint").tensors;
    const initializers = messagesIn(fieldsOf(bytesIn(fieldsOf(await readFile(join(folder, "model.onnx"))), 7)), 5);
    const kernel = initializers.find((tensor) => textIn(tensor, 8) === "dense.kernel")!;
    expect(Buffer.from(bytesIn(kernel, 9))).toEqual(bytesOfTensor(weights.get("dense.kernel")));
  });

  it("names the classes of each output", async ({ folder }) => {
    const tiny: Settings = { ...points.published, conv_hiddn_units_mult: 0.08, fc_units_1_mult: 0.01, nb_conv_pool_layers: 2 };
    const learner = createCandidate(tiny, data.train, { heads: "softmax" }, { device: "cpu", threads: 1 }, 1);
    await train({ folder, epochs: 1, learner });
    const { metadata } = readModel(await readFile(join(folder, "model.onnx")), "model.onnx");
    expect(JSON.parse(metadata["classes"]!)).toEqual({ fine: data.test.classes, coarse: data.test.coarseClasses });
  });

  it("logs every epoch once for TensorBoard, wherever it was killed", async ({ folder }) => {
    await expect(train({ folder, epochs: 4, dieAfter: 1 })).rejects.toThrow("killed");
    await expect(train({ folder, epochs: 4, dieBeforeStep: 6 })).rejects.toThrow("killed");
    await train({ folder, epochs: 4 });
    const logs = join(folder, "tensorboard");
    for (const run of ["train", "validation"]) {
      const scalars = await readScalars(join(logs, run));
      for (const points of Object.values(scalars)) expect(points.map(([step]) => step)).toEqual([1, 2, 3, 4]);
    }
    const histograms = (await readValues(join(logs, "train"))).filter(({ shape }) => shape.length === 2);
    expect(histograms.map(({ tag, step }) => [tag, step])).toEqual([
      ["weights/dense/kernel", 2],
      ["weights/dense/bias", 2],
      ["weights/dense/kernel", 4],
      ["weights/dense/bias", 4],
    ]);
  });

  it.skipIf(missing !== undefined)(
    "shows TensorBoard its settings, its result and what the network says of test images",
    async ({ folder }) => {
      const result = await train({ folder, epochs: 2 });
      const { runs, hparams } = await load(join(folder, "tensorboard"));
      expect(Object.keys(runs).toSorted()).toEqual(["test", "train", "training", "validation"]);
      expect(Object.keys(runs["train"]!.graph!)).toContain("dense/softmax");
      expect(runs["test"]!.tags["metrics/accuracy"]!.points).toEqual([
        [result["bestEpoch"], Math.fround(Number(result["testAccuracy"]))],
      ]);
      const wrong = runs["test"]!.tags["predictions/wrong"]!;
      expect(wrong).toMatchObject({ plugin: "images", description: expect.stringContaining("what the network says") });
      expect(hparams.groups).toMatchObject([
        { name: "training", hparams: { seed: 1, holdout: true }, sessions: [{ status: "STATUS_SUCCESS" }] },
      ]);
      const results = Object.fromEntries(hparams.groups[0]!.metricValues!.map(({ name, value = 0 }) => [name.tag, value]));
      expect(results).toMatchObject({ "result/testAccuracy": Math.fround(Number(result["testAccuracy"])) });
      expect(Object.keys(results)).toContain("result/validationAccuracy");
    },
    120_000,
  );

  it("shows its result again without training, and trains on where more epochs are wanted", async ({ folder }) => {
    const first = await train({ folder, epochs: 1 });
    const before = await filesOf(folder);
    expect(await train({ folder, epochs: 1 })).toEqual(first);
    expect(await filesOf(folder)).toEqual(before);
    expect(await train({ folder, epochs: 2 })).toMatchObject({ epochs: 2 });
  });

  it("keeps the last weights where nothing is held out", async ({ folder }) => {
    const result = await train({ folder, epochs: 1, holdout: false });
    expect(Object.keys(await filesOf(folder))).toEqual(["curve.json", "last.safetensors", "model.onnx"]);
    expect(result).not.toHaveProperty("bestEpoch");
  });

  it("does not go on with other settings, whether there is a checkpoint or not", async ({ folder }) => {
    await train({ folder, epochs: 1 });
    const refusal = {
      code: "usage/invalid",
      message: expect.stringMatching(/curve\.json belongs to a training with other settings \(seed 1, not 2\); give those/),
    };
    await expect(train({ folder, epochs: 2, seed: 2 })).rejects.toMatchObject(refusal);
    const before = await filesOf(folder);
    await rm(join(folder, "last.safetensors"));
    await expect(train({ folder, epochs: 2, seed: 2 })).rejects.toMatchObject(refusal);
    expect(await filesOf(folder)).toEqual({ ...before, "last.safetensors": undefined });
  });

  it("does not take up a checkpoint that its curve does not know", async ({ folder }) => {
    await train({ folder, epochs: 2 });
    const curve = join(folder, "curve.json");
    const { settings, epochs } = JSON.parse(await readFile(curve, "utf8"));
    const refusal = {
      code: "usage/invalid",
      message: expect.stringMatching(/curve\.json does not tell of the 2 epochs that .*last/),
    };
    await writeFile(curve, JSON.stringify({ settings, epochs: epochs.slice(0, 1) }));
    await expect(train({ folder, epochs: 3 })).rejects.toMatchObject(refusal);
    await rm(curve);
    await expect(train({ folder, epochs: 3 })).rejects.toMatchObject(refusal);
  });

  it("does not take weights alone for a checkpoint", async ({ folder }) => {
    await train({ folder, epochs: 1 });
    const weights = await readFile(join(folder, "best.safetensors"));
    await writeFile(join(folder, "last.safetensors"), weights);
    await expect(train({ folder, epochs: 2 })).rejects.toMatchObject({
      code: "model/weights",
      message: expect.stringMatching(/last\.safetensors has weights alone/),
    });
    expect(await readFile(join(folder, "last.safetensors"))).toEqual(weights);
  });

  const unreadable = [
    ["{", { code: "json/invalid", message: expect.stringMatching(/curve\.json is not valid JSON/) }],
    ["[]", { code: "usage/invalid", message: expect.stringMatching(/other settings \(it does not say which\)/) }],
  ] as const;
  for (const [text, refusal] of unreadable) {
    it(`refuses a curve that reads ${text}`, async ({ folder }) => {
      await writeFile(join(folder, "curve.json"), text);
      await expect(train({ folder, epochs: 1 })).rejects.toMatchObject(refusal);
    });
  }
});
