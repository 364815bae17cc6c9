import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isArgminError, type ErrorCode } from "@argmin/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  compileModel,
  decodeSafetensors,
  encodeSafetensors,
  layer,
  optimizer,
  readWeights,
  sequential,
  type StoredTensors,
  type Trainer,
} from "@argmin/nn";
import { cloudNetwork, twoClouds } from "../training/networks.ts";

let folder = "";
let trainer: Trainer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "argmin-"));
  trainer = compileModel(cloudNetwork(), { loss: "categoricalCrossentropy", optimizer: "adam", seed: 3 });
  await trainer.fit(twoClouds(20), { epochs: 1 });
});
afterAll(async () => {
  await trainer.dispose();
  await rm(folder, { recursive: true });
});

/** A checkpoint with the whole training state, changed by hand. */
async function changed(change: (content: StoredTensors) => StoredTensors): Promise<string> {
  const path = join(folder, "changed.safetensors");
  await trainer.save(path, { optimizer: true });
  await writeFile(path, encodeSafetensors(change(decodeSafetensors(await readFile(path), path))));
  return path;
}

async function refusal(path: string, code: ErrorCode, options?: { readonly optimizer: boolean }): Promise<string> {
  const [weights, step] = [trainer.weights(), trainer.step];
  try {
    await trainer.load(path, options);
  } catch (error) {
    if (!isArgminError(error, code)) throw error;
    // Whatever was wrong, nothing was taken.
    expect([trainer.weights(), trainer.step]).toEqual([weights, step]);
    return error.message.replace(path, "FILE");
  }
  throw new Error("the file was taken");
}

describe("checkpoints", () => {
  it("give their weights alone to whoever has the model, those of a training that could go on too", async () => {
    const path = join(folder, "read.safetensors");
    await trainer.save(path, { optimizer: true });
    expect(await readWeights(path, trainer.model)).toEqual(trainer.weights());
    const other = sequential({ input: [3] }, [layer.dense({ units: 4 }), layer.dense({ units: 2 })]);
    await expect(readWeights(path, other)).rejects.toThrow(/The dense\.kernel of .* is \[2, 4\], the model model wants \[3, 4\]/);
  });

  it("hold the weights and, if asked for, what training keeps", async () => {
    const path = join(folder, "new", "weights.safetensors");
    await trainer.save(path);
    const weights = decodeSafetensors(await readFile(path), path);
    expect([...weights.tensors.keys()]).toEqual(["dense.kernel", "dense.bias", "dense_1.kernel", "dense_1.bias"]);
    expect(weights.tensors.get("dense.kernel")).toEqual({ shape: [2, 4], data: trainer.weights().get("dense.kernel") });
    expect(weights.metadata).toEqual({ format: "argmin" });

    await trainer.save(path, { optimizer: true });
    const all = decodeSafetensors(await readFile(path), path);
    expect([...all.tensors.keys()].slice(4)).toEqual(
      ["momentum", "velocity"].flatMap((slot) => [...weights.tensors.keys()].map((name) => `optimizer/${slot}/${name}`)),
    );
    expect(JSON.parse(all.metadata["training"]!)).toEqual({
      optimizer: "adam",
      slots: ["momentum", "velocity"],
      units: { beta1: 0.9, beta2: 0.999 },
      step: 1,
      epoch: 1,
      learningRate: 0.001,
      seed: 3,
      records: [expect.objectContaining({ epoch: 1, step: 1, learningRate: 0.001 })],
    });
    // The file was renamed into place: nothing else is left behind.
    expect(await readdir(join(folder, "new"))).toEqual(["weights.safetensors"]);
  });

  it("that are missing, damaged or of another model are refused in one sentence", async () => {
    expect(await refusal(join(folder, "none"), "data/missing")).toMatch(/^Cannot read the checkpoint FILE: ENOENT/);
    const path = join(folder, "short.safetensors");
    await trainer.save(path);
    await writeFile(path, (await readFile(path)).subarray(0, -1));
    expect(await refusal(path, "checkpoint/corrupt")).toMatch(
      /^FILE is not a whole safetensors file: the tensor dense_1\.bias ends/,
    );

    const without = await changed(({ tensors, metadata }) => ({
      metadata,
      tensors: new Map([...tensors].filter(([name]) => name !== "dense.bias")),
    }));
    expect(await refusal(without, "model/weights")).toBe(
      "FILE has no dense.bias, which the model model wants; it was saved from another model.",
    );
    const extra = await changed(({ tensors, metadata }) => ({
      metadata,
      tensors: new Map([...tensors, ["dense_2.bias", { shape: [1], data: new Float32Array(1) }]]),
    }));
    expect(await refusal(extra, "model/weights")).toBe(
      "FILE has a dense_2.bias, which the model model has not; it was saved from another model.",
    );
    const reshaped = await changed(({ tensors, metadata }) => ({
      metadata,
      tensors: new Map([...tensors, ["dense.kernel", { shape: [4, 2], data: new Float32Array(8) }]]),
    }));
    expect(await refusal(reshaped, "model/weights")).toBe("The dense.kernel of FILE is [4, 2], the model model wants [2, 4].");
  });

  it("of weights alone are no state to go on from where one is asked for", async () => {
    const path = join(folder, "weights.safetensors");
    await trainer.save(path);
    await expect(trainer.load(path, { optimizer: true })).rejects.toThrow(
      `${path} has weights alone, without the state of a training that could go on; save with { optimizer: true } for that.`,
    );
    await trainer.load(path);
  });

  it("of another optimizer give their weights only", async () => {
    const other = compileModel(cloudNetwork(), { loss: "categoricalCrossentropy", optimizer: "sgd" });
    const path = join(folder, "sgd.safetensors");
    await other.save(path, { optimizer: true });
    expect(await refusal(path, "model/weights")).toBe(
      "FILE goes on with sgd (no slots), this trainer has adam (momentum, velocity); load with { optimizer: false } to take the weights alone.",
    );
    const weights = trainer.weights();
    await trainer.load(path, { optimizer: false });
    expect(trainer.weights()).toEqual(other.weights());
    trainer.setWeights(weights);
    await other.dispose();
  });

  it("of other decays give their weights only, for slots are kept in units of those", async () => {
    const adam = (beta2: number, learningRate: number, epsilon: number) =>
      compileModel(cloudNetwork(), {
        loss: "categoricalCrossentropy",
        optimizer: optimizer.adam({ beta2, learningRate, epsilon }),
      });
    const path = join(folder, "decays.safetensors");
    await trainer.save(path, { optimizer: true });
    await expect(adam(0.99, 0.001, 1e-7).load(path)).rejects.toThrow(
      `${path} goes on with adam of beta2 0.999, this trainer has 0.99; set the same, or load with { optimizer: false } to take the weights alone.`,
    );
    await adam(0.999, 0.1, 1e-3).load(path);
    await adam(0.99, 0.1, 1e-3).load(path, { optimizer: false });
  });

  it("with a training state that is none are refused, unless it is not wanted", async () => {
    for (const training of ["{}", "[]", '{"optimizer":"adam","slots":[],"step":-1,"epoch":0,"learningRate":1,"seed":1}']) {
      const path = await changed(({ tensors }) => ({ tensors, metadata: { training } }));
      expect(await refusal(path, "checkpoint/corrupt")).toBe(
        "The training state of FILE is not one that argmin writes; save the checkpoint again.",
      );
      await trainer.load(path, { optimizer: false });
    }
    const path = await changed(({ tensors }) => ({ tensors, metadata: { training: "{" } }));
    expect(await refusal(path, "json/invalid")).toMatch(/^The training state of FILE is not valid JSON/);
  });
});

describe("a folder that cannot be written", () => {
  it("is named", async () => {
    const path = join(folder, "file");
    await writeFile(path, "");
    await expect(trainer.save(join(path, "model.safetensors"))).rejects.toMatchObject({ code: "file/unwritable" });
    await expect(trainer.exportOnnx(join(path, "model.onnx"))).rejects.toMatchObject({ code: "file/unwritable" });
  });
});

describe("exported models", () => {
  it("hold the network and its weights for batches of any size", async () => {
    const { InferenceSession, Tensor } = await import("onnxruntime-node");
    const model = sequential({ input: [2, 5, 5], name: "net" }, [
      layer.conv2d({ filters: 3, kernelSize: 2, padding: "same", activation: "gelu" }),
      layer.maxPooling2d(),
      layer.dropout(0.5),
      layer.flatten(),
      layer.dense({ units: 3, activation: "softmax" }),
    ]);
    const one = compileModel(model, { loss: "categoricalCrossentropy", optimizer: "sgd" });
    const path = join(folder, "net.onnx");
    const bytes = await one.exportOnnx(path);
    expect(new Uint8Array(await readFile(path))).toEqual(bytes);
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
    expect(session.inputMetadata).toMatchObject([{ name: "input", type: "float32", shape: ["batch", 2, 5, 5] }]);
    expect(session.outputMetadata).toMatchObject([{ name: "output", type: "float32", shape: ["batch", 3] }]);
    const images = Float32Array.from({ length: 7 * 50 }, (_, i) => Math.sin(i));
    const predicted = await one.predict({ images });
    for (const batch of [1, 4, 7]) {
      const { output } = await session.run({ input: new Tensor("float32", images.slice(0, batch * 50), [batch, 2, 5, 5]) });
      expect(output?.dims).toEqual([batch, 3]);
      Array.from(predicted.subarray(0, batch * 3)).forEach((value, i) => expect(output?.data[i]).toBeCloseTo(value, 6));
    }
    await session.release();
    await one.dispose();
  });
});
