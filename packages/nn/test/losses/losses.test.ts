import { describe, expect, it } from "vitest";
import { createSession, GraphBuilder, gradientsOf, type LossName } from "@argmin/nn";
import { activate } from "../../src/layers/activations.ts";
import { lossForm } from "../../src/losses/losses.ts";
import { countRight } from "../../src/metrics/accuracy.ts";
import { expectClose, readFixture, type LossCase } from "../fixtures.ts";

/** Value and gradient to what goes into the activation. */
async function runLoss({
  loss,
  activation,
  preActivation,
  target,
}: LossCase): Promise<{ value: number; gradient: Float32Array }> {
  const form = lossForm(loss, activation);
  const builder = new GraphBuilder(loss);
  const z = builder.input("z", "float32", preActivation.shape);
  const t = builder.input("t", "float32", target.shape);
  const prediction = form.from === "output" ? activate(builder, activation, z) : builder.op.Identity(z);
  const [gradient] = gradientsOf(builder, prediction, [z], form.gradient(builder, prediction, t));
  builder.output("prediction", prediction);
  builder.output("gradient", gradient!);
  const session = await createSession(builder.build());
  const targets = Float32Array.from(target.data);
  const results = await session.run({ z: Float32Array.from(preActivation.data), t: targets });
  await session.dispose();
  const [rows = 0, units = 0] = preActivation.shape;
  const { prediction: predictions, gradient: gradients } = results;
  if (!(predictions instanceof Float32Array && gradients instanceof Float32Array)) throw new Error("expected float32");
  return { value: form.sum(predictions, targets, rows, units) / rows, gradient: gradients };
}

describe("losses are Keras's, with their gradients", () => {
  for (const test of readFixture("losses.json").cases) {
    it(`${test.loss} after ${test.activation}, of numbers up to ${Math.max(...test.preActivation.data).toFixed(0)}`, async () => {
      const { value, gradient } = await runLoss(test);
      // Float32 probabilities next to 0 and 1 are what limits the clipped forms.
      expectClose([value], [test.value], "value");
      expectClose(gradient, test.gradient.data, "gradient", 1e-4, 1e-3);
    });
  }

  it("stay finite where softmax and sigmoid saturate", () => {
    const logits = Float32Array.of(1000, -1000, -1000, 1000);
    const targets = Float32Array.of(0, 1, 0, 1);
    expect(lossForm("categoricalCrossentropy", "softmax").sum(logits, targets, 2, 2)).toBe(2000);
    expect(lossForm("binaryCrossentropy", "sigmoid").sum(logits, targets, 4, 1)).toBe(2000);
  });

  it("are NaN where a prediction is", () => {
    for (const [loss, activation] of [
      ["categoricalCrossentropy", "softmax"],
      ["categoricalCrossentropy", "sigmoid"],
      ["binaryCrossentropy", "sigmoid"],
      ["binaryCrossentropy", "linear"],
      ["meanSquaredError", "linear"],
    ] as const) {
      expect(lossForm(loss, activation).sum(Float32Array.of(NaN, 1), Float32Array.of(1, 0), 1, 2), loss).toBeNaN();
    }
  });

  it("that do not exist are named with those that do", () => {
    const { loss }: { loss: LossName } = JSON.parse('{"loss":"hinge"}');
    expect(() => lossForm(loss, "linear")).toThrow(
      'There is no loss "hinge"; choose one of categoricalCrossentropy, binaryCrossentropy, meanSquaredError.',
    );
  });
});

describe("accuracy", () => {
  it("counts rows whose largest unit is the target's, the first of equals winning", () => {
    const predictions = Float32Array.of(0.1, 0.9, 0.5, 0.5, 0.7, 0.3);
    const targets = Float32Array.of(0, 1, 1, 0, 0, 1);
    expect(countRight(predictions, targets, 3, 2, undefined)).toBe(2);
  });

  it("counts each unit with a threshold", () => {
    expect(countRight(Float32Array.of(0.6, 0.4, 0.5, 0.9), Float32Array.of(1, 1, 0, 0), 4, 1, 0.5)).toBe(2);
    expect(countRight(Float32Array.of(2, -1, 0, 3), Float32Array.of(1, 0, 0, 0), 2, 2, 0)).toBe(1.5);
  });
});
