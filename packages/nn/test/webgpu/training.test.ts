import { tmpdir } from "node:os";
import { join } from "node:path";
import { mkdtemp, rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import {
  compileModel,
  optimizer,
  type AnyModel,
  type CompileOptions,
  type Device,
  type Examples,
  type FitOptions,
  type Forms,
  type Trainer,
} from "@argmin/nn";
import { wantsAdapter } from "./adapter.ts";
import { denseNetwork, everyLayer, randomImages, simpleCnn, wideCnn } from "./networks.ts";

wantsAdapter();

interface Training {
  readonly model: AnyModel;
  readonly examples: Examples<string>;
  readonly options?: Partial<CompileOptions<string>>;
  readonly fit?: Partial<FitOptions<string>>;
}

async function withTrainer<T>(
  { model, options }: Training,
  device: Device,
  forms: Forms,
  use: (trainer: Trainer<string>) => Promise<T>,
): Promise<T> {
  const trainer = compileModel<string>(model, {
    loss: "categoricalCrossentropy",
    optimizer: optimizer.sgd({ learningRate: 0.05, momentum: 0.9 }),
    seed: 3,
    ...options,
    device,
    forms,
  });
  try {
    return await use(trainer);
  } finally {
    await trainer.dispose();
  }
}

/** Trains on both devices and compares all that a training gives. */
async function expectSame(training: Training, { forms = "plain", tolerance = 1e-4 }: { forms?: Forms; tolerance?: number } = {}) {
  const outcome = (device: Device) =>
    withTrainer(training, device, forms, async (trainer) => {
      const history = await trainer.fit(training.examples, { epochs: 1, batchSize: 4, ...training.fit });
      return { metrics: history.epochs.at(-1)!.metrics, weights: trainer.weights() };
    });
  const [onCpu, onWebGpu] = [await outcome("cpu"), await outcome("webgpu")];
  expectSimilar(Object.values(onWebGpu.metrics), Object.values(onCpu.metrics), "metrics", tolerance);
  for (const [name, weights] of onWebGpu.weights) expectSimilar(weights, onCpu.weights.get(name)!, name, tolerance);
}

/** Within a share of each number and a tenth: a bias before a normalization, say, has a gradient of rounding errors alone. */
function expectSimilar(actual: ArrayLike<number>, wanted: ArrayLike<number>, what: string, tolerance: number): void {
  const worst = Array.from(wanted, (number, i) => Math.abs(actual[i]! - number) / (0.1 + Math.abs(number)));
  expect(Math.max(...worst), what).toBeLessThan(tolerance);
}

const images = randomImages(12);
const { fine } = images.labels;
const points = { features: Float32Array.from({ length: 36 }, (_, i) => Math.sin(7 * i)), labels: { fine: images.labels.coarse } };

describe("three steps on WebGPU are those on the CPU", () => {
  it("with every kind of layer, running statistics, the same dropout, regularizers and two heads", async () => {
    await expectSame({
      model: everyLayer(),
      examples: images,
      options: { loss: { fine: "categoricalCrossentropy", coarse: { kind: "categoricalCrossentropy", weight: 0.3 } } },
    });
  });

  it("with system C's network", async () => {
    await expectSame({ model: simpleCnn(), examples: { images: images.images, labels: { fine } } });
  });

  it("with convolutions as the CPU computes them", async () => {
    const examples = { images: images.images.subarray(0, 4 * 192), labels: { fine: fine.subarray(0, 4) } };
    await expectSame({ model: wideCnn(), examples, fit: { batchSize: 2 } }, { forms: "lowered" });
  });

  it.each([
    optimizer.sgd({ learningRate: 0.1 }),
    optimizer.nadam({ learningRate: 0.01 }),
    optimizer.rmsprop({ learningRate: 0.01 }),
    optimizer.adam({ learningRate: 0.01 }),
    optimizer.adamax({ learningRate: 0.01 }),
    optimizer.adamw({ learningRate: 0.01, weightDecay: 0.1 }),
  ])("with $kind", async (settings) => {
    await expectSame({ model: denseNetwork("tanh"), examples: points, options: { optimizer: settings } });
  });

  it("with clipped gradients and averaged weights", async () => {
    await expectSame({
      model: denseNetwork("tanh"),
      examples: points,
      options: { optimizer: "adam", gradientClipping: { kind: "norm", limit: 0.1 }, weightAverage: { decay: 0.5 } },
    });
  });

  it.each([
    "selu",
    "gelu",
    "silu",
    "softplus",
    "softsign",
    "leakyRelu",
    "hardSigmoid",
    "exponential",
    "sigmoid",
    "softmax",
  ] as const)("with %s", async (activation) => {
    await expectSame({ model: denseNetwork(activation), examples: points, fit: { batchSize: 6 } });
  });
});

describe("the state of a training on WebGPU", () => {
  const training: Training = { model: denseNetwork("tanh"), examples: points, options: { optimizer: "adam" } };

  it("is saved between steps, and a training goes on from there bit for bit", async () => {
    const folder = await mkdtemp(join(tmpdir(), "argmin-webgpu-"));
    try {
      const path = join(folder, "state.safetensors");
      const [whole, part] = await withTrainer(training, "webgpu", "plain", async (trainer) => {
        await trainer.fit(points, {
          epochs: 2,
          batchSize: 4,
          callbacks: [{ onStepEnd: ({ step }) => (step === 4 ? trainer.save(path, { optimizer: true }) : undefined) }],
        });
        const weights = trainer.weights();
        await trainer.load(path);
        await trainer.fit(points, { epochs: 2, batchSize: 4, initialEpoch: trainer.epoch });
        return [weights, trainer.weights()];
      });
      expect([...part]).toEqual([...whole]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("is what was set, evaluated and predicted with, on the same sessions", async () => {
    await withTrainer(training, "webgpu", "plain", async (trainer) => {
      const first = trainer.weights();
      const before = await trainer.evaluate(points);
      await trainer.fit(points, { epochs: 1, batchSize: 4 });
      expect((await trainer.evaluate(points)).loss).not.toBe(before.loss);
      trainer.setWeights(first);
      expect(await trainer.evaluate(points)).toEqual(before);
      trainer.reset();
      expect(await trainer.evaluate(points)).toEqual(before);
    });
  });

  it("cannot be looked at between steps, and says so; at the end of an epoch it can", async () => {
    await withTrainer(training, "webgpu", "plain", async (trainer) => {
      const seen: unknown[] = [];
      await trainer.fit(points, {
        epochs: 1,
        batchSize: 12,
        callbacks: [{ onEpochEnd: () => void seen.push(trainer.weights().size) }],
      });
      expect(seen).toEqual([4]);
      const looking = trainer.fit(points, {
        epochs: 1,
        batchSize: 12,
        callbacks: [{ onStepEnd: () => void trainer.weights() }],
      });
      await expect(looking).rejects.toThrow(
        "Between two steps the weights are on the device; read or set them at an epoch's end, or save them, which waits for them.",
      );
      expect(trainer.weights().size).toBe(4);
    });
  });
});
