import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rng } from "@argmin/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeSafetensors, GraphBuilder, gradientsOf, input, layer, model, sequential, type Value } from "@argmin/nn";
import { emitForward } from "../../src/layers/forward.ts";
import { interpret } from "../../src/interpreter/interpret.ts";
import { barImages, withTrainer } from "../training/networks.ts";
import { compare } from "../check-op.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "argmin-"));
});
afterAll(() => rm(folder, { recursive: true }));

const normalized = sequential({ input: [1, 10, 10] }, [
  layer.conv2d({ filters: 4, kernelSize: 3, useBias: false }),
  layer.batchNormalization({ momentum: 0.9 }),
  layer.activation("relu"),
  layer.maxPooling2d(),
  layer.flatten(),
  layer.dense({ units: 6 }),
  layer.batchNormalization({ scale: false }),
  layer.dense({ units: 2, activation: "softmax" }),
]);
const examples = barImages(45);

describe("batch normalization", () => {
  for (const shape of [[4, 3, 4, 2] as const, [8, 3] as const]) {
    for (const { center, scale } of [
      { center: true, scale: true },
      { center: false, scale: false },
    ]) {
      it(`of [${shape.join(", ")}]${center ? "" : " without beta and gamma"} has the statistics of the batch and right gradients`, () => {
        const [batch, ...example] = shape;
        const net = sequential({ input: example }, [
          layer.batchNormalization({ center, scale, epsilon: 1 / 64, momentum: 0.75 }),
        ]);
        const builder = new GraphBuilder("batch");
        const { op } = builder;
        const x = builder.input("x", "float32", shape);
        const r = builder.input("r", "float32", shape);
        const weights = new Map(net.weights.map(({ key, name }) => [name, builder.input(key, "float32", [3])]));
        const { heads, statistics } = emitForward(net, {
          builder,
          input: x,
          weight: (name) => weights.get(name)!,
          mask: () => undefined,
        });
        const { preActivation } = heads[0]!;
        const targets = [x, ...[...weights.values()].filter(({ name }) => name === "gamma" || name === "beta")];
        const loss = op.ReduceSum(op.Mul(op.Mul(preActivation, preActivation), r));
        gradientsOf(builder, loss, targets).forEach((gradient, i) => builder.output(`d ${targets[i]!.name}`, gradient));
        builder.output("y", preActivation);
        for (const [name, value] of statistics) builder.output(name.replace("batchNormalization.", "next "), value);
        builder.output("loss", loss);
        const graph = builder.build();

        const rng = Rng.fromSeed("normal");
        const drawn = (value: Value): Float64Array =>
          Float64Array.from({ length: value.shape.reduce((a, b) => a * b, 1) }, () => rng.uniform(0.5, 2));
        const feeds = Object.fromEntries(graph.inputs.map((value) => [value.name, drawn(value)]));
        const results = interpret(graph, feeds);
        const pixels = feeds["x"]!.length / 3 / batch;
        for (let channel = 0; channel < 3; channel++) {
          const values = [...feeds["x"]!].filter((_, i) => Math.floor(i / pixels) % 3 === channel);
          const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
          const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
          const next = (key: string, now: number): number => 0.75 * feeds[key]![channel]! + 0.25 * now;
          expect(results["next movingMean"]![channel]).toBeCloseTo(next("movingMean", mean), 12);
          expect(results["next movingVariance"]![channel]).toBeCloseTo(next("movingVariance", variance), 12);
          const gamma = scale ? feeds["gamma"]![channel]! : 1;
          const beta = center ? feeds["beta"]![channel]! : 0;
          expect(results["y"]![channel * pixels]).toBeCloseTo(
            (gamma * (feeds["x"]![channel * pixels]! - mean)) / Math.sqrt(variance + 1 / 64) + beta,
            10,
          );
        }
        const forward = { ...graph, outputs: graph.outputs.filter(({ name }) => name === "loss") };
        for (const { name } of targets) {
          const at = (i: number, step: number): number =>
            interpret(forward, { ...feeds, [name]: feeds[name]!.with(i, feeds[name]![i]! + step) })["loss"]![0]!;
          const differences = feeds[name]!.map((_, i) => (at(i, 1e-5) - at(i, -1e-5)) / 2e-5);
          compare(`gradient to ${name}`, results[`d ${name}`]!, differences, 1e-6, 1e-7);
        }
      });
    }
  }

  it("keeps running statistics, which predictions use one example at a time", async () => {
    await withTrainer(normalized, { optimizer: "adam", seed: 1 }, async (trainer) => {
      const before = trainer.weights();
      expect([...before.keys()].filter((name) => name.startsWith("batch"))).toEqual([
        "batchNormalization.gamma",
        "batchNormalization.beta",
        "batchNormalization.movingMean",
        "batchNormalization.movingVariance",
        "batchNormalization_1.beta",
        "batchNormalization_1.movingMean",
        "batchNormalization_1.movingVariance",
      ]);
      expect(before.get("batchNormalization.movingVariance")).toEqual(new Float32Array(4).fill(1));
      await trainer.fit(examples, { epochs: 6, batchSize: 16 });
      const after = trainer.weights();
      expect(after.get("batchNormalization.movingMean")!.every((mean) => mean !== 0)).toBe(true);
      const all = await trainer.predict(examples);
      const alone = await trainer.predict({ images: examples.images.slice(0, 100) }, { batchSize: 1 });
      compare("first prediction", Float64Array.from(alone), Float64Array.from(all.subarray(0, 2)), 1e-5, 1e-6);
      // Nothing but training changes them.
      await trainer.evaluate(examples);
      expect(trainer.weights()).toEqual(after);
    });
  });

  it("goes on from a file bit for bit; the file holds statistics once and no slots of them", async () => {
    const path = join(folder, "normalized.safetensors");
    const options = { epochs: 3, batchSize: 16 };
    const whole = await withTrainer(normalized, { seed: 2 }, async (trainer) => {
      await trainer.fit(examples, options);
      return trainer.weights();
    });
    await withTrainer(normalized, { seed: 2 }, async (trainer) => {
      await trainer.fit(examples, { ...options, epochs: 1 });
      await trainer.save(path, { optimizer: true });
    });
    const keys = [...decodeSafetensors(await readFile(path), path).tensors.keys()];
    expect(keys.filter((key) => key.includes("moving"))).toHaveLength(4);
    await withTrainer(normalized, {}, async (trainer) => {
      await trainer.load(path);
      await trainer.fit(examples, { ...options, initialEpoch: 1 });
      expect(trainer.weights()).toEqual(whole);
    });
  });

  it("leaves statistics alone where nothing learns, but for the statistics themselves", async () => {
    await withTrainer(normalized, { optimizer: "sgd" }, async (trainer) => {
      trainer.learningRate = 0;
      const before = trainer.weights();
      await trainer.fit(examples, { epochs: 1 });
      const changed = [...trainer.weights()].filter(([name, values]) =>
        values.some((value, i) => value !== before.get(name)![i]),
      );
      expect(changed.map(([name]) => name.replace(/.*\./, ""))).toEqual([
        "movingMean",
        "movingVariance",
        "movingMean",
        "movingVariance",
      ]);
    });
  });

  it("that is called twice keeps statistics of both calls, one after the other", async () => {
    const start = input([2]);
    const norm = layer.batchNormalization({ momentum: 0.5, center: false, scale: false });
    const net = model({
      input: start,
      output: layer.dense({ units: 1 })(layer.add()(norm(start), norm(layer.add()(start, start)))),
    });
    await withTrainer(net, { loss: "meanSquaredError", optimizer: "sgd" }, async (trainer) => {
      await trainer.fit({ features: Float32Array.of(1, 2, 3, 6), labels: [0, 1] }, { epochs: 1 });
      // Means [2, 4] and [4, 8]; from 0, half the way each.
      expect(trainer.weights().get("batchNormalization.movingMean")).toEqual(Float32Array.of(2.5, 5));
    });
  });

  it("is exported with its running statistics", async () => {
    const { InferenceSession, Tensor } = await import("onnxruntime-node");
    await withTrainer(normalized, {}, async (trainer) => {
      await trainer.fit(examples, { epochs: 2, batchSize: 16 });
      const session = await InferenceSession.create(await trainer.exportOnnx(), { logSeverityLevel: 4 });
      const images = Float32Array.from(examples.images.subarray(0, 300), (pixel) => pixel / 255);
      const { output } = await session.run({ input: new Tensor("float32", images, [3, 1, 10, 10]) });
      const wanted = await trainer.predict({ images });
      wanted.forEach((value, i) => expect(output?.data[i]).toBeCloseTo(value, 5));
      await session.release();
    });
  });

  it("counts its statistics apart in the summary", async () => {
    await withTrainer(normalized, { optimizer: "adam" }, async (trainer) => {
      const { parameters, statistics, layers, memory } = trainer.summary(8);
      expect(parameters).toBe(36 + 8 + 64 * 6 + 6 + 6 + 14);
      expect(statistics).toBe(8 + 12);
      expect(layers.filter(({ kind }) => kind === "batchNormalization").map((row) => [row.parameters, row.statistics])).toEqual([
        [8, 8],
        [6, 12],
      ]);
      expect([memory.weights, memory.slots]).toEqual([8 * (parameters + statistics), 16 * parameters]);
    });
  });

  it("refuses settings that make no sense", () => {
    expect(() => layer.batchNormalization({ momentum: 1 })).toThrow(
      "The momentum of a batchNormalization layer must be at least 0 and below 1, not 1.",
    );
    expect(() => layer.batchNormalization({ epsilon: 0 })).toThrow(
      "The epsilon of a batchNormalization layer must be above 0, not 0.",
    );
  });
});
