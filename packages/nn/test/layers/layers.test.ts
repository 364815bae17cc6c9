import { describe, expect, it } from "vitest";
import { createSession, GraphBuilder, gradientsOf, sequential, type TensorData } from "@argmin/nn";
import { activate } from "../../src/layers/activations.ts";
import { emitForward } from "../../src/layers/forward.ts";
import { expectClose, layerOf, readFixture, type LayerCase } from "../fixtures.ts";

/** Output, and gradients to the input and the weights, of one layer on one batch. */
async function runLayer(test: LayerCase): Promise<Readonly<Record<string, TensorData>>> {
  const model = sequential({ input: test.input.shape.slice(1) }, [layerOf(test)]);
  const builder = new GraphBuilder(test.name);
  const input = builder.input("x", "float32", test.input.shape);
  const weights = new Map(model.weights.map(({ key, name, shape }) => [name, builder.input(`weight/${key}`, "float32", shape)]));
  const { heads } = emitForward(model, { builder, input, weight: (name) => weights.get(name)! });
  const output = activate(builder, heads[0]!.activation, heads[0]!.preActivation);
  const targets = [input, ...weights.values()];
  const gradients = gradientsOf(builder, output, targets, builder.input("dy", "float32", test.outputGradient.shape));
  builder.output("y", output);
  targets.forEach(({ name }, i) => builder.output(`gradient/${name}`, gradients[i]!));
  const session = await createSession(builder.build());
  try {
    return await session.run({
      x: Float32Array.from(test.input.data),
      dy: Float32Array.from(test.outputGradient.data),
      ...Object.fromEntries(Object.entries(test.weights).map(([key, { data }]) => [`weight/${key}`, Float32Array.from(data)])),
    });
  } finally {
    await session.dispose();
  }
}

function numbers(data: TensorData | undefined): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new Error("expected float32");
}

describe("layers compute what PyTorch computes", () => {
  for (const test of [...readFixture("layers.json").cases, ...readFixture("pools.json").cases]) {
    it(test.name, async () => {
      const results = await runLayer(test);
      expectClose(numbers(results["y"]), test.output.data, "output");
      expectClose(numbers(results["gradient/x"]), test.inputGradient.data, "input gradient");
      for (const [key, { data }] of Object.entries(test.weightGradients)) {
        expectClose(numbers(results[`gradient/weight/${key}`]), data, `${key} gradient`);
      }
    });

    it(`${test.name}: shapes are known before anything runs`, () => {
      const model = sequential({ input: test.input.shape.slice(1) }, [layerOf(test)]);
      expect(model.outputs[0]!.shape).toEqual(test.output.shape.slice(1));
      expect(Object.fromEntries(model.weights.map(({ key, shape }) => [key, shape]))).toEqual(
        Object.fromEntries(Object.entries(test.weights).map(([key, { shape }]) => [key, shape])),
      );
    });
  }
});
