import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeSafetensors, type Trainer } from "@argmin/nn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fineAndCoarseNetwork } from "../../../src/experiments/vooban-cifar100/network.ts";
import { compileFineAndCoarse } from "../../../src/experiments/vooban-cifar100/training.ts";
import { makeFolder, removeFolder } from "../../command.ts";
import { firstValues, readTwin, rootMeanSquare, summarize, twinImages, twinLabels, type Summary, type TwinCase } from "./twin.ts";

/**
 * Of a tensor's root mean square. Changes of weights are held to this share of the weights, and to ten times it of the changes
 * themselves.
 */
const TOLERANCE = 1e-3;

const optimizers = ["Adam", "Nadam", "RMSprop"] as const;
const heads = { classes: 100, coarseClasses: 20 } as const;
const { seed, cases } = readTwin();

/** Holds the networks of those cases that are picked to their twins. */
export function describeTwins(picked: (twin: TwinCase) => boolean): void {
  let folder: string;
  beforeAll(async () => {
    folder = await makeFolder();
  });
  afterAll(async () => removeFolder(folder));

  describe.each(cases.filter(picked))("a twin in PyTorch agrees: $name", (twin) => {
    it("on the weights, and on where something is dropped", () => expectStructure(twin));
    it.each(optimizers)("on three steps of %s", (optimizer) =>
      expectSteps(twin, optimizer, join(folder, "first-step.safetensors")),
    );
  });
}

function expectStructure(twin: TwinCase): void {
  const rates = { conv_dropout_drop_proba: 0.25, fc_dropout_drop_proba: 0.5 };
  const { weights, calls } = fineAndCoarseNetwork({ ...twin.settings, ...rates }, { ...heads, heads: twin.heads });
  expect(weights.map(({ name }) => name).toSorted()).toEqual(Object.keys(twin.weights).toSorted());
  const dropping = (rate: number): readonly string[] =>
    calls.flatMap(({ name, plan }) => (plan.dropoutRate === rate ? [name] : [])).toSorted();
  expect(dropping(0.25)).toEqual(twin.dropouts.conv_dropout_drop_proba.toSorted());
  expect(dropping(0.5)).toEqual(twin.dropouts.fc_dropout_drop_proba.toSorted());
}

async function expectSteps(twin: TwinCase, optimizer: (typeof optimizers)[number], checkpoint: string): Promise<void> {
  const { settings, batch, weights } = twin;
  const machine = { device: "cpu", threads: 1, seed } as const;
  const trainer = compileFineAndCoarse({ ...settings, optimizer }, { ...heads, heads: twin.heads }, machine);
  try {
    const start = new Map(trainer.model.weights.map(({ name, shape }) => [name, firstValues(twin.salt, name, shape)]));
    trainer.setWeights(start);
    // What the optimizers have in common is looked at once.
    if (optimizer === "Adam") await expectOutputs(trainer, twin);

    const onStepEnd = async ({ step }: { readonly step: number }): Promise<void> => {
      if (optimizer === "Adam" && step === 1) await trainer.save(checkpoint, { optimizer: true });
    };
    const labels = { fine: twinLabels("fine", batch, 100), coarse: twinLabels("coarse", batch, 20) };
    const { epochs } = await trainer.fit(
      { images: twinImages(batch), labels },
      { epochs: 3, batchSize: batch, shuffle: false, callbacks: [{ onStepEnd }] },
    );

    if (optimizer === "Adam") await expectGradients(checkpoint, twin);
    const losses = epochs.flatMap(({ metrics }) => [metrics.loss, metrics["fineLoss"]!, metrics["coarseLoss"]!]);
    expectNear(losses, twin.losses[optimizer].flat(), "losses");
    for (const [name, values] of trainer.weights()) {
      const before = start.get(name)!;
      const change = values.map((value, i) => value - before[i]!);
      const known = weights[name]![optimizer];
      const what = `the change of ${name}`;
      // Of a gradient that cancels, what rounding leaves is a larger share; and such biases, which it moves, shift statistics.
      const factor = (weights[name]!.gradient?.[0] ?? 0) < cancelledGradient(twin) ? 3 : 1;
      const tolerance = factor * TOLERANCE * Math.min(10, rootMeanSquare(values) / known[0]);
      if (known[0] === 0) expect(rootMeanSquare(change), what).toBeLessThan(0.005 * settings.lr_rate_mult);
      else expectSummary(change, known, what, { tolerance, projections: 2 });
    }
  } finally {
    await trainer.dispose();
  }
}

async function expectOutputs(trainer: Trainer<"fine" | "coarse">, { outputs }: TwinCase): Promise<void> {
  const predicted = await trainer.predict({ images: twinImages(2) });
  for (const head of ["fine", "coarse"] as const) expectNear([...predicted[head]], outputs[head], head);
}

/** Adam's momentum after its first step is the gradient: checkpoints have it in units of 1 - beta1. */
async function expectGradients(checkpoint: string, twin: TwinCase): Promise<void> {
  const { weights } = twin;
  const { tensors } = decodeSafetensors(await readFile(checkpoint), checkpoint);
  const known = Object.entries(weights).flatMap(([name, { gradient }]) => (gradient === undefined ? [] : [{ name, gradient }]));
  const floor = cancelledGradient(twin);
  for (const { name, gradient } of known) {
    const { data } = tensors.get(`optimizer/momentum/${name}`)!;
    const what = `the gradient of ${name}`;
    const tolerance = TOLERANCE * Math.max(1, floor / gradient[0]);
    if (gradient[0] === 0) expect(rootMeanSquare(data), what).toBeLessThan(floor / 100);
    else expectSummary(data, gradient, what, { tolerance, projections: 3 });
  }
}

/** Gradients below this, of biases and scales under another normalization, cancel; errors are held to what is usual, not to them. */
function cancelledGradient({ weights }: TwinCase): number {
  const sizes = Object.values(weights).flatMap(({ gradient }) => gradient?.[0] ?? []);
  return sizes.toSorted((a, b) => a - b)[Math.floor(sizes.length / 2)]! / 100;
}

function expectSummary(
  values: Float32Array,
  known: Summary,
  what: string,
  { tolerance, projections }: { readonly tolerance: number; readonly projections: number },
): void {
  const wanted = [1, ...known.slice(1)];
  summarize(values, known, projections).forEach((share, i) => {
    // What rounding leads astray is known by its size.
    const allowed = known.length === 1 ? 0.1 : tolerance;
    if (!(Math.abs(share - wanted[i]!) <= allowed))
      expect.fail(`${what}, share ${i}: ${share} is not within ${allowed} of ${wanted[i]}`);
  });
}

function expectNear(actual: readonly number[], wanted: readonly number[], what: string): void {
  expect(actual.length, what).toBe(wanted.length);
  const allowed = TOLERANCE * rootMeanSquare(Float32Array.from(wanted));
  wanted.forEach((value, i) => {
    if (!(Math.abs(actual[i]! - value) <= allowed))
      expect.fail(`${what}[${i}]: ${actual[i]} is not within ${allowed} of ${value}`);
  });
}
