import { Rng } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { GraphBuilder, gradientsOf, layer, regularizer, sequential } from "@argmin/nn";
import { interpret } from "../../src/interpreter/interpret.ts";
import { bucketsOf } from "../../src/training/buckets.ts";
import { emitPenalty, penaltyOf } from "../../src/training/penalty.ts";
import { compare } from "../check-op.ts";
import { withTrainer } from "./networks.ts";

const model = sequential({ input: [3] }, [
  layer.dense({ units: 4, kernelRegularizer: regularizer.l1l2({ l1: 0.5, l2: 0.25 }) }),
  layer.dense({ units: 2, kernelRegularizer: regularizer.l2(0.125), biasRegularizer: regularizer.l1(2) }),
]);

describe("regularizers", () => {
  for (const packedSize of [Infinity, 8, 0]) {
    it(`have the gradient of their value, weights up to ${packedSize} numbers packed`, () => {
      const rng = Rng.fromSeed("penalty");
      for (const bucket of bucketsOf(model, packedSize)) {
        const builder = new GraphBuilder("penalty");
        const tensor = builder.input("w", "float32", bucket.shape);
        const penalty = emitPenalty(builder, bucket, tensor);
        const isFree = bucket.weights.every((weight) => weight.regularizer === undefined);
        expect(penalty === undefined).toBe(isFree);
        if (penalty === undefined) continue;
        builder.output("value", penalty.value);
        builder.output("gradient", penalty.gradient);
        const graph = builder.build();
        const w = Float64Array.from({ length: bucket.size }, () => rng.uniform(0.1, 1) * (rng.float() < 0.5 ? -1 : 1));
        const valueAt = (i: number, step: number): number => interpret(graph, { w: w.with(i, w[i]! + step) })["value"]![0]!;
        const differences = w.map((_, i) => (valueAt(i, 1e-5) - valueAt(i, -1e-5)) / 2e-5);
        compare("gradient", interpret(graph, { w })["gradient"]!, differences, 1e-8, 1e-8);
        const starts = bucket.weights.map((_, i) => bucket.weights.slice(0, i).reduce((sum, { size }) => sum + size, 0));
        const onHost = penaltyOf({ ...model, weights: bucket.weights }, (name) => {
          const i = bucket.weights.findIndex((weight) => weight.name === name);
          return Float32Array.from(w.subarray(starts[i], starts[i]! + bucket.weights[i]!.size));
        });
        expect(onHost).toBeCloseTo(interpret(graph, { w })["value"]![0]!, 5);
        // Gradients can be taken of the value itself too.
        expect(gradientsOf(builder, penalty.value, [tensor])).toHaveLength(1);
      }
    });
  }

  it("are part of the loss that is reported, in training and evaluation, and pull weights to zero", async () => {
    const options = { loss: "meanSquaredError", optimizer: "sgd", metrics: [] } as const;
    const features = new Float32Array(3 * 8);
    await withTrainer(model, options, async (trainer) => {
      const penalty = (): number => penaltyOf(model, (name) => trainer.weights().get(name)!);
      const before = penalty();
      const { epochs } = await trainer.fit({ features, labels: new Float32Array(16) }, { epochs: 1, batchSize: 8 });
      expect(epochs[0]!.metrics.loss).toBeCloseTo(before, 5);
      expect(penalty()).toBeLessThan(before);
      expect((await trainer.evaluate({ features, labels: new Float32Array(16) })).loss).toBeGreaterThanOrEqual(penalty());
    });
  });
});
