import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  callback,
  compileModel,
  optimizer,
  type Callback,
  type EpochMetrics,
  type EpochRecord,
  type FitContext,
  type StopRequest,
  type Weights,
} from "@argmin/nn";
import { cloudNetwork, twoClouds } from "./networks.ts";

/** Shows a callback epochs of these metrics and says what it asked for and what it did. */
async function show(
  watched: Callback,
  metrics: readonly EpochMetrics[],
  majority: FitContext["majority"] = {},
  earlier: readonly EpochRecord[] = [],
): Promise<{ requests: readonly (StopRequest | void)[]; set: readonly number[]; rates: readonly number[] }> {
  let epoch = 0;
  const set: number[] = [];
  const rates: number[] = [];
  const context: FitContext = {
    model: cloudNetwork(),
    epochs: metrics.length,
    stepsPerEpoch: 1,
    earlier,
    majority,
    trainer: {
      learningRate: 1,
      weights: () => new Map([["epoch", Float32Array.of(epoch)]]),
      setWeights: (weights: Weights) => set.push(weights.get("epoch")![0]!),
      save: () => Promise.resolve(),
      load: () => Promise.resolve(),
    },
  };
  const requests: (StopRequest | void)[] = [];
  await watched.onTrainBegin?.(context);
  for (const values of metrics) {
    epoch += 1;
    await watched.onEpochBegin?.(epoch, context);
    rates.push(context.trainer.learningRate);
    requests.push(
      await watched.onEpochEnd?.(
        { epoch, step: epoch, metrics: values, learningRate: 1, seconds: 1, examplesPerSecond: 1 },
        context,
      ),
    );
    if (requests.at(-1)) break;
  }
  await watched.onTrainEnd?.({ epochs: [], stopped: undefined }, context);
  return { requests, set, rates };
}

function losses(...values: readonly number[]): readonly EpochMetrics[] {
  return values.map((validationLoss) => ({ loss: 0, validationLoss }));
}

describe("reduce on plateau", () => {
  it("lowers the rate after as many epochs without a gain as it is patient, again and again", async () => {
    const { rates } = await show(
      callback.reduceOnPlateau({ factor: 0.5, patience: 2 }),
      losses(5, 4, 4, 4.5, 3, 3, 3.1, 3.2, 3.3, 3.4),
    );
    // What epochs start with.
    expect(rates).toEqual([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125]);
  });

  it("rests after a fall, and falls no lower than it may", async () => {
    const plateau = losses(1, 1, 1, 1, 1, 1, 1, 1);
    const { rates } = await show(
      callback.reduceOnPlateau({ factor: 0.1, patience: 1, cooldown: 2, minLearningRate: 0.05 }),
      plateau,
    );
    // Keras: the last epoch of the rest is counted again.
    expect(rates).toEqual([1, 1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05]);
  });

  it("wants a gain of more than the least difference", async () => {
    const { rates } = await show(callback.reduceOnPlateau({ patience: 1, minDelta: 0.5 }), losses(2, 1.8, 1.2));
    expect(rates).toEqual([1, 1, 0.1]);
  });

  it("refuses a factor that lowers nothing", () => {
    expect(() => callback.reduceOnPlateau({ factor: 1 })).toThrow(
      "The factor of reduceOnPlateau must be above 0 and below 1, not 1.",
    );
  });
});

describe("early stopping", () => {
  it("waits as many epochs as it is patient", async () => {
    const { requests } = await show(callback.earlyStopping({ patience: 2 }), losses(5, 4, 4, 3, 3.5, 3, 2));
    expect(requests).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      { stop: "validationLoss has not become better for 2 epochs" },
    ]);
  });

  it("wants a gain of more than the least difference, in the metric's own direction", async () => {
    const accuracy = [0.5, 0.6, 0.605].map((value) => ({ loss: 0, accuracy: value }));
    const { requests } = await show(callback.earlyStopping({ monitor: "accuracy", minDelta: 0.01 }), accuracy);
    expect(requests.at(-1)).toEqual({ stop: "accuracy has not become better for 1 epoch" });
    expect(requests).toHaveLength(3);
  });

  it("stops what never comes under the baseline", async () => {
    const { requests } = await show(callback.earlyStopping({ baseline: 1, patience: 2 }), losses(5, 4, 0.5));
    expect(requests).toHaveLength(2);
  });

  it("puts the best weights back, and forgets them before the next training", async () => {
    const stopping = callback.earlyStopping({ patience: 2, restoreBest: true });
    expect((await show(stopping, losses(3, 1, 2, 2))).set).toEqual([2]);
    expect((await show(stopping, losses(9, 8))).set).toEqual([2]);
    expect((await show(callback.earlyStopping(), losses(3, 1))).set).toEqual([]);
  });

  it("refuses a metric that is not there and a patience that is none", async () => {
    await expect(show(callback.earlyStopping(), [{ loss: 1, accuracy: 1 }])).rejects.toThrow(
      "A callback monitors validationLoss, but this training has loss, accuracy; give a validation set or monitor another.",
    );
    expect(() => callback.earlyStopping({ patience: 0.5 })).toThrow(
      "The patience of a callback must be a whole number of at least 0, not 0.5.",
    );
  });
});

describe("never learned", () => {
  const accuracies = (...values: readonly number[]): readonly EpochMetrics[] => values.map((accuracy) => ({ loss: 0, accuracy }));

  it("stops what is no better than guessing the most frequent class", async () => {
    const { requests } = await show(callback.neverLearned({ epochs: 2 }), accuracies(0.5, 0.515, 0.9), { accuracy: 0.51 });
    expect(requests).toEqual([undefined, { stop: "after 2 epochs the accuracy is 0.5150, no better than guessing (0.5100)" }]);
  });

  it("lets pass what once was better", async () => {
    const { requests } = await show(callback.neverLearned({ epochs: 2 }), accuracies(0.9, 0.5, 0.5, 0.5), { accuracy: 0.51 });
    expect(requests).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("wants classes", async () => {
    await expect(show(callback.neverLearned(), [{ loss: 1 }])).rejects.toThrow("monitors accuracy, but this training has loss");
  });
});

describe("schedules", () => {
  it("set the rate of each epoch from the one before", async () => {
    const { rates } = await show(
      callback.learningRateSchedule((epoch, rate) => (epoch > 2 ? rate / 2 : rate)),
      losses(1, 1, 1, 1),
    );
    expect(rates).toEqual([1, 1, 0.5, 0.25]);
  });
});

describe("with a network", () => {
  const clouds = twoClouds(40);
  const trainer = compileModel(cloudNetwork(), {
    loss: "categoricalCrossentropy",
    optimizer: optimizer.adam({ learningRate: 0.05 }),
  });
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "argmin-"));
  });
  afterAll(async () => {
    await trainer.dispose();
    await rm(folder, { recursive: true });
  });

  it("a learning rate of zero leaves the weights alone", async () => {
    trainer.reset();
    const before = trainer.weights();
    await trainer.fit(clouds, { epochs: 2, callbacks: [callback.learningRateSchedule(() => 0)] });
    expect(trainer.weights()).toEqual(before);
  });

  it("the best epoch is kept in memory and in a file", async () => {
    trainer.reset();
    const path = join(folder, "best.safetensors");
    const best = callback.checkpoint({ monitor: "loss", path, optimizer: true });
    expect(best.best).toBeUndefined();
    // After two epochs the rate is so high that it only gets worse.
    const schedule = callback.learningRateSchedule((epoch) => (epoch > 2 ? 30 : 0.05));
    await trainer.fit(clouds, { epochs: 4, callbacks: [best, schedule] });
    expect(best.best?.record.epoch).toBe(2);
    await trainer.load(path);
    expect(trainer.epoch).toBe(2);
    // The file has them: they are not held twice.
    expect(best.best?.weights).toBeUndefined();
  });

  it("the best weights come back at the end", async () => {
    trainer.reset();
    const best = callback.checkpoint({ monitor: "loss", restoreBest: true });
    const schedule = callback.learningRateSchedule((epoch) => (epoch > 2 ? 30 : 0.05));
    await trainer.fit(clouds, { epochs: 4, callbacks: [schedule, best] });
    expect(trainer.weights()).toEqual(best.best?.weights);
  });

  it("any callback may stop the training, and all are told", async () => {
    trainer.reset();
    const told: string[] = [];
    const stopAt = (last: number, request: StopRequest): Callback => ({
      onTrainBegin: () => void told.push("begin"),
      onEpochEnd: ({ epoch }: EpochRecord) => (epoch === last ? request : undefined),
      onTrainEnd: ({ epochs }) => void told.push(`end after ${epochs.length}`),
    });
    const first = await trainer.fit(clouds, { epochs: 9, callbacks: [stopAt(2, { stop: "pruned" }), stopAt(2, "stop")] });
    expect([first.stopped, first.epochs.length]).toEqual(["pruned", 2]);
    expect(told).toEqual(["begin", "begin", "end after 2", "end after 2"]);
    const second = await trainer.fit(clouds, { epochs: 9, callbacks: [stopAt(1, "stop")] });
    expect(second.stopped).toBe("a callback asked for it");
  });

  it("a network without a learning rate never learns", async () => {
    trainer.reset();
    trainer.learningRate = 0;
    const constant = { features: clouds.features.map(() => 0), labels: clouds.labels };
    const { stopped, epochs } = await trainer.fit(constant, {
      epochs: 9,
      validation: constant,
      callbacks: [callback.neverLearned({ monitor: "validationAccuracy", epochs: 2 })],
    });
    expect(epochs).toHaveLength(2);
    expect(stopped).toBe("after 2 epochs the validationAccuracy is 0.5000, no better than guessing (0.5000)");
  });
});
