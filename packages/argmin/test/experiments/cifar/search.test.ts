import { compileModel, layer, optimizer, schedule, sequential, type Weights } from "@argmin/nn";
import { Paused, Pruned } from "@argmin/search";
import { augment } from "@argmin/vision";
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { ReportedMetrics, ResumedTrial } from "../../../src/experiment.ts";
import { createLearner } from "../../../src/experiments/cifar/learner.ts";
import { trainCandidate } from "../../../src/experiments/cifar/search.ts";
import { it } from "../../folder-fixture.ts";
import { fewImages } from "./few-images.ts";

const images = fewImages(40, 4);
const split = {
  training: Uint32Array.from({ length: 30 }, (_, i) => i + 10),
  validation: Uint32Array.from({ length: 10 }, (_, i) => i),
};
const epochs = 6;

interface Stretch {
  readonly folder?: string;
  readonly resumed?: ResumedTrial;
  /** What is said to the report of an epoch. */
  readonly verdicts?: ReadonlyMap<number, Pruned>;
}

interface Trained {
  readonly value: number | undefined;
  readonly stop: unknown;
  /** What was said of each epoch, its speed apart. */
  readonly reports: readonly (readonly [epoch: number, metrics: ReportedMetrics])[];
  readonly weights: Weights | undefined;
  readonly lines: readonly string[];
}

/** A stretch of the training of a network with dropout, momentum and a rate that follows a course. */
async function train({ folder, resumed, verdicts = new Map() }: Stretch): Promise<Trained> {
  const network = sequential({ input: [3, 32, 32] }, [
    layer.averagePooling2d({ poolSize: 8 }),
    layer.flatten(),
    layer.dropout(0.2),
    layer.dense({ units: 4, activation: "softmax" }),
  ]);
  const trainer = compileModel(network, { loss: "categoricalCrossentropy", optimizer: optimizer.nadam(), seed: 3 });
  const learner = createLearner(
    trainer,
    ({ labels }) => labels,
    (classes) => classes,
  );
  const [reports, lines]: [[number, ReportedMetrics][], string[]] = [[], []];
  let weights: Weights | undefined;
  const plan = {
    learner,
    images,
    split,
    metric: "validationAccuracy",
    options: { epochs, batchSize: 8, augmentation: augment.flip(), learningRate: schedule.oneCycle() },
    callbacks: [{ onTrainEnd: () => void (weights = trainer.weights()) }],
  } as const;
  const report = async (epoch: number, { imagesPerSecond, ...metrics }: ReportedMetrics): Promise<void> => {
    expect(imagesPerSecond).toBeGreaterThan(0);
    reports.push([epoch, metrics]);
    const stop = verdicts.get(epoch);
    if (stop !== undefined) throw stop;
  };
  const log = (line: string): void => void lines.push(line);
  const signal = new AbortController().signal;
  try {
    const { value } = await trainCandidate(plan, { report, log, signal, checkpointFolder: folder, resumed });
    return { value, stop: undefined, reports, weights, lines };
  } catch (stop) {
    return { value: undefined, stop, reports, weights, lines };
  }
}

const pauseAt = (epoch: number): ReadonlyMap<number, Pruned> => new Map([[epoch, new Paused("place 2 of 2")]]);
const from = (step: number): ResumedTrial => ({ step, reports: [] });

describe("the training of a candidate that is paused", () => {
  it("comes to the same weights and metrics, to the bit, as one that never was", async ({ folder }) => {
    const whole = await train({});
    expect(whole.reports.map(([epoch]) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    const first = await train({ folder, verdicts: pauseAt(1) });
    expect(first.stop).toBeInstanceOf(Paused);
    const second = await train({ folder, resumed: from(1), verdicts: pauseAt(3) });
    const third = await train({ folder, resumed: from(3) });
    expect([...first.reports, ...second.reports, ...third.reports]).toEqual(whole.reports);
    expect([third.value, third.weights]).toEqual([whole.value, whole.weights]);
    expect(third.weights?.size).toBeGreaterThan(0);
    // It is the best of all epochs, those before the pauses included.
    expect(whole.value).toBe(Math.max(...whole.reports.map(([, metrics]) => metrics["validationAccuracy"] ?? 0)));
  });

  it("goes on from the same pause again when it loses its process after that", async ({ folder }) => {
    const whole = await train({});
    await train({ folder, verdicts: pauseAt(2) });
    const lost = await train({ folder, resumed: from(2), verdicts: new Map([[4, new Pruned("as if killed")]]) });
    expect(lost.reports.map(([epoch]) => epoch)).toEqual([3, 4]);
    const again = await train({ folder, resumed: from(2) });
    expect(again.reports).toEqual(whole.reports.slice(2));
    expect([again.value, again.weights]).toEqual([whole.value, whole.weights]);
  });

  it("says its last epoch again where the answer to it was lost with its process", async ({ folder }) => {
    await train({ folder, verdicts: pauseAt(1) });
    await train({ folder, resumed: from(1), verdicts: pauseAt(3) });
    const again = await train({ folder, resumed: from(1), verdicts: pauseAt(3) });
    expect(again.reports.map(([epoch]) => epoch)).toEqual([3]);
    expect(again.stop).toBeInstanceOf(Paused);
    expect((await train({ folder, resumed: from(3) })).reports.map(([epoch]) => epoch)).toEqual([4, 5, 6]);
  });

  it("leaves nothing where it is stopped for good, and begins anew where its checkpoint is gone", async ({ folder }) => {
    const stopped = await train({ folder, verdicts: new Map([[2, new Pruned("poor")]]) });
    expect(stopped.stop).toBeInstanceOf(Pruned);
    expect(await readdir(folder)).toEqual([]);
    await train({ folder, verdicts: pauseAt(2) });
    expect(existsSync(join(folder, "training.safetensors"))).toBe(true);
    await rm(join(folder, "training.safetensors"));
    const anew = await train({ folder, resumed: from(2) });
    expect(anew.lines).toEqual(["The checkpoint of epoch 2 is not there, so the training begins anew."]);
    const whole = await train({});
    expect([anew.reports, anew.weights]).toEqual([whole.reports, whole.weights]);
  });
});
