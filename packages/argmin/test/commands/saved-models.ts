import { compileModel, input, layer, model, sequential, type Trainer } from "@argmin/nn";
import { imageMetadata } from "@argmin/vision";
import type { Images } from "../../src/experiments/cifar/images.ts";

/** Networks that have learned nothing, as a retraining would save them, and the trainers they come from. */

const size = [3, 32, 32] as const;

/** One that tells CIFAR-100's classes apart, with its file's bytes: with what it says of them, or as retrainings once wrote it. */
export async function oneHeaded(
  classes: Images["classes"],
  said: "named" | "nameless",
): Promise<{ readonly trainer: Trainer; readonly bytes: Uint8Array }> {
  const network = sequential({ input: size, name: "one-head" }, [
    layer.normalization({ mean: [0.5, 0.5, 0.4], deviation: [0.25, 0.25, 0.3] }),
    layer.averagePooling2d({ poolSize: 8 }),
    layer.flatten(),
    layer.dense({ units: classes.length, activation: "softmax" }),
  ]);
  const trainer = compileModel(network, { loss: "categoricalCrossentropy", optimizer: "sgd", seed: 4 });
  const metadata = said === "named" ? imageMetadata({ channels: 3, classes: { output: classes }, dataset: "cifar100" }) : {};
  return { trainer, bytes: await trainer.exportOnnx(undefined, { metadata }) };
}

/** One with a head for the classes and one for their groups. */
export async function twoHeaded({ classes, coarseClasses = [] }: Images): Promise<Uint8Array> {
  const pixels = input(size);
  const x = layer.flatten()(layer.averagePooling2d({ poolSize: 8 })(pixels));
  const output = {
    fine: layer.dense({ units: classes.length, activation: "sigmoid", name: "fine" })(x),
    coarse: layer.dense({ units: coarseClasses.length, activation: "softmax", name: "coarse" })(x),
  };
  const trainer = compileModel(model({ name: "two-heads", input: pixels, output }), {
    loss: "categoricalCrossentropy",
    optimizer: "sgd",
    seed: 4,
  });
  const metadata = imageMetadata({ channels: 3, classes: { fine: classes, coarse: coarseClasses }, dataset: "cifar100" });
  const bytes = await trainer.exportOnnx(undefined, { metadata });
  await trainer.dispose();
  return bytes;
}
