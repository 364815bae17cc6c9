import { Rng } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { optimizer } from "@argmin/nn";
import { bindRule } from "../../src/optimizers/rules.ts";
import { Engine } from "../../src/training/engine.ts";
import { bucketsOf, type Bucket } from "../../src/training/buckets.ts";
import { trainedOutputs } from "../../src/training/outputs.ts";
import { expectClose } from "../fixtures.ts";
import { smallNetwork } from "./networks.ts";

const model = smallNetwork({ dropout: 0 });

/** The weights after three steps with the state laid out in these buckets. */
async function threeSteps(buckets: readonly Bucket[]): Promise<readonly Float32Array[]> {
  const rule = bindRule(optimizer.adam());
  const engine = new Engine(
    { model, outputs: trainedOutputs(model, "categoricalCrossentropy", undefined), rule, buckets },
    { device: "cpu", threads: 1 },
  );
  engine.state.reset(model, Rng.fromSeed(1));
  const step = await engine.trainStep(4, "float32");
  step.input.forEach((_, i) => (step.input[i] = Math.sin(i)));
  step.targets[0]!.forEach((_, i) => (step.targets[0]![i] = (i >> 1) % 2 === i % 2 ? 1 : 0));
  for (const t of [1, 2, 3]) {
    rule.writeScalars(step.scalars, 0.01, t);
    await step.run();
  }
  const weights = model.weights.map(({ name }) => engine.state.view(name).slice());
  await engine.dispose();
  return weights;
}

describe("the layout of the training state", () => {
  it("packs small weights and leaves large ones alone", () => {
    const names = (packedSize: number): readonly (readonly string[])[] =>
      bucketsOf(model, packedSize).map(({ weights }) => weights.map(({ name }) => name));
    const all = model.weights.map(({ name }) => name);
    expect(names(Infinity)).toEqual([all]);
    expect(names(500)).toEqual([all.filter((name) => name !== "dense.kernel"), ["dense.kernel"]]);
    expect(names(0)).toEqual(all.map((name) => [name]));
    // One small weight has nothing to be packed with.
    expect(names(2)).toEqual(all.map((name) => [name]));
  });

  it("does not change what is learned", async () => {
    const packed = await threeSteps(bucketsOf(model, Infinity));
    for (const packedSize of [500, 0]) {
      const other = await threeSteps(bucketsOf(model, packedSize));
      packed.forEach((values, i) => expectClose(other[i]!, values, model.weights[i]!.name, 1e-5));
    }
  });
});
