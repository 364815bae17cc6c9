import { isArgminError, type ErrorCode } from "@argmin/base";
import { afterAll, describe, expect, it } from "vitest";
import {
  compileModel,
  input,
  layer,
  model,
  optimizer,
  sequential,
  type EpochRecord,
  type Examples,
  type LossName,
} from "@argmin/nn";
import { expectClose } from "../fixtures.ts";
import { cloudNetwork, twoClouds, withTrainer } from "./networks.ts";

const clouds = twoClouds(60);
const trainer = compileModel(cloudNetwork(), {
  loss: "categoricalCrossentropy",
  optimizer: optimizer.adam({ learningRate: 0.05 }),
  seed: 1,
});
afterAll(() => trainer.dispose());

async function failure(work: () => unknown, code: ErrorCode): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (isArgminError(error, code)) return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("fit", () => {
  it("learns to tell two clouds apart and says how it went", async () => {
    trainer.reset();
    const { epochs, stopped } = await trainer.fit(clouds, { epochs: 8, batchSize: 16, validation: twoClouds(30) });
    expect(stopped).toBeUndefined();
    expect(epochs.map(({ epoch, step, learningRate }) => [epoch, step, learningRate])).toEqual(
      Array.from({ length: 8 }, (_, i) => [i + 1, 4 * (i + 1), 0.05]),
    );
    const first = epochs[0]!.metrics;
    const last = epochs.at(-1)!.metrics;
    expect(Object.keys(last)).toEqual(["loss", "accuracy", "validationLoss", "validationAccuracy"]);
    expect(last.loss).toBeLessThan(first.loss / 2);
    expect(last.validationAccuracy).toBeGreaterThan(0.9);
    expect(epochs.every(({ seconds, examplesPerSecond }) => Math.abs(seconds * examplesPerSecond - 60) < 1e-6)).toBe(true);
    expect(await trainer.evaluate(clouds)).toEqual(await trainer.evaluate(clouds, { batchSize: 7 }));
  });

  it("uses the examples that are named, as often as they are", async () => {
    const indices = Uint32Array.of(3, 8, 3, 41, 17);
    const copies: Examples = {
      features: Float32Array.from([...indices].flatMap((i) => [2 * i, 2 * i + 1].map((j) => clouds.features[j]!))),
      labels: [...indices].map((i) => clouds.labels[i]!),
    };
    trainer.reset();
    await trainer.fit({ ...clouds, indices }, { epochs: 3, batchSize: 2 });
    const weights = trainer.weights();
    expect(await trainer.evaluate({ ...clouds, indices })).toEqual(await trainer.evaluate(copies));
    trainer.reset();
    await trainer.fit(copies, { epochs: 3, batchSize: 2 });
    expect(trainer.weights()).toEqual(weights);
    expect(indices).toEqual(Uint32Array.of(3, 8, 3, 41, 17));
  });

  it("takes a batch that is larger than the set as the set", async () => {
    trainer.reset();
    await trainer.fit(clouds, { epochs: 1, batchSize: 1000 });
    expect(trainer.step).toBe(1);
  });

  it("goes on where it stood when it is called again", async () => {
    trainer.reset();
    await trainer.fit(clouds, { epochs: 2, batchSize: 30 });
    const { epochs } = await trainer.fit(clouds, { epochs: 3, initialEpoch: 2, batchSize: 30 });
    const weights = trainer.weights();
    expect(epochs.map(({ epoch, step }) => [epoch, step])).toEqual([[3, 6]]);
    trainer.reset();
    await trainer.fit(clouds, { epochs: 3, batchSize: 30 });
    expect(trainer.weights()).toEqual(weights);
    expect((await trainer.fit(clouds, { epochs: 0 })).epochs).toEqual([]);
  });

  it("stops between two steps when it is told to, and can go on", async () => {
    trainer.reset();
    const controller = new AbortController();
    const seen: EpochRecord[] = [];
    const onEpochEnd = (record: EpochRecord): void => {
      seen.push(record);
      if (record.epoch === 2) controller.abort(new Error("enough"));
    };
    const run = trainer.fit(clouds, { epochs: 5, batchSize: 10, signal: controller.signal, callbacks: [{ onEpochEnd }] });
    expect(await failure(() => run, "training/interrupted")).toBe(
      "Training was interrupted in epoch 3 after 12 steps; the weights are those after the last step.",
    );
    expect(seen).toHaveLength(2);
    expect(trainer.step).toBe(12);
    await trainer.fit(clouds, { epochs: 1, batchSize: 10 });
    expect(await failure(() => trainer.evaluate(clouds, { signal: controller.signal }), "training/interrupted")).toBe(
      "The evaluation was interrupted.",
    );
  });

  it("does one thing at a time", async () => {
    trainer.reset();
    const weights = trainer.weights();
    const run = trainer.fit(clouds, { epochs: 1 });
    for (const other of [
      () => trainer.predict(clouds),
      () => trainer.reset(),
      () => trainer.setWeights(weights),
      () => trainer.load("none.safetensors"),
    ]) {
      expect(await failure(other, "usage/invalid")).toContain("This trainer is busy");
    }
    await run;
    trainer.setWeights(weights);
    // Between two steps callbacks may.
    await trainer.fit(clouds, { epochs: 1, callbacks: [{ onEpochEnd: (_, context) => context.trainer.setWeights(weights) }] });
    expect(trainer.weights()).toEqual(weights);
  });

  it("judges and predicts sets of any size alike", async () => {
    trainer.reset();
    const all = await trainer.predict(clouds);
    for (const count of [1, 2, 3, 5, 8, 9, 33]) {
      // After larger sets, the rows beyond a smaller one hold what those left.
      const part = await trainer.predict({ features: clouds.features.slice(0, 2 * count) });
      expectClose(part, all.subarray(0, 2 * count), `${count} examples`, 1e-6);
    }
    expect(await failure(() => trainer.predict(clouds, { signal: AbortSignal.abort() }), "training/interrupted")).toBe(
      "The prediction was interrupted.",
    );
    expect(await trainer.predict({ features: new Float32Array(0) })).toEqual(new Float32Array(0));
  });

  it("ends when the trainer is disposed of, after the step in flight", async () => {
    await withTrainer(cloudNetwork(), {}, async (gone) => {
      let ended: Promise<void> | undefined;
      const run = gone.fit(clouds, { epochs: 1000, callbacks: [{ onEpochEnd: () => void (ended ??= gone.dispose()) }] });
      expect(await failure(() => run, "usage/invalid")).toBe(
        "This trainer was disposed of and cannot run any more; compile the model again.",
      );
      await ended;
      expect(gone.step).toBe(2);
    });
    await withTrainer(cloudNetwork(), {}, async (gone) => {
      // While it compiles.
      const run = gone.fit(clouds, { epochs: 1 });
      const message = failure(() => run, "usage/invalid");
      await gone.dispose();
      expect(await message).toContain("disposed of");
    });
  });

  it("tells what did not compile, and can be disposed of after it", async () => {
    const one = compileModel(cloudNetwork(), { loss: "categoricalCrossentropy", optimizer: "sgd", device: "tensorrt" });
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await failure(() => one.fit(clouds, { epochs: 1 }), "runtime/device")).toContain("tensorrt cannot be used here");
    }
    await one.dispose();
  });

  it("says where it diverged", async () => {
    const line = sequential({ input: [2] }, [layer.dense({ units: 1 })]);
    const settings = { loss: "meanSquaredError", optimizer: optimizer.sgd({ learningRate: 1e6 }) } as const;
    await withTrainer(line, settings, async (wild) => {
      const message = await failure(() => wild.fit(clouds, { epochs: 50, batchSize: 10 }), "training/diverged");
      expect(message).toMatch(
        /^Training diverged: .* in epoch [12], at step \d+; a smaller learning rate or smaller inputs help\.$/,
      );
      wild.reset();
      const once = await failure(
        () => wild.fit({ ...clouds, features: clouds.features.map(() => 1e38) }, { epochs: 1, batchSize: 60 }),
        "training/diverged",
      );
      expect(once).toMatch(/(loss is Infinity|a weight is no finite number) in epoch 1, at step 1/);
    });
  });

  it("says where one of several outputs diverged", async () => {
    const start = input([2]);
    const output = { line: layer.dense({ units: 1 })(start), plane: layer.dense({ units: 1 })(start) };
    const wild = compileModel(model({ input: start, output }), {
      loss: "meanSquaredError",
      optimizer: optimizer.sgd({ learningRate: 1e6 }),
    });
    const labels = { line: clouds.labels, plane: new Float32Array(60) };
    const message = await failure(() => wild.fit({ ...clouds, labels }, { epochs: 50, batchSize: 10 }), "training/diverged");
    expect(message).toMatch(
      /^Training diverged: .* in epoch [12], at step \d+; a smaller learning rate or smaller inputs help\.$/,
    );
    await wild.dispose();
  });

  it("keeps no trace of a larger batch in a smaller one", async () => {
    // A step for 3 examples after one for 16: stale rows would change the weights.
    trainer.reset();
    await trainer.fit(clouds, { epochs: 1, batchSize: 57, shuffle: false });
    const weights = trainer.weights();
    trainer.reset();
    const part = (from: number, to: number): Examples => ({
      features: clouds.features.slice(2 * from, 2 * to),
      labels: clouds.labels.slice(from, to),
    });
    await trainer.fit(part(0, 57), { epochs: 1, batchSize: 57, shuffle: false });
    await trainer.fit(part(57, 60), { epochs: 1, batchSize: 57, shuffle: false });
    expect(trainer.weights()).toEqual(weights);
  });
});

describe("bad inputs", () => {
  const fit = (examples: Examples, options: object = {}) => trainer.fit(examples, { epochs: 1, ...options });
  const cases: readonly (readonly [what: string, work: () => unknown, message: string])[] = [
    ["batch of none", () => fit(clouds, { batchSize: 0 }), "The batch size must be a whole number of at least 1, not 0."],
    [
      "half a batch",
      () => trainer.evaluate(clouds, { batchSize: 1.5 }),
      "The batch size must be a whole number of at least 1, not 1.5.",
    ],
    [
      "less than no epochs",
      () => fit(clouds, { epochs: -1 }),
      "The number of epochs must be a whole number of at least 0, not -1.",
    ],
    ["odd start", () => fit(clouds, { initialEpoch: NaN }), "The initial epoch must be a whole number of at least 0, not NaN."],
    [
      "empty set",
      () => fit({ features: new Float32Array(0), labels: [] }),
      "The training set is empty; give at least one example.",
    ],
    [
      "empty part",
      () => fit({ ...clouds, indices: new Uint32Array(0) }),
      "The training set is empty; give at least one example.",
    ],
    [
      "index out of range",
      () => fit({ ...clouds, indices: Uint32Array.of(1, 60) }),
      "The training indices name example 60 of 60; they count from 0.",
    ],
    [
      "broken shape",
      () => fit({ features: new Float32Array(7), labels: [0] }),
      "The training inputs hold 7 numbers, which are no whole number of examples of [2] (2 each).",
    ],
    ["too few labels", () => fit({ ...clouds, labels: [0, 1] }), "The training set has 60 examples and 2 labels; it wants 60."],
    [
      "label out of range",
      () => fit({ ...clouds, labels: clouds.labels.with(4, 2) }),
      "The training set has the label 2 at example 4; the model has 2 classes, so labels go from 0 to 1.",
    ],
    [
      "half a label",
      () => fit({ ...clouds, labels: [...clouds.labels].with(0, 0.5) }),
      "The training set has the label 0.5 at example 0; the model has 2 classes, so labels go from 0 to 1.",
    ],
    [
      "bad validation",
      () => fit(clouds, { validation: { ...clouds, labels: [] } }),
      "The validation set has 60 examples and 0 labels; it wants 60.",
    ],
    [
      "bad prediction",
      () => trainer.predict({ features: new Float32Array(3) }),
      "The prediction inputs hold 3 numbers, which are no whole number of examples of [2] (2 each).",
    ],
    [
      "wrong array",
      () => fit(JSON.parse('{"features":[1,2],"labels":[0]}')),
      "The training inputs must be a Float32Array or a Uint8Array.",
    ],
    [
      "no labels",
      () => fit(JSON.parse("{}", () => ({ features: clouds.features }))),
      "The training set has no labels; give a list of them beside its inputs.",
    ],
    [
      "other indices",
      () => fit(JSON.parse("{}", () => ({ ...clouds, indices: [-1] }))),
      "The training indices must be a Uint32Array.",
    ],
    ["nothing", () => fit(JSON.parse('""')), "The training set must be an object with images or features."],
    [
      "a misspelt option",
      () => fit(clouds, { batch_size: 8 }),
      "fit has no option batch_size; it has epochs, batchSize, validation, callbacks, shuffle, augmentation, learningRate, signal, initialEpoch.",
    ],
    [
      "an unknown metric",
      () => compileModel(cloudNetwork(), { loss: "meanSquaredError", optimizer: "sgd", metrics: JSON.parse('["auc"]') }),
      'The metrics must be a list of accuracy, or an empty one, not ["auc"].',
    ],
    ["epochs in a text", () => fit(clouds, { epochs: "3" }), "The number of epochs must be a whole number of at least 0, not 3."],
    ["learning rate", () => (trainer.learningRate = -1), "A learning rate must be a finite number, at least 0, not -1."],
    [
      "threads",
      () => compileModel(cloudNetwork(), { loss: "meanSquaredError", optimizer: "sgd", threads: 0 }),
      "A trainer runs on a positive whole number of threads, not 0.",
    ],
  ];
  for (const [what, work, message] of cases) {
    it(what, async () => expect(await failure(work, "value/invalid")).toBe(message));
  }

  it("labels that suit the loss", async () => {
    const line = sequential({ input: [2] }, [layer.dense({ units: 2, activation: "sigmoid" })]);
    const withLabels = (loss: LossName, label: number) =>
      withTrainer(line, { loss, metrics: [] }, (one) =>
        one.fit({ features: new Float32Array(2), labels: [1, label] }, { epochs: 1 }),
      );
    expect(await failure(() => withLabels("binaryCrossentropy", 2), "value/invalid")).toContain(
      "label 2 at example 0; binary cross-entropy wants",
    );
    expect(await failure(() => withLabels("meanSquaredError", NaN), "value/invalid")).toContain(
      "label NaN at example 0; a finite number is wanted",
    );
    await withLabels("binaryCrossentropy", 0.5);
  });

  it("models that do not suit the loss", async () => {
    const build = (loss: LossName, units: number, metrics?: readonly "accuracy"[]) => () =>
      compileModel(sequential({ input: [2] }, [layer.dense({ units })]), { loss, optimizer: "sgd", ...(metrics && { metrics }) });
    expect(await failure(build("categoricalCrossentropy", 1), "model/invalid")).toContain(
      "at least 2; for yes or no with one unit take binaryCrossentropy",
    );
    expect(await failure(build("meanSquaredError", 1, ["accuracy"]), "model/invalid")).toContain(
      "The mean squared error has no accuracy",
    );
    const images = sequential({ input: [1, 4, 4] }, [layer.maxPooling2d()]);
    expect(await failure(() => compileModel(images, { loss: "meanSquaredError", optimizer: "sgd" }), "model/invalid")).toBe(
      "The model model gives [1, 2, 2] an example; a loss wants a list of units, so end with flatten or dense.",
    );
  });

  it("weights that do not fit", async () => {
    const weights = trainer.weights();
    expect(await failure(() => trainer.setWeights(new Map()), "model/weights")).toBe(
      "The weight dense.kernel wants 8 numbers ([2, 4]), not none.",
    );
    const wide = new Map([...weights, ["dense.kernel", new Float32Array(9)]]);
    expect(await failure(() => trainer.setWeights(wide), "model/weights")).toBe(
      "The weight dense.kernel wants 8 numbers ([2, 4]), not 9.",
    );
    const more = new Map([...weights, ["other", new Float32Array(1)]]);
    expect(await failure(() => trainer.setWeights(more), "model/weights")).toBe("The model model has no weight other.");
    expect(trainer.weights()).toEqual(weights);
  });

  it("a trainer that was disposed of", async () => {
    const gone = compileModel(cloudNetwork(), { loss: "categoricalCrossentropy", optimizer: "sgd" });
    await gone.predict(clouds);
    await gone.dispose();
    await gone.dispose();
    expect(await failure(() => gone.predict(clouds), "usage/invalid")).toContain("disposed");
    expect(await failure(() => gone.fit(clouds, { epochs: 1 }), "usage/invalid")).toContain("disposed");
  });
});
