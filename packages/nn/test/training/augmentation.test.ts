import { describe, expect, it } from "vitest";
import type { Augmentation, AugmentedBatch, Weights } from "@argmin/nn";
import { blendTargets } from "../../src/training/augmentation.ts";
import { barImages, smallNetwork, withTrainer } from "./networks.ts";

const examples = barImages(21);
const model = smallNetwork();

/** Turns some images upside down and mixes the targets of all with the first. */
const noisy: Augmentation = {
  apply: ({ inputs, rows, shape }, rng) => {
    const size = shape.reduce((product, length) => product * length, 1);
    for (let row = 0; row < rows; row++) if (rng.float() < 0.5) inputs.subarray(row * size, (row + 1) * size).reverse();
    return { partners: new Uint32Array(rows), shares: Float32Array.from({ length: rows }, () => rng.uniform(0.5, 1)) };
  },
};

async function trained(augmentation: Augmentation | undefined, epochs: readonly number[] = [2]): Promise<Weights> {
  return withTrainer(model, { seed: 4 }, async (trainer) => {
    for (const last of epochs) {
      const options = { epochs: last, initialEpoch: trainer.epoch, batchSize: 8, ...(augmentation && { augmentation }) };
      await trainer.fit(examples, options);
    }
    return trainer.weights();
  });
}

describe("augmentation", () => {
  it("sees each batch as it was gathered, the smaller last one too, and leaves the examples alone", async () => {
    const seen: Pick<AugmentedBatch, "rows" | "shape">[] = [];
    const pixels: number[] = [];
    const images = examples.images.slice();
    await withTrainer(model, {}, async (trainer) => {
      const apply: Augmentation["apply"] = ({ inputs, rows, shape }) => {
        seen.push({ rows, shape });
        pixels.push(...inputs.subarray(0, rows * 100));
        inputs.fill(0);
        return undefined;
      };
      await trainer.fit(examples, { epochs: 1, batchSize: 8, shuffle: false, augmentation: { apply } });
      expect(seen.map(({ rows }) => rows)).toEqual([8, 8, 5]);
      expect(seen.every(({ shape }) => shape.join() === "1,10,10")).toBe(true);
      expect(Uint8Array.from(pixels)).toEqual(images);
      expect(examples.images).toEqual(images);
      // Only training is augmented.
      const after = await trainer.evaluate(examples);
      expect(await trainer.evaluate(examples)).toEqual(after);
    });
  });

  it("draws from a stream of the step alone, so a training that stops between epochs goes on bit for bit", async () => {
    const whole = await trained(noisy);
    expect(await trained(noisy, [1, 2])).toEqual(whole);
    expect(await trained(undefined)).not.toEqual(whole);
  });

  it("mixes targets as it says", () => {
    const targets = Float32Array.of(1, 0, 0, 1, 0.5, 0.5, 9, 9);
    blendTargets(targets, 3, 2, { partners: Uint32Array.of(1, 0, 2), shares: Float32Array.of(0.75, 1, 0) });
    expect(targets).toEqual(Float32Array.of(0.75, 0.25, 0, 1, 0.5, 0.5, 9, 9));
  });

  it("that mixes with rows that are not there is refused", () => {
    const wrong = [
      { partners: Uint32Array.of(0, 2), shares: Float32Array.of(1, 1) },
      { partners: Uint32Array.of(0), shares: Float32Array.of(1, 1) },
      { partners: Uint32Array.of(0, 1), shares: Float32Array.of(1, NaN) },
      { partners: Uint32Array.of(0, 1), shares: Float32Array.of(1, 1.5) },
    ];
    for (const blend of wrong) {
      expect(() => blendTargets(new Float32Array(4), 2, 2, blend)).toThrow(
        "An augmentation mixed the targets of 2 rows wrongly; give each a partner below 2 and a share between 0 and 1.",
      );
    }
  });
});
