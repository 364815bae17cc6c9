import { compileSpace, type Space } from "@argmin/search";
import { describe, expect, expectTypeOf, it } from "vitest";
import { mnist2v7 } from "../../../src/experiments/mnist-2v7.ts";
import { createNetwork } from "../../../src/experiments/mnist-2v7/network.ts";
import { space, values, type Settings } from "../../../src/experiments/mnist-2v7/space.ts";
import { goodSettings } from "./few-digits.ts";

describe("the space", () => {
  it("has 8 parameters and 43,200 combinations", () => {
    const compiled = compileSpace(space);
    expect(compiled.size()).toBe(43_200n);
    expect(compiled.parameters.map(({ label, domain }) => [label, domain.kind === "categories" ? domain.count : 0])).toEqual([
      ["batch_size", 5],
      ["optimizer", 4],
      ["learning_rate", 4],
      ["epochs", 3],
      ["activator", 5],
      ["dropout_rate1", 3],
      ["dropout_rate2", 4],
      ["neurons", 3],
    ]);
    expect(Object.keys(values)).toEqual(compiled.parameters.map(({ label }) => label));
  });

  it("keeps the values' types for the network", () => {
    expectTypeOf<Settings["activator"]>().toEqualTypeOf<"softmax" | "relu" | "tanh" | "sigmoid" | "linear">();
    expectTypeOf<Settings["batch_size"]>().toEqualTypeOf<8 | 16 | 32 | 64 | 128>();
    expectTypeOf<Space<Settings>>().toEqualTypeOf(compileSpace(space));
  });
});

describe("the experiment", () => {
  it("is the search of 20 candidates by validation accuracy", () => {
    expect(mnist2v7).toMatchObject({
      name: "mnist-2v7",
      direction: "maximize",
      trials: 20,
      sampler: { name: "random" },
      has: { finish: true, estimate: true },
    });
  });

  it("has the network's 9,578 weights at 8 neurons, and builds for every activator", () => {
    expect(createNetwork({ ...goodSettings, neurons: 8 }).weightCount).toBe(40 + 296 + (1152 * 8 + 8) + (8 * 2 + 2));
    for (const activator of values.activator) {
      expect(createNetwork({ ...goodSettings, activator }).outputs).toMatchObject([{ shape: [2] }]);
    }
  });
});
