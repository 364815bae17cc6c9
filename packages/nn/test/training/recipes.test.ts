import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  callback,
  compileModel,
  layer,
  optimizer,
  schedule,
  sequential,
  type CompileOptions,
  type Examples,
  type FitOptions,
  type Trainer,
  type Weights,
} from "@argmin/nn";
import { expectClose, optimizerFrom, readFixture, type FixtureTensor } from "../fixtures.ts";
import { cloudNetwork, twoClouds } from "./networks.ts";

const fixture = readFixture("recipes.json");

const network = sequential({ input: [2, 6, 6] }, [
  layer.conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "elu" }),
  layer.averagePooling2d(),
  layer.conv2d({ filters: 3, kernelSize: 2, padding: "same", activation: "silu" }),
  layer.flatten(),
  layer.dense({ units: 3, activation: "softmax" }),
]);
const examples: Examples = { images: Float32Array.from(fixture.images.data), labels: fixture.labels };

function weightsFrom(tensors: Readonly<Record<string, FixtureTensor>>): Weights {
  return new Map(Object.entries(tensors).map(([name, { data }]) => [name, Float32Array.from(data)]));
}

function expectWeights(trainer: Trainer, wanted: Readonly<Record<string, FixtureTensor>>, what: string): void {
  const weights = trainer.weights();
  for (const [name, { data }] of Object.entries(wanted)) expectClose(weights.get(name)!, data, `${what} ${name}`, 2e-4);
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "argmin-recipes-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a recipe of decay, clipping, schedule and average ends where PyTorch's does", () => {
  for (const { kind, options, clipping, decay, cycled, losses, weights, average, averagedLoss } of fixture.runs) {
    const compiled: CompileOptions = {
      loss: "categoricalCrossentropy",
      optimizer: optimizerFrom(kind, options),
      gradientClipping: clipping,
    };
    const plan: FitOptions = {
      epochs: fixture.epochs,
      batchSize: fixture.batchSize,
      shuffle: false,
      ...(cycled && { learningRate: schedule.oneCycle() }),
    };

    it(`${kind}, clipped by ${clipping.kind}`, async () => {
      const trainer = compileModel(network, compiled);
      trainer.setWeights(weightsFrom(fixture.start));
      const { epochs } = await trainer.fit(examples, plan);
      expectClose(
        epochs.map(({ metrics }) => metrics.loss),
        losses,
        "loss",
      );
      expectWeights(trainer, weights, "after training");
      await trainer.dispose();
    });

    it(`${kind}: the average of the weights is the model`, async () => {
      const trainer = compileModel(network, { ...compiled, weightAverage: { decay } });
      trainer.setWeights(weightsFrom(fixture.start));
      const { epochs } = await trainer.fit(examples, { ...plan, validation: examples });
      // Training goes its way, and is judged by the average.
      expectClose(
        epochs.map(({ metrics }) => metrics.loss),
        losses,
        "loss",
      );
      expectWeights(trainer, average, "average");
      expect(epochs.at(-1)?.metrics.validationLoss).toBeCloseTo(averagedLoss, 5);
      expect((await trainer.evaluate(examples)).loss).toBeCloseTo(averagedLoss, 5);
      await trainer.dispose();
    });
  }
});

describe("the average of the weights", () => {
  const options: CompileOptions = {
    loss: "categoricalCrossentropy",
    optimizer: optimizer.adamw({ learningRate: 0.01 }),
    weightAverage: { decay: 0.9 },
    seed: 3,
  };
  const { weightAverage: _, ...without } = options;
  const plan = { batchSize: 8, learningRate: schedule.warmUp({ epochs: 1 }, schedule.cosine()) };

  it("and the schedule go on from a checkpoint bit for bit, and a file of weights holds the average", async () => {
    const path = join(folder, "average.safetensors");
    // With statistics, which are averages of their own.
    const normalized = () =>
      sequential({ input: [2] }, [
        layer.dense({ units: 4 }),
        layer.batchNormalization(),
        layer.dense({ units: 2, activation: "softmax" }),
      ]);
    const whole = compileModel(normalized(), options);
    await whole.fit(twoClouds(40), { ...plan, epochs: 4 });
    const first = compileModel(normalized(), options);
    const stop = { onEpochEnd: ({ epoch }: { epoch: number }) => (epoch === 2 ? ("stop" as const) : undefined) };
    await first.fit(twoClouds(40), { ...plan, epochs: 4, callbacks: [stop] });
    await first.save(path, { optimizer: true });
    const second = compileModel(normalized(), options);
    await second.load(path);
    const { epochs } = await second.fit(twoClouds(40), { ...plan, epochs: 4, initialEpoch: second.epoch });
    expect(epochs.map(({ epoch }) => epoch)).toEqual([3, 4]);
    expect(second.weights()).toEqual(whole.weights());

    // A trainer without an average takes the average, and one with it goes on from it.
    await whole.save(path);
    const bare = compileModel(normalized(), without);
    await bare.load(path);
    expect(bare.weights()).toEqual(whole.weights());
    await second.load(path, { optimizer: false });
    expect(second.weights()).toEqual(whole.weights());
    // But not what was kept beside another kind of model.
    await expect(bare.load(join(folder, "missing"))).rejects.toThrow("Cannot read the checkpoint");
    await first.save(path, { optimizer: true });
    await expect(bare.load(path)).rejects.toThrow(
      "adamw (momentum, velocity, weights), this trainer has adamw (momentum, velocity)",
    );
    for (const trainer of [whole, first, second, bare]) await trainer.dispose();
  });

  it("is what is exported, predicted with and kept as the best, and new with new weights", async () => {
    const trainer = compileModel(cloudNetwork(), options);
    const best = callback.checkpoint({ monitor: "loss" });
    await trainer.fit(twoClouds(40), { ...plan, epochs: 2, callbacks: [best] });
    expect(best.best?.weights).toEqual(trainer.weights());
    const plain = compileModel(cloudNetwork(), { loss: "categoricalCrossentropy", optimizer: "sgd" });
    plain.setWeights(trainer.weights());
    expect(await plain.predict(twoClouds(10))).toEqual(await trainer.predict(twoClouds(10)));
    expect(await plain.exportOnnx()).toEqual(await trainer.exportOnnx());
    const fresh = compileModel(cloudNetwork(), options);
    trainer.reset();
    expect(trainer.weights()).toEqual(fresh.weights());
    for (const one of [trainer, plain, fresh]) await one.dispose();
  });

  it("of decay 0 is the weights themselves", async () => {
    const averaged = compileModel(cloudNetwork(), { ...options, weightAverage: { decay: 0 } });
    const plain = compileModel(cloudNetwork(), without);
    for (const trainer of [averaged, plain]) await trainer.fit(twoClouds(40), { ...plan, epochs: 2 });
    expect(averaged.weights()).toEqual(plain.weights());
    for (const trainer of [averaged, plain]) await trainer.dispose();
  });
});

describe("schedules of a fit", () => {
  const base = { loss: "categoricalCrossentropy", seed: 1 } as const;

  it("multiply the trainer's rate, which the history shows as it was at the end of each epoch", async () => {
    const trainer = compileModel(cloudNetwork(), { ...base, optimizer: optimizer.sgd({ learningRate: 0.4 }) });
    const halve = callback.learningRateSchedule((epoch, current) => (epoch === 3 ? current / 2 : current));
    const { epochs } = await trainer.fit(twoClouds(40), {
      epochs: 4,
      batchSize: 10,
      learningRate: schedule.step({ after: [1], factor: 0.5 }),
      callbacks: [halve],
    });
    expect(epochs.map(({ learningRate }) => learningRate)).toEqual([0.4, 0.2, 0.1, 0.1]);
    await trainer.dispose();
  });

  it("may give a momentum to an optimizer that has one", async () => {
    const still = () => ({ factor: 1, momentum: 0 });
    const settings = { learningRate: 0.1, momentum: 0.9 };
    const pushed = compileModel(cloudNetwork(), { ...base, optimizer: optimizer.sgd(settings) });
    const plain = compileModel(cloudNetwork(), { ...base, optimizer: optimizer.sgd({ learningRate: 0.1 }) });
    await pushed.fit(twoClouds(40), { epochs: 1, learningRate: still });
    await plain.fit(twoClouds(40), { epochs: 1 });
    for (const [name, values] of plain.weights()) expectClose(pushed.weights().get(name)!, values, name, 1e-6);
    await expect(plain.fit(twoClouds(40), { epochs: 1, learningRate: still })).rejects.toThrow(
      "The learning-rate schedule gives a momentum, but the optimizer has none; take optimizer.sgd or rmsprop with a momentum above 0",
    );
    for (const trainer of [pushed, plain]) await trainer.dispose();
  });
});

describe("settings out of range", () => {
  const compile = (json: string) => () =>
    compileModel(cloudNetwork(), { loss: "categoricalCrossentropy", optimizer: "sgd", ...JSON.parse(json) });
  it.each([
    ['{"gradientClipping":{"kind":"length","limit":1}}', 'Gradients are clipped by "norm" or "value", not by "length".'],
    ['{"gradientClipping":{"kind":"norm","limit":0}}', "The limit of gradient clipping must be a finite number above 0, not 0."],
    ['{"weightAverage":{"decay":1}}', "The decay of the weight average must be at least 0 and below 1, not 1."],
  ])("%s", (json, message) => {
    expect(compile(json)).toThrow(message);
  });
});
