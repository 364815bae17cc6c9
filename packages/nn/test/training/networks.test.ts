import { describe, expect, it } from "vitest";
import { layer, sequential } from "@argmin/nn";
import { expectClose, optimizerFrom, readFixture } from "../fixtures.ts";
import { smallNetwork, withTrainer } from "./networks.ts";

const { batchSize, images, labels, start, runs, neurons } = readFixture("networks.json");
const examples = { images: Uint8Array.from(images.data), labels };

describe("system B's network trains as Keras trains it, the smaller last batch included", () => {
  for (const { kind, options, activation, losses, weights, probabilities } of runs) {
    it(`${kind}, ${activation}`, async () => {
      const model = smallNetwork({ activation, neurons, dropout: 0 });
      await withTrainer(model, { optimizer: optimizerFrom(kind, options) }, async (trainer) => {
        trainer.setWeights(new Map(Object.entries(start).map(([name, { data }]) => [name, Float32Array.from(data)])));
        const history = await trainer.fit(examples, { epochs: 1, batchSize, shuffle: false });

        const sizes = losses.map((_, i) => Math.min(batchSize, labels.length - i * batchSize));
        const mean = losses.reduce((sum, loss, i) => sum + loss * sizes[i]!, 0) / labels.length;
        expectClose([history.epochs[0]!.metrics.loss], [mean], "loss", 1e-5);
        for (const [name, values] of trainer.weights()) expectClose(values, weights[name]!.data, name);
        const shown = { images: examples.images.subarray(0, 400) };
        expectClose(await trainer.predict(shown), probabilities.data, "probabilities");
        expect(trainer.step).toBe(losses.length);
      });
    });
  }
});

describe("pixels", () => {
  it("of one byte are shares of 255", async () => {
    const model = smallNetwork({ dropout: 0 });
    await withTrainer(model, {}, async (trainer) => {
      const floats = { images: Float32Array.from(examples.images, (pixel) => pixel / 255), labels };
      const fromBytes = await trainer.fit(examples, { epochs: 2, batchSize: 8 });
      const bytesWeights = trainer.weights();
      trainer.reset();
      const fromFloats = await trainer.fit(floats, { epochs: 2, batchSize: 8 });
      for (const [name, values] of trainer.weights()) expectClose(values, bytesWeights.get(name)!, name);
      expectClose([fromFloats.epochs[1]!.metrics.loss], [fromBytes.epochs[1]!.metrics.loss], "loss", 1e-5);
      expectClose(await trainer.predict(floats), await trainer.predict(examples), "outputs", 1e-5);
    });
  });
});

describe("the other losses", () => {
  it("learn a line by the mean squared error", async () => {
    const features = Float32Array.from({ length: 64 }, (_, i) => i / 32 - 1);
    const model = sequential({ input: [1] }, [layer.dense({ units: 1 })]);
    await withTrainer(
      model,
      { loss: "meanSquaredError", optimizer: optimizerFrom("sgd", { learningRate: 0.3 }) },
      async (trainer) => {
        const data = { features, labels: features.map((x) => 3 * x - 0.5) };
        const { epochs } = await trainer.fit(data, { epochs: 40, batchSize: 16 });
        expect(epochs.at(-1)!.metrics).toEqual({ loss: expect.closeTo(0, 6) });
        expect(trainer.weights().get("dense.kernel")![0]).toBeCloseTo(3, 3);
        expect(trainer.weights().get("dense.bias")![0]).toBeCloseTo(-0.5, 3);
        expect(await trainer.evaluate(data)).toEqual({ loss: expect.closeTo(0, 6) });
      },
    );
  });

  it("learn yes or no by the binary cross-entropy", async () => {
    const features = Float32Array.from({ length: 64 }, (_, i) => i / 32 - 1);
    const model = sequential({ input: [1] }, [layer.dense({ units: 1, activation: "sigmoid" })]);
    const optimizer = optimizerFrom("adam", { learningRate: 0.3 });
    await withTrainer(model, { loss: "binaryCrossentropy", optimizer }, async (trainer) => {
      const data = { features, labels: features.map((x) => (x > 0.25 ? 1 : 0)) };
      await trainer.fit(data, { epochs: 60, batchSize: 16 });
      expect((await trainer.evaluate(data)).accuracy).toBeGreaterThan(0.95);
    });
  });
});
