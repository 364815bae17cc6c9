import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { input, layer, model as functional, type Trainer, type Weights } from "@argmin/nn";
import { barImages, smallNetwork, withTrainer } from "./networks.ts";

const examples = barImages(45);
const model = smallNetwork();
const options = { epochs: 3, batchSize: 16, validation: barImages(20) } as const;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "argmin-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function trained(seed: number): Promise<Weights> {
  return withTrainer(model, { seed }, async (trainer) => {
    await trainer.fit(examples, options);
    return trainer.weights();
  });
}

describe("the seed decides everything", () => {
  it("equal seeds give equal weights bit for bit, others do not", async () => {
    const [first, second, other] = [await trained(1), await trained(1), await trained(2)];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it("a trainer that is reset begins as a new one", async () => {
    await withTrainer(model, { seed: 5 }, async (trainer) => {
      const before = trainer.weights();
      await trainer.fit(examples, options);
      trainer.learningRate = 0.5;
      trainer.reset(1);
      expect([trainer.step, trainer.epoch, trainer.seed, trainer.learningRate]).toEqual([0, 0, 1, 0.001]);
      await trainer.fit(examples, options);
      expect(trainer.weights()).toEqual(await trained(1));
      trainer.reset(5);
      expect(trainer.weights()).toEqual(before);
    });
  });

  it("dropout changes what is learned, not what is predicted", async () => {
    const weights = async (dropout: number): Promise<Weights> =>
      withTrainer(smallNetwork({ dropout }), {}, async (trainer) => {
        await trainer.fit(examples, { epochs: 1 });
        const outputs = await trainer.predict(examples);
        expect(await trainer.predict(examples)).toEqual(outputs);
        return trainer.weights();
      });
    expect(await weights(0.5)).not.toEqual(await weights(0));
  });

  it("a dropout layer that is called twice drops other elements each time", async () => {
    const start = input([800]);
    const drop = layer.dropout(0.5);
    const twice = functional({ input: start, output: layer.dense({ units: 1, useBias: false })(drop(drop(start))) });
    await withTrainer(twice, { loss: "meanSquaredError", optimizer: "sgd" }, async (trainer) => {
      const before = trainer.weights().get("dense.kernel")!;
      await trainer.fit({ features: new Float32Array(800).fill(1), labels: [1] }, { epochs: 1 });
      // Only what was kept both times learns.
      const after = trainer.weights().get("dense.kernel")!;
      const kept = after.filter((weight, i) => weight !== before[i]).length;
      expect(Math.abs(kept / 800 - 1 / 4)).toBeLessThan(0.08);
    });
  });

  it("another order of the examples changes what is learned", async () => {
    const weights = async (shuffle: boolean): Promise<Weights> =>
      withTrainer(model, {}, async (trainer) => {
        await trainer.fit(examples, { epochs: 1, shuffle });
        return trainer.weights();
      });
    expect(await weights(true)).not.toEqual(await weights(false));
  });
});

describe("training that goes on from a file", () => {
  for (const optimizer of ["sgd", "adam", "adamax", "nadam", "rmsprop"] as const) {
    it(`ends where uninterrupted training ends, bit for bit: ${optimizer}`, async () => {
      const path = join(folder, `${optimizer}.safetensors`);
      const whole = await withTrainer(model, { optimizer, seed: 3 }, async (trainer) => {
        const history = await trainer.fit(examples, options);
        return { history, weights: trainer.weights() };
      });
      await withTrainer(model, { optimizer, seed: 3 }, async (trainer) => {
        await trainer.fit(examples, { ...options, epochs: 1 });
        await trainer.save(path, { optimizer: true });
      });
      // The seed comes with the file too.
      await withTrainer(model, { optimizer, seed: 99 }, async (trainer) => {
        await trainer.load(path);
        expect([trainer.epoch, trainer.step, trainer.seed]).toEqual([1, 3, 3]);
        const rest = await trainer.fit(examples, { ...options, initialEpoch: trainer.epoch });
        expect(trainer.weights()).toEqual(whole.weights);
        expect(rest.epochs.map(({ epoch, step, metrics }) => ({ epoch, step, metrics }))).toEqual(
          whole.history.epochs.slice(1).map(({ epoch, step, metrics }) => ({ epoch, step, metrics })),
        );
      });
    });
  }

  it("takes the weights alone where that is asked for or all there is", async () => {
    const path = join(folder, "weights.safetensors");
    const evaluate = (trainer: Trainer): Promise<unknown> => trainer.evaluate(examples);
    await withTrainer(model, { seed: 1 }, async (trainer) => {
      await trainer.fit(examples, { epochs: 1 });
      await trainer.save(path);
      await withTrainer(model, { seed: 2, optimizer: "sgd" }, async (other) => {
        await other.load(path);
        expect([other.step, other.epoch, other.seed]).toEqual([0, 0, 2]);
        expect(await evaluate(other)).toEqual(await evaluate(trainer));
        await trainer.save(path, { optimizer: true });
        await other.load(path, { optimizer: false });
        expect(other.weights()).toEqual(trainer.weights());
      });
    });
  });
});
