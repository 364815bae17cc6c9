import { ArgminError } from "@argmin/base";
import { hp } from "@argmin/search";
import { describe, expect, expectTypeOf, it } from "vitest";
import { defineExperiment, type Environment, type ObjectiveResult, type OptionValues } from "../src/index.ts";

const environment: Environment<OptionValues> = {
  options: {},
  study: "e",
  graceMs: 1000,
  dataFolder: undefined,
  device: "cpu",
  threads: 2,
  signal: new AbortController().signal,
  log: () => undefined,
};
const work = { seed: 1, number: 4, signal: environment.signal, report: async () => undefined };
const base = { name: "e", summary: "s", metric: "m", direction: "minimize" } as const;
const space = { x: hp.uniform(0, 1) };

/** Evaluates an objective that has one parameter. */
async function evaluate(objective: () => unknown): Promise<unknown> {
  // What a file without type-checking may hand over.
  const unchecked: { objective: () => ObjectiveResult } = Object.assign(Object.create(null), { objective });
  const prepared = await defineExperiment({ ...base, space, ...unchecked }).prepare(environment);
  return prepared.evaluate({ x: 0.5 }, work);
}

describe("defineExperiment", () => {
  it("infers parameters from the space and data from prepare", () => {
    defineExperiment({
      ...base,
      space: {
        rate: hp.float(1e-4, 1, { log: true }),
        optimizer: hp.choice([{ kind: "sgd", momentum: hp.uniform(0, 1) }, { kind: "adam" }]),
        activation: hp.choice(["relu", "tanh"]),
        layers: [hp.int(1, 3), 7],
      },
      prepare: async ({ threads }) => ({ threads, name: "data" }),
      objective: (params, trial) => {
        expectTypeOf(params.rate).toEqualTypeOf<number>();
        expectTypeOf(params.activation).toEqualTypeOf<"relu" | "tanh">();
        expectTypeOf(params.layers).toEqualTypeOf<readonly [number, 7]>();
        expectTypeOf(trial.data).toEqualTypeOf<{ threads: number; name: string }>();
        if (params.optimizer.kind === "sgd") expectTypeOf(params.optimizer.momentum).toEqualTypeOf<number>();
        // @ts-expect-error adam has no momentum
        else expectTypeOf(params.optimizer.momentum);
        return params.rate;
      },
      finish: (best, { data }) => {
        expectTypeOf(best.params.activation).toEqualTypeOf<"relu" | "tanh">();
        return { name: data.name };
      },
    });
    defineExperiment({
      ...base,
      space,
      objective: ({ x }, { data }) => {
        expectTypeOf(data).toEqualTypeOf<undefined>();
        return x;
      },
    });
    // @ts-expect-error an objective returns a number
    defineExperiment({ ...base, space, objective: ({ x }) => String(x) });
  });

  it("fills in what is left out", () => {
    expect(defineExperiment({ ...base, space, objective: () => 1 })).toMatchObject({
      trials: 20,
      seed: 0,
      sampler: { name: "auto", settings: {} },
      options: {},
      points: {},
      has: { cost: false, finish: false, estimate: false, retrain: false },
    });
    const { sampler } = defineExperiment({
      ...base,
      space,
      sampler: { name: "grid", settings: { order: "shuffled" } },
      objective: () => 1,
    });
    expect(sampler).toEqual({ name: "grid", settings: { order: "shuffled" } });
  });

  it.each([
    [{ name: "../up" }, /its name must be lower case/],
    [{ trials: 0 }, /its trials must be a whole number above 0 or "unlimited", not 0/],
    [{ seed: -1 }, /its seed must be a whole number from 0, not -1/],
    [{ seed: 1.5 }, /its seed must be/],
  ])("refuses %j", (wrong, message) => {
    expect(() => defineExperiment({ ...base, space, objective: () => 1, ...wrong })).toThrow(message);
  });
});

describe("a prepared experiment", () => {
  it("gives the objective what it samples, what was prepared and random numbers of its own", async () => {
    const prepared = await defineExperiment({
      ...base,
      space,
      prepare: ({ threads }) => threads * 10,
      objective: ({ x }, { data, number, seed, rng }) => ({
        value: x + data,
        attributes: { number, seed, drawn: rng.float() },
      }),
      finish: ({ params, value }, { rng }) => ({ x: params.x, value, drawn: rng.float() }),
      estimate: ({ trials }) => [{ key: "steps", label: "steps", amount: trials, unit: "count" }],
    }).prepare(environment);
    const first = await prepared.evaluate({ x: 0.5 }, work);
    expect(first).toMatchObject({ value: 20.5, attributes: { number: 4, seed: 1 } });
    expect(await prepared.evaluate({ x: 0.5 }, work)).toEqual(first);
    expect((await prepared.evaluate({ x: 0.5 }, { ...work, number: 5 })).attributes["drawn"]).not.toBe(first.attributes["drawn"]);
    const best = { number: 4, value: 20.5, assignment: { x: 0.5 }, attributes: {} };
    expect(await prepared.finish(best, work)).toMatchObject({ x: 0.5, value: 20.5 });
    expect(await prepared.estimate(7, work)).toEqual([{ key: "steps", label: "steps", amount: 7, unit: "count" }]);
  });

  it("has no last step and no estimate where none is defined", async () => {
    const prepared = await defineExperiment({ ...base, space, objective: () => 1 }).prepare(environment);
    expect(await prepared.finish({ number: 0, value: 1, assignment: { x: 0 }, attributes: {} }, work)).toBeUndefined();
    expect(await prepared.estimate(1, work)).toBeUndefined();
  });

  it("accepts numbers only, alone or with attributes", async () => {
    expect(await evaluate(() => 2)).toEqual({ value: 2, attributes: {} });
    expect(await evaluate(async () => ({ value: 2, attributes: { a: 1 } }))).toEqual({ value: 2, attributes: { a: 1 } });
  });

  it.each([
    [() => "0.5", "objective/failed", /returned the text "0\.5"; it must return a number/],
    [() => undefined, "objective/failed", /returned nothing/],
    [() => ({ loss: 1 }), "objective/failed", /returned nothing/],
    [() => [1], "objective/failed", /returned an object without a number/],
    [() => Number.NaN, "trial/not-finite", /returned NaN/],
    [() => ({ value: Number.POSITIVE_INFINITY }), "trial/not-finite", /returned Infinity/],
  ])("refuses %s", async (objective, code, message) => {
    const error: unknown = await evaluate(objective).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ArgminError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
