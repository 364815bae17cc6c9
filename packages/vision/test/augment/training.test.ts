import { Rng } from "@argmin/base";
import { compileModel, layer, optimizer, sequential, type Augmentation } from "@argmin/nn";
import { augment } from "@argmin/vision";
import { expect, it } from "vitest";

const count = 48;
const rng = Rng.fromSeed(1);
const labels = Uint8Array.from({ length: count }, () => rng.integer(2));
// The second class is brighter at the top: what survives every change below.
const images = Uint8Array.from({ length: count * 192 }, (_, i) =>
  labels[Math.floor(i / 192)] === 1 && i % 64 < 32 ? 128 + rng.integer(128) : rng.integer(128),
);

async function trained(augmentation: Augmentation | undefined): Promise<number[]> {
  const network = sequential({ input: [3, 8, 8] }, [layer.flatten(), layer.dense({ units: 2, activation: "softmax" })]);
  const trainer = compileModel(network, {
    loss: "categoricalCrossentropy",
    optimizer: optimizer.adam({ learningRate: 0.02 }),
    seed: 1,
  });
  try {
    await trainer.fit({ images, labels }, { epochs: 12, batchSize: 16, ...(augmentation && { augmentation }) });
    const { accuracy } = await trainer.evaluate({ images, labels });
    expect(accuracy).toBeGreaterThan(0.9);
    return [...(await trainer.predict({ images }))];
  } finally {
    await trainer.dispose();
  }
}

it("trains a network as the seed says, on images and targets that are other ones than those given", async () => {
  const before = images.slice();
  const everything = (): Augmentation =>
    augment.all([
      augment.flip(),
      augment.crop({ padding: 1, fill: "reflect" }),
      augment.cutout({ size: 3 }),
      augment.mixup({ alpha: 0.2 }),
    ]);
  const once = await trained(everything());
  expect(await trained(everything())).toEqual(once);
  expect(await trained(undefined)).not.toEqual(once);
  expect(images).toEqual(before);
});
