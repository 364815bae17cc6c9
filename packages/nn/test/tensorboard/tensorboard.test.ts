import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  callback,
  compileModel,
  encodePng,
  EventFile,
  input,
  layer,
  model,
  optimizer,
  sequential,
  type History,
  type Model,
} from "@argmin/nn";
import { graphNodes } from "../../src/tensorboard/graph-definition.ts";
import { histogramOf } from "../../src/tensorboard/histogram.ts";
import { load, missing, type Loaded } from "./loader.ts";

/** A branch and a sum, a layer that is called twice, an activation of its own, two outputs. */
function network(): Model<"fine" | "coarse"> {
  const image = input([1, 4, 4]);
  const same = layer.conv2d({ filters: 2, kernelSize: 3, padding: "same", activation: "relu", name: "again" });
  const wide = layer.conv2d({ filters: 2, kernelSize: 1, name: "stem" })(image);
  const sum = layer.add()(wide, same(same(wide)));
  const flat = layer.dropout(0.25)(layer.flatten()(layer.activation("tanh")(sum)));
  return model({
    input: image,
    output: {
      fine: layer.dense({ units: 3, activation: "softmax", name: "fine" })(flat),
      coarse: layer.dense({ units: 2, activation: "softmax", name: "coarse" })(flat),
    },
  });
}

describe("the picture of a network", () => {
  const nodes = graphNodes(network());
  const byName = new Map(nodes.map((node) => [node.name, node]));

  it("has a box a layer with its weights, its operator and its activation, and their shapes", () => {
    expect(nodes.map(({ name, op }) => `${name}: ${op}`)).toEqual([
      "input: Placeholder",
      "stem/kernel: VariableV2",
      "stem/bias: VariableV2",
      "stem/conv2d: Conv2d",
      "again/kernel: VariableV2",
      "again/bias: VariableV2",
      "again/conv2d: Conv2d",
      "again/relu: Relu",
      "again/conv2d_1: Conv2d",
      "again/relu_1: Relu",
      "add: Add",
      "activation: Tanh",
      "flatten: Flatten",
      "dropout: Dropout",
      "fine/kernel: VariableV2",
      "fine/bias: VariableV2",
      "fine/dense: Dense",
      "fine/softmax: Softmax",
      "coarse/kernel: VariableV2",
      "coarse/bias: VariableV2",
      "coarse/dense: Dense",
      "coarse/softmax: Softmax",
      "output/fine: Identity",
      "output/coarse: Identity",
    ]);
    expect(byName.get("again/kernel")!.shape).toEqual([2, 2, 3, 3]);
    expect(byName.get("add")).toMatchObject({ inputs: ["stem/conv2d", "again/relu_1"], shape: [-1, 2, 4, 4] });
    expect(byName.get("dropout")!.attributes).toMatchObject({ rate: 0.25 });
  });

  it("names every input of a node, and no node twice, though a layer has the input's name", () => {
    expect(byName.size).toBe(nodes.length);
    for (const { inputs } of nodes) for (const name of inputs) expect(byName.has(name), name).toBe(true);
    const named = graphNodes(sequential({ input: [2] }, [layer.dense({ units: 1, name: "input" })]));
    expect(named.map(({ name }) => name)).toEqual(["input_1", "input/kernel", "input/bias", "input/dense", "output"]);
    expect(named[3]!.inputs).toEqual(["input_1", "input/kernel", "input/bias"]);
  });
});

describe.skipIf(missing !== undefined)("TensorBoard's own loader", () => {
  let folder: string;
  let history: History;
  let weights: ReadonlyMap<string, Float32Array>;
  let loaded: Loaded;
  const picture = encodePng({ width: 2, height: 2, channels: 3, data: Uint8Array.from({ length: 12 }, (_, i) => i * 20) });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "argmin-tensorboard-"));
    const trainer = compileModel(network(), { loss: "categoricalCrossentropy", optimizer: optimizer.adam(), seed: 1 });
    const images = Float32Array.from({ length: 8 * 16 }, (_, i) => Math.sin(i));
    const labels = { fine: [0, 1, 2, 0, 1, 2, 0, 1], coarse: [0, 1, 0, 1, 0, 1, 0, 1] };
    const examples = { images, labels };
    history = await trainer.fit(examples, {
      epochs: 2,
      batchSize: 4,
      validation: examples,
      callbacks: [callback.tensorBoard({ folder: join(folder, "session") })],
    });
    weights = trainer.weights();
    await trainer.dispose();
    const root = await EventFile.open(folder);
    root.experiment({
      name: "a study",
      createdAt: 1,
      hparams: [
        { name: "rate", type: "number", domain: { min: 0.25, max: 1 } },
        { name: "kind", type: "string", domain: ["adam", "sgd"] },
        { name: "norm", type: "boolean", domain: [true, false] },
      ],
      metrics: [
        { tag: "metrics/fineAccuracy", run: "validation", title: "accuracy" },
        { tag: "metrics/loss", run: "train" },
      ],
    });
    await root.flush();
    const session = await EventFile.open(join(folder, "session"));
    session.image("samples/one", picture, 2, "as *shown*");
    session.text("note", "said **so**", 2);
    session.sessionStart({ hparams: { rate: 0.5, kind: "adam", norm: true }, startedAt: 10 });
    session.sessionEnd({ status: "success", endedAt: 20 });
    await session.flush();
    loaded = await load(folder);
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("reads every scalar of both runs", () => {
    expect(Object.keys(loaded.runs).toSorted()).toEqual([".", "session", "session/train", "session/validation"]);
    const names = [
      ["loss", "validationLoss"],
      ["fineLoss", "validationFineLoss"],
      ["fineAccuracy", "validationFineAccuracy"],
      ["coarseLoss", "validationCoarseLoss"],
      ["coarseAccuracy", "validationCoarseAccuracy"],
    ] as const;
    for (const [name, validation] of names) {
      const tag = `metrics/${name}`;
      expect(loaded.runs["session/train"]!.tags[tag]).toMatchObject({
        plugin: "scalars",
        points: history.epochs.map(({ epoch, metrics }) => [epoch, Math.fround(metrics[name]!)]),
      });
      expect(loaded.runs["session/validation"]!.tags[tag]!.points).toEqual(
        history.epochs.map(({ epoch, metrics }) => [epoch, Math.fround(metrics[validation]!)]),
      );
    }
    expect(loaded.runs["session/train"]!.tags["training/learningRate"]!.points).toEqual(
      [1, 2].map((epoch) => [epoch, Math.fround(0.001)]),
    );
  });

  it("reads the histogram of every weight", () => {
    const { tags } = loaded.runs["session/train"]!;
    expect([...weights.keys()]).toHaveLength(8);
    for (const [name, values] of weights) {
      const table = histogramOf(values);
      const rows = Array.from({ length: 30 }, (_, row) => [...table.subarray(3 * row, 3 * row + 3)]);
      expect(tags[`weights/${name.replace(".", "/")}`]).toEqual({ plugin: "histograms", description: "", points: [[2, rows]] });
    }
  });

  it("reads the network", () => {
    const nodes = graphNodes(network());
    expect(loaded.runs["session/train"]!.graph).toEqual(
      Object.fromEntries(nodes.map(({ name, op, inputs, shape }) => [name, { op, inputs, shape }])),
    );
  });

  it("reads images and texts", () => {
    const { tags } = loaded.runs["session"]!;
    const encoded = ["2", "2", picture.png].map((part) => Buffer.from(part).toString("base64"));
    expect(tags["samples/one"]).toEqual({ plugin: "images", description: "as *shown*", points: [[2, encoded]] });
    expect(tags["note"]).toMatchObject({ plugin: "text", points: [[2, [Buffer.from("said **so**").toString("base64")]]] });
  });

  it("reads the session with its hyper-parameters and the metrics of the runs below it", () => {
    const { experiment, groups } = loaded.hparams;
    expect(experiment).toMatchObject({
      name: "a study",
      hparamInfos: [
        { name: "kind", type: "DATA_TYPE_STRING", domainDiscrete: ["adam", "sgd"] },
        { name: "norm", type: "DATA_TYPE_BOOL", domainDiscrete: [true, false] },
        { name: "rate", type: "DATA_TYPE_FLOAT64", domainInterval: { minValue: 0.25, maxValue: 1 } },
      ],
    });
    expect(groups).toMatchObject([
      {
        hparams: { rate: 0.5, kind: "adam", norm: true },
        sessions: [{ status: "STATUS_SUCCESS", startTimeSecs: 10, endTimeSecs: 20 }],
      },
    ]);
    const last = history.epochs.at(-1)!.metrics;
    const values = groups[0]!.metricValues!.map(({ name, value }) => [name.tag, value]);
    expect(Object.fromEntries(values)).toEqual({
      "metrics/fineAccuracy": Math.fround(last.validationFineAccuracy!),
      "metrics/loss": Math.fround(last.loss),
    });
  });
});
