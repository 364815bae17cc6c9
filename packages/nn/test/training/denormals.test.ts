import { expect, it } from "vitest";
import { createSession, layer, optimizer, sequential } from "@argmin/nn";
import { bindRule } from "../../src/optimizers/rules.ts";
import { bucketsOf } from "../../src/training/buckets.ts";
import { names, trainGraph, WEIGHTS } from "../../src/training/graphs.ts";
import { trainedOutputs } from "../../src/training/outputs.ts";

const SMALLEST_NORMAL = 2 ** -126;

it("keeps what optimizers remember of long-dead weights out of the denormal numbers", async () => {
  const model = sequential({ input: [3] }, [layer.dense({ units: 1, useBias: false })]);
  const rule = bindRule(optimizer.adam());
  const buckets = bucketsOf(model);
  const outputs = trainedOutputs(model, "meanSquaredError", undefined);
  const graph = trainGraph({ model, outputs, rule, buckets }, 1, "float32");
  const session = await createSession(graph);
  const bucket = buckets[0]!;
  const slots = [WEIGHTS, ...rule.slots];
  // Images of zeros: no gradient reaches the weights, and momentum decays from a small remainder.
  const sides = [0, 1].map(() => slots.map(() => new Float32Array(3).fill(1e-30)));
  const scalars = new Float32Array(rule.scalarCount);
  rule.writeScalars(scalars, 0.001, 1000);
  const runs = [0, 1].map((side) =>
    session.bind(
      {
        [names.input]: new Float32Array(3),
        [names.target(outputs[0]!)]: Float32Array.of(1),
        [names.scalars]: scalars,
        ...Object.fromEntries(slots.map((slot, i) => [names.state(bucket, slot), sides[side]![i]!])),
      },
      Object.fromEntries(slots.map((slot, i) => [names.nextState(bucket, slot), sides[1 - side]![i]!])),
    ),
  );
  for (let step = 0; step < 300; step++) await runs[step % 2]!();
  await session.dispose();
  for (const kept of sides[0]!.slice(1)) for (const value of kept) expect(Math.abs(value)).toBeGreaterThan(SMALLEST_NORMAL);
});
