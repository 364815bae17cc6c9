import { readFileSync } from "node:fs";
import { isArgminError, type ErrorCode } from "@argmin/base";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  callback,
  compileModel,
  input,
  layer,
  model,
  optimizer,
  regularizer,
  type CompileOptions,
  type EpochRecord,
  type Model,
  type OptimizerSettings,
  type Trainer,
} from "@argmin/nn";
import { expectClose, type FixtureTensor } from "../fixtures.ts";
import { cloudNetwork, twoClouds } from "./networks.ts";

type Output = "fine" | "coarse" | "traits";

/** What `bench/peers/make_fixtures_outputs.py` wrote. */
interface OutputRuns {
  readonly batchSize: number;
  readonly images: FixtureTensor;
  readonly labels: Readonly<Record<Output, readonly number[]>>;
  readonly start: Readonly<Record<string, FixtureTensor>>;
  readonly runs: Readonly<Record<"sgd" | "adam", OutputRun>>;
}

interface OutputRun {
  readonly firstEpoch: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, FixtureTensor>>;
  readonly evaluation: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<Output, FixtureTensor>>;
}

const fixture: OutputRuns = JSON.parse(readFileSync(new URL("../fixtures/outputs.json", import.meta.url), "utf8"));
const examples = { images: Uint8Array.from(fixture.images.data), labels: fixture.labels };

function threeHeads(): Model<Output> {
  const image = input([1, 8, 8]);
  const stem = layer.conv2d({
    filters: 4,
    kernelSize: 3,
    padding: "same",
    useBias: false,
    kernelRegularizer: regularizer.l2(0.01),
    name: "stem",
  })(image);
  const pooled = layer.maxPooling2d()(layer.activation("elu")(layer.batchNormalization({ momentum: 0.9, name: "norm" })(stem)));
  const hidden = layer.dense({
    units: 10,
    kernelRegularizer: regularizer.l1l2({ l1: 0.002, l2: 0.005 }),
    biasRegularizer: regularizer.l2(0.1),
    name: "hidden",
  })(layer.flatten()(pooled));
  const last = layer.activation("tanh")(layer.batchNormalization({ momentum: 0.9, scale: false, name: "last" })(hidden));
  return model({
    input: image,
    output: {
      fine: layer.dense({ units: 5, activation: "softmax", name: "fine" })(last),
      coarse: layer.dense({ units: 3, activation: "sigmoid", kernelRegularizer: regularizer.l1(0.003), name: "coarse" })(last),
      traits: layer.dense({ units: 2, activation: "sigmoid", name: "traits" })(last),
    },
  });
}

const loss: CompileOptions<Output>["loss"] = {
  fine: { kind: "categoricalCrossentropy", labelSmoothing: 0.1 },
  coarse: { kind: "categoricalCrossentropy", weight: 0.3 },
  traits: { kind: "binaryCrossentropy", weight: 0.5, labelSmoothing: 0.2 },
};

async function withHeads<T>(options: Partial<CompileOptions<Output>>, use: (trainer: Trainer<Output>) => Promise<T>): Promise<T> {
  const trainer = compileModel(threeHeads(), { loss, optimizer: "sgd", ...options });
  try {
    return await use(trainer);
  } finally {
    await trainer.dispose();
  }
}

const optimizers: Readonly<Record<"sgd" | "adam", OptimizerSettings>> = {
  sgd: optimizer.sgd({ learningRate: 0.05, momentum: 0.9 }),
  adam: optimizer.adam({ learningRate: 0.01 }),
};

describe("a network of three outputs, normalized and regularized", () => {
  for (const kind of ["sgd", "adam"] as const) {
    it(`trains under ${kind} as PyTorch trains it, smaller last batches included`, async () => {
      const { firstEpoch, weights, evaluation, outputs } = fixture.runs[kind];
      await withHeads({ optimizer: optimizers[kind] }, async (trainer) => {
        trainer.setWeights(new Map(Object.entries(fixture.start).map(([name, { data }]) => [name, Float32Array.from(data)])));
        const { epochs } = await trainer.fit(examples, { epochs: 2, batchSize: fixture.batchSize, shuffle: false });
        const { metrics } = epochs[0]!;
        const parts = ["fineLoss", "fineAccuracy", "coarseLoss", "coarseAccuracy", "traitsLoss", "traitsAccuracy"];
        expect(Object.keys(metrics)).toEqual(["loss", ...parts]);
        for (const [name, value] of Object.entries(firstEpoch))
          expect(metrics, name).toMatchObject({ [name]: expect.closeTo(value, 5) });
        for (const [name, values] of trainer.weights()) expectClose(values, weights[name]!.data, name);
        const judged = await trainer.evaluate(examples, { batchSize: 5 });
        expect(Object.keys(judged).toSorted()).toEqual(Object.keys(evaluation).toSorted());
        for (const [name, value] of Object.entries(evaluation))
          expect(judged, name).toMatchObject({ [name]: expect.closeTo(value, 5) });
        const predicted = await trainer.predict({ images: examples.images.subarray(0, 3 * 64) });
        expect(Object.keys(predicted)).toEqual(["fine", "coarse", "traits"]);
        for (const name of ["fine", "coarse", "traits"] as const) expectClose(predicted[name], outputs[name].data, name);
      });
    });
  }
});

describe("several outputs", () => {
  it("are judged on the validation set by name, and callbacks watch them", async () => {
    await withHeads({ seed: 1 }, async (trainer) => {
      const seen: EpochRecord[] = [];
      const { stopped } = await trainer.fit(examples, {
        epochs: 9,
        validation: examples,
        callbacks: [
          {
            onEpochEnd: (record, { majority }) => {
              seen.push(record);
              expect(majority.coarseAccuracy).toBeGreaterThan(1 / 3);
            },
          },
          callback.neverLearned({ monitor: "validationCoarseAccuracy", epochs: 1, margin: 0.99 }),
          callback.earlyStopping({ monitor: "validationFineLoss", patience: 5 }),
        ],
      });
      expect(stopped).toMatch(/^after 1 epochs the validationCoarseAccuracy is/);
      expect(seen).toHaveLength(1);
      expect(Object.keys(seen[0]!.metrics)).toContain("validationTraitsAccuracy");
      expect(seen[0]!.metrics.validationFineLoss).toBeGreaterThan(0);
    });
  });

  it("go to an .onnx file under their names, with running statistics", async () => {
    const { InferenceSession, Tensor } = await import("onnxruntime-node");
    await withHeads({}, async (trainer) => {
      await trainer.fit(examples, { epochs: 1 });
      const session = await InferenceSession.create(await trainer.exportOnnx(), { logSeverityLevel: 4 });
      expect(session.outputNames).toEqual(["fine", "coarse", "traits"]);
      const images = Float32Array.from(examples.images.subarray(0, 128), (pixel) => pixel / 255);
      const results = await session.run({ input: new Tensor("float32", images, [2, 1, 8, 8]) });
      const wanted = await trainer.predict({ images });
      for (const name of ["fine", "coarse", "traits"] as const) {
        const { data } = results[name]!;
        wanted[name].forEach((value, i) => expect(data[i], name).toBeCloseTo(value, 5));
      }
      await session.release();
    });
  });

  it("may come from one tensor, or from the middle of the network", async () => {
    const start = input([2]);
    const hidden = layer.dense({ units: 3, activation: "softmax" })(start);
    const end = layer.dense({ units: 3, activation: "softmax" })(hidden);
    const net = model({ input: start, output: { early: hidden, late: end, again: end } });
    const trainer = compileModel(net, { loss: "categoricalCrossentropy", optimizer: "sgd" });
    const features = Float32Array.of(1, 2, 3, 4);
    const { epochs } = await trainer.fit({ features, labels: { early: [0, 1], late: [2, 0], again: [2, 0] } }, { epochs: 1 });
    const { lateLoss, againLoss, earlyLoss = NaN, loss: sum } = epochs[0]!.metrics;
    expect(againLoss).toBe(lateLoss);
    expect(sum).toBeCloseTo(earlyLoss + 2 * lateLoss!, 12);
    const { early, late, again } = await trainer.predict({ features });
    expect(again).toEqual(late);
    expect(early.slice(0, 3).reduce((total, share) => total + share)).toBeCloseTo(1, 6);
    await trainer.dispose();
  });

  it("one alone may have a weight, which the loss is multiplied by", async () => {
    const losses: number[] = [];
    for (const weight of [1, 0.5]) {
      const trainer = compileModel(cloudNetwork(), { loss: { kind: "categoricalCrossentropy", weight }, optimizer: "sgd" });
      losses.push((await trainer.evaluate(twoClouds(10))).loss);
      await trainer.dispose();
    }
    expect(losses[1]).toBeCloseTo(losses[0]! / 2, 12);
  });

  it("are known to the types", () => {
    expectTypeOf(threeHeads()).toEqualTypeOf<Model<Output>>();
    expectTypeOf<Trainer<Output>["predict"]>().returns.resolves.toEqualTypeOf<Readonly<Record<Output, Float32Array>>>();
    expectTypeOf<Trainer["predict"]>().returns.resolves.toEqualTypeOf<Float32Array>();
    expectTypeOf<EpochRecord["metrics"]["loss"]>().toEqualTypeOf<number>();
    const record = (metrics: EpochRecord["metrics"]): unknown => metrics.validationFineAccuracy;
    expect(record({ loss: 1, validationFineAccuracy: 2 })).toBe(2);
    // @ts-expect-error no metric ends like this
    callback.earlyStopping({ monitor: "fineAcuracy" });
    // @ts-expect-error each output wants its loss
    const one: CompileOptions<Output>["loss"] = { fine: "categoricalCrossentropy" };
    expect(one).toBeDefined();
  });
});

describe("label smoothing", () => {
  it("makes a row certain of its class costlier, and leaves the accuracy alone", async () => {
    const clouds = twoClouds(40);
    const judged = async (labelSmoothing: number) => {
      const trainer = compileModel(cloudNetwork(), {
        loss: { kind: "categoricalCrossentropy", labelSmoothing },
        optimizer: "sgd",
      });
      trainer.setWeights(
        new Map([
          ["dense.kernel", Float32Array.of(9, 0, 0, 0, 9, 0, 0, 0)],
          ["dense.bias", new Float32Array(4)],
          ["dense_1.kernel", Float32Array.of(-9, 9, 0, 0, 0, 0, 0, 0)],
          ["dense_1.bias", new Float32Array(2)],
        ]),
      );
      try {
        return await trainer.evaluate(clouds);
      } finally {
        await trainer.dispose();
      }
    };
    const [sharp, smooth] = [await judged(0), await judged(0.2)];
    expect(smooth.accuracy).toBe(sharp.accuracy);
    expect(sharp.accuracy).toBeGreaterThan(0.9);
    expect(smooth.loss).toBeGreaterThan(sharp.loss + 1);
  });
});

describe("what does not go together", () => {
  async function failure(work: () => unknown, code: ErrorCode): Promise<string> {
    try {
      await work();
    } catch (error) {
      if (isArgminError(error, code)) return error.message;
      throw error;
    }
    throw new Error("nothing was thrown");
  }
  const compile = (options: object) => () => compileModel(threeHeads(), { loss, optimizer: "sgd", ...options });

  it("names outputs whose name is unfit", () => {
    const start = input([2]);
    const tensor = layer.dense({ units: 2 })(start);
    for (const name of ["Fine", "input", "a b", "validationSet", ""]) {
      expect(() => model({ input: start, output: { [name]: tensor } })).toThrow(
        `An output cannot be named "${name}"; start with a`,
      );
    }
    expect(() => model({ input: start, output: {} })).toThrow("A model needs at least one output.");
    expect(() => model({ input: start, output: { a: tensor, b: start } })).toThrow("A model needs at least one layer between");
  });

  it("names losses and metrics that no output has, and outputs without", async () => {
    expect(await failure(compile({ loss: { fine: "categoricalCrossentropy" } }), "model/invalid")).toBe(
      "The output coarse has no loss; give it one.",
    );
    expect(await failure(compile({ loss: { ...(loss as object), finer: "meanSquaredError" } }), "model/invalid")).toBe(
      'There is a loss for "finer", which is no output of the model; it has fine, coarse, traits.',
    );
    expect(await failure(compile({ metrics: { fine: ["accuracy"], coarse: [] } }), "model/invalid")).toBe(
      "The output traits has no list of metrics; give it one.",
    );
    const single = () =>
      compileModel(cloudNetwork(), { optimizer: "sgd", loss: JSON.parse('{"fine":"categoricalCrossentropy"}') });
    expect(await failure(single, "model/invalid")).toBe(
      'There is a loss for "fine", which is no output of the model; its only one has no name.',
    );
  });

  it("refuses settings of losses that make no sense", async () => {
    const withLoss = (settings: object) => compile({ loss: settings });
    expect(await failure(withLoss({ kind: "binaryCrossentropy", weight: -1 }), "value/invalid")).toBe(
      "The weight of a loss must be a finite number, at least 0, not -1.",
    );
    expect(await failure(withLoss({ kind: "binaryCrossentropy", labelSmoothing: 1 }), "value/invalid")).toBe(
      "Label smoothing must be at least 0 and below 1, not 1.",
    );
    expect(await failure(withLoss({ kind: "binaryCrossentropy", smoothing: 1 }), "value/invalid")).toBe(
      "A loss has no setting smoothing; it has kind, weight, labelSmoothing.",
    );
    expect(await failure(withLoss({ kind: "meanSquaredError", labelSmoothing: 0.1 }), "model/invalid")).toContain(
      "The mean squared error has no label smoothing",
    );
    expect(() => regularizer.l2(-1)).toThrow("A regularizer cannot have a strength of -1; give finite numbers of at least 0.");
  });

  it("names the labels that are missing or out of range", async () => {
    await withHeads({}, async (trainer) => {
      const { labels } = examples;
      const fit = (changed: unknown) => () =>
        trainer.fit({ ...examples, labels: JSON.parse(JSON.stringify(changed)) }, { epochs: 1 });
      expect(await failure(fit([1, 2]), "value/invalid")).toBe(
        "The training set has no labels for the output fine; give a list of them for each output, by name.",
      );
      expect(await failure(fit({ fine: labels.fine, traits: labels.traits }), "value/invalid")).toBe(
        "The training set has no labels for the output coarse; give a list of them for each output, by name.",
      );
      expect(await failure(fit({ ...labels, coarse: [1, 2] }), "value/invalid")).toBe(
        "The training set has 22 examples and 2 coarse labels; it wants 22.",
      );
      expect(await failure(fit({ ...labels, coarse: labels.coarse.with(3, 7) }), "value/invalid")).toBe(
        "The training set has the coarse label 7 at example 3; the model has 3 classes, so labels go from 0 to 2.",
      );
    });
  });
});
