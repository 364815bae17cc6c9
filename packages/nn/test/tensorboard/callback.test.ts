import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { callback, compileModel, optimizer, type Callback, type EpochRecord, type History } from "@argmin/nn";
import { cloudNetwork, twoClouds } from "../training/networks.ts";
import { readRun, readScalars, readValues } from "./read-events.ts";

const it = test.extend<{ folder: string }>({
  folder: async ({ onTestFinished }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "argmin-tensorboard-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await use(folder);
  },
});

const clouds = twoClouds(32);
const others = twoClouds(16);

interface Course {
  readonly folder: string;
  readonly epochs: number;
  /** Where a checkpoint lies to go on from, or comes to lie. */
  readonly checkpoint?: string;
  /** As if the process were killed after the callbacks before it. */
  readonly dieAfter?: number;
  readonly dieBeforeCheckpoint?: number;
  readonly validate?: boolean;
  readonly logs?: Callback;
}

async function train({
  folder,
  epochs,
  checkpoint,
  dieAfter,
  dieBeforeCheckpoint,
  validate = true,
  logs,
}: Course): Promise<History> {
  const trainer = compileModel(cloudNetwork(), { loss: "categoricalCrossentropy", optimizer: optimizer.adam(), seed: 1 });
  try {
    if (checkpoint !== undefined && (await readdir(folder)).includes("last.safetensors")) await trainer.load(checkpoint);
    return await trainer.fit(clouds, {
      epochs,
      batchSize: 8,
      initialEpoch: trainer.epoch,
      ...(validate ? { validation: others } : {}),
      callbacks: [
        logs ?? callback.tensorBoard({ folder }),
        killedAfter(dieBeforeCheckpoint),
        ...(checkpoint === undefined ? [] : [callback.checkpoint({ keep: "last", path: checkpoint })]),
        killedAfter(dieAfter),
      ],
    });
  } finally {
    await trainer.dispose();
  }
}

function killedAfter(last: number | undefined): Callback {
  return {
    onEpochEnd: ({ epoch }) => {
      if (epoch === last) throw new Error("killed");
    },
  };
}

/** A metric as the logs keep it. */
function curve(epochs: readonly EpochRecord[], value: (record: EpochRecord) => number | undefined): unknown {
  return epochs.map((record) => [record.epoch, Math.fround(value(record)!)]);
}

describe("callback.tensorBoard", () => {
  it("writes every metric of both sets under one tag, by epochs", async ({ folder }) => {
    const { epochs } = await train({ folder, epochs: 3 });
    expect(await readScalars(join(folder, "train"))).toEqual({
      "metrics/loss": curve(epochs, ({ metrics }) => metrics.loss),
      "metrics/accuracy": curve(epochs, ({ metrics }) => metrics.accuracy),
      "training/learningRate": curve(epochs, ({ learningRate }) => learningRate),
      "training/examplesPerSecond": curve(epochs, ({ examplesPerSecond }) => examplesPerSecond),
      "training/seconds": curve(epochs, ({ seconds }) => seconds),
    });
    expect(await readScalars(join(folder, "validation"))).toEqual({
      "metrics/loss": curve(epochs, ({ metrics }) => metrics.validationLoss),
      "metrics/accuracy": curve(epochs, ({ metrics }) => metrics.validationAccuracy),
    });
  });

  it("writes histograms of every weight every second epoch, and the network once", async ({ folder }) => {
    await train({ folder, epochs: 4, validate: false });
    const values = await readValues(join(folder, "train"));
    const histograms = values.filter(({ shape }) => shape.length === 2);
    const tags = ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"].map((name) => `weights/${name}`);
    expect(histograms.map(({ tag, step }) => [tag, step])).toEqual([2, 4].flatMap((step) => tags.map((tag) => [tag, step])));
    for (const { shape } of histograms) expect(shape).toEqual([30, 3]);
    expect((await readRun(join(folder, "train"))).filter((event) => event.has(4))).toHaveLength(1);
    expect(await readdir(folder)).toEqual(["train"]);
  });

  it("leaves out what is not wanted", async ({ folder }) => {
    await train({ folder, epochs: 2, logs: callback.tensorBoard({ folder, histogramsEvery: 0, graph: false }) });
    const values = await readValues(join(folder, "train"));
    expect(values.every(({ shape }) => shape.length === 0)).toBe(true);
    expect((await readRun(join(folder, "train"))).some((event) => event.has(4))).toBe(false);
    expect(() => callback.tensorBoard({ folder, histogramsEvery: 1.5 })).toThrow("histogramsEvery of a callback must be a whole");
  });

  it("has each step once after a training was killed, wherever", async ({ folder }) => {
    const checkpoint = join(folder, "last.safetensors");
    const course = { folder, checkpoint, epochs: 6 };
    await expect(train({ ...course, dieAfter: 2 })).rejects.toThrow("killed");
    await expect(train({ ...course, dieBeforeCheckpoint: 4 })).rejects.toThrow("killed");
    await expect(train({ ...course, dieBeforeCheckpoint: 4 })).rejects.toThrow("killed");
    await train(course);
    for (const run of ["train", "validation"]) {
      const scalars = await readScalars(join(folder, run));
      for (const points of Object.values(scalars)) expect(points.map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    }
    const values = await readValues(join(folder, "train"));
    expect(values.filter(({ tag }) => tag === "weights/dense/kernel").map(({ step }) => step)).toEqual([2, 4, 6]);
    expect((await readRun(join(folder, "train"))).filter((event) => event.has(4))).toHaveLength(1);
  });

  it("writes what the logs lack of the epochs before, and begins anew with a new training", async ({ folder }) => {
    const checkpoint = join(folder, "last.safetensors");
    await train({ folder, checkpoint, epochs: 2, logs: {} });
    const steps = async (): Promise<unknown> =>
      (await readScalars(join(folder, "validation")))["metrics/loss"]!.map(([step]) => step);
    await train({ folder, checkpoint, epochs: 3 });
    expect(await steps()).toEqual([1, 2, 3]);
    await train({ folder, epochs: 1 });
    expect(await steps()).toEqual([1]);
  });
});
