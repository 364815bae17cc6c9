import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  callback,
  decodeSafetensors,
  encodeSafetensors,
  layer,
  sequential,
  type Callback,
  type EpochRecord,
  type Trainer,
  type Weights,
} from "@argmin/nn";
import { examples, model, options, settings } from "./long-training.ts";
import { cloudNetwork, twoClouds, withTrainer } from "./networks.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "argmin-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** What is the same each time a training is run: all but the clock. */
function numbersOf(records: readonly EpochRecord[]): unknown {
  return records.map(({ epoch, step, metrics, learningRate }) => ({ epoch, step, metrics, learningRate }));
}

/** Ends a training as a killed process does: without a word to anyone. */
function dieAt(last: number): Callback {
  return {
    onStepEnd: ({ step }) => {
      if (step === last) throw new Error("killed");
    },
  };
}

describe("a training that was killed", () => {
  let whole: { readonly records: unknown; readonly weights: Weights };
  beforeAll(async () => {
    whole = await withTrainer(model, { ...settings, seed: 3 }, async (trainer) => {
      await trainer.fit(examples, options([]));
      return { records: numbersOf(trainer.records), weights: trainer.weights() };
    });
  });

  // Epochs of 6 steps; files after each fourth step and each epoch.
  for (const [died, saved] of [
    [5, 4],
    [7, 6],
    [18, 16],
  ] as const) {
    it(`at step ${died} goes on from step ${saved} and ends as if nothing had been`, async () => {
      const path = join(folder, `died-${died}.safetensors`);
      await withTrainer(model, { ...settings, seed: 3 }, async (trainer) => {
        const last = callback.checkpoint({ keep: "last", path, everySteps: 4 });
        await expect(trainer.fit(examples, options([last, dieAt(died)]))).rejects.toThrow("killed");
      });
      await withTrainer(model, settings, async (trainer) => {
        await trainer.load(path);
        expect(trainer.step).toBe(saved);
        await trainer.fit(examples, { ...options([]), initialEpoch: trainer.epoch });
        expect(trainer.weights()).toEqual(whole.weights);
        expect(numbersOf(trainer.records)).toEqual(whole.records);
      });
    });
  }

  it("by the system, without a chance to say anything, goes on from its last file", async () => {
    const path = join(folder, "killed.safetensors");
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const execArgv = [`--import=${tsx}`, "--conditions=@argmin/source"];
    const child = fork(join(import.meta.dirname, "trained-until-killed.ts"), [path], { execArgv });
    try {
      const [step] = await once(child, "message");
      child.kill("SIGKILL");
      expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
      await withTrainer(model, settings, async (trainer) => {
        await trainer.load(path);
        expect(trainer.step).toBe(step);
        await trainer.fit(examples, { ...options([]), initialEpoch: trainer.epoch });
        expect(trainer.weights()).toEqual(whole.weights);
      });
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("within an epoch cannot go on with other examples or batches", async () => {
    const path = join(folder, "within.safetensors");
    await withTrainer(model, settings, async (trainer) => {
      const last = callback.checkpoint({ keep: "last", path, everySteps: 2 });
      await expect(trainer.fit(examples, options([last, dieAt(3)]))).rejects.toThrow("killed");
      await trainer.load(path);
      await expect(trainer.fit(examples, { ...options([]), batchSize: 9 })).rejects.toThrow(
        "The training stands within an epoch of 45 examples in batches of 8; it cannot go on with 45 examples in batches of 9: give it " +
          "the same, or load with { optimizer: false } to take the weights alone.",
      );
      // What is taken of the file is the weights: an epoch begins anew.
      await trainer.load(path, { optimizer: false });
      await trainer.fit(examples, { epochs: 1, batchSize: 9 });
    });
  });

  it("has a damaged position refused", async () => {
    const path = join(folder, "position.safetensors");
    await withTrainer(model, settings, async (trainer) => {
      const last = callback.checkpoint({ keep: "last", path, everySteps: 2 });
      await expect(trainer.fit(examples, options([last, dieAt(3)]))).rejects.toThrow("killed");
      const { tensors, metadata } = decodeSafetensors(await readFile(path), path);
      const training = JSON.parse(metadata["training"]!);
      expect(training.position).toMatchObject({ firstStep: 0, done: 16, count: 45, batchSize: 8, shuffle: true });
      for (const bad of [{ position: { ...training.position, done: 46 } }, { position: 1 }, { records: [{ epoch: 1 }] }]) {
        const text = JSON.stringify({ ...training, ...bad });
        await writeFile(path, encodeSafetensors({ tensors, metadata: { ...metadata, training: text } }));
        await expect(trainer.load(path)).rejects.toThrow("is not one that argmin writes; save the checkpoint again.");
      }
    });
  });
});

describe("the last state and the best weights", () => {
  const clouds = twoClouds(40);
  const rates = callback.learningRateSchedule((epoch) => (epoch > 2 ? 30 : 0.05));

  it("are kept side by side, in files alone, also when the training goes on", async () => {
    const [best, last] = [join(folder, "best.safetensors"), join(folder, "last.safetensors")];
    const callbacks = (): readonly Callback[] => [
      rates,
      callback.checkpoint({ monitor: "loss", path: best, restoreBest: true }),
      callback.checkpoint({ keep: "last", path: last }),
    ];
    const second = await withTrainer(cloudNetwork(), {}, async (trainer) => {
      const kill: Callback = {
        onEpochBegin: (epoch) => {
          if (epoch === 4) throw new Error("killed");
        },
      };
      let weights: Weights = new Map();
      const watch: Callback = {
        onEpochEnd: ({ epoch }, context) => {
          if (epoch === 2) weights = context.trainer.weights();
        },
      };
      const run = trainer.fit(clouds, { epochs: 6, callbacks: [...callbacks(), watch, kill] });
      await expect(run).rejects.toThrow("killed");
      return weights;
    });
    await withTrainer(cloudNetwork(), {}, async (trainer) => {
      await trainer.load(last);
      expect(trainer.epoch).toBe(3);
      await trainer.fit(clouds, { epochs: 6, initialEpoch: 3, callbacks: callbacks() });
      // The second epoch was the best, before the training was cut short.
      expect(trainer.weights()).toEqual(second);
      await trainer.load(best);
      expect(trainer.weights()).toEqual(second);
    });
  });

  it("refuse steps that are none", () => {
    expect(() => callback.checkpoint({ keep: "last", path: "x", everySteps: 0 })).toThrow(
      "The everySteps of a callback must be a whole number of at least 1, not 0.",
    );
  });
});

describe("what was watched before", () => {
  it("counts for those who watch on", async () => {
    const clouds = twoClouds(40);
    await withTrainer(cloudNetwork(), { optimizer: "sgd" }, async (trainer) => {
      const path = join(folder, "watched.safetensors");
      // Without a learning rate no epoch is better than the first.
      trainer.learningRate = 0;
      await trainer.fit(clouds, { epochs: 2, shuffle: false });
      await trainer.save(path, { optimizer: true });
      const stopped = async (watcher: Callback): Promise<number | undefined> => {
        await trainer.load(path);
        const { epochs } = await trainer.fit(clouds, { epochs: 9, initialEpoch: 2, shuffle: false, callbacks: [watcher] });
        return epochs.at(-1)?.epoch;
      };
      expect(await stopped(callback.earlyStopping({ monitor: "loss", patience: 3 }))).toBe(4);
      expect(await stopped(callback.neverLearned({ epochs: 3, margin: 1 }))).toBe(3);
      const plateau = callback.reduceOnPlateau({ monitor: "loss", patience: 3, factor: 0.5 });
      const rates: number[] = [];
      const watch: Callback = { onEpochEnd: (_, context) => void rates.push(context.trainer.learningRate) };
      await trainer.load(path);
      trainer.learningRate = 1e-30;
      await trainer.fit(clouds, { epochs: 4, initialEpoch: 2, shuffle: false, callbacks: [plateau, watch] });
      expect(rates).toEqual([1e-30, 5e-31]);
    });
  });
});

describe("a full disk", () => {
  it("leaves the checkpoint before as it was, nothing half-written, and one sentence", async (context) => {
    const disk = join(folder, "disk");
    await mkdir(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], { stdio: "pipe" });
    } catch {
      context.skip("this machine does not let its user mount a small disk");
    }
    try {
      const path = join(disk, "last.safetensors");
      const small = sequential({ input: [8] }, [layer.dense({ units: 8 }), layer.dense({ units: 2, activation: "softmax" })]);
      const large = sequential({ input: [8] }, [layer.dense({ units: 2000 }), layer.dense({ units: 2, activation: "softmax" })]);
      const set = { features: new Float32Array(80), labels: new Uint8Array(10) };
      const fit = (trainer: Trainer) => trainer.fit(set, { epochs: 2, callbacks: [callback.checkpoint({ keep: "last", path })] });
      await withTrainer(small, {}, fit);
      const before = await readFile(path);
      await expect(withTrainer(large, {}, fit)).rejects.toThrow(
        `No room on the disk to write ${path}; free some space or choose another folder.`,
      );
      expect(await readFile(path)).toEqual(before);
      expect(await readdir(disk)).toEqual(["last.safetensors"]);
    } finally {
      execFileSync("umount", ["--lazy", disk], { stdio: "pipe" });
    }
  });
});
