import { readFileSync } from "node:fs";
import { canonicalJson, type JsonObject, type JsonValue } from "@argmin/base";
import { createSampler, openGrid, quantile, samplerNames, type Space } from "@argmin/search";
import { describe, expect, expectTypeOf, it } from "vitest";
import { readSweepFile, type SweepFile } from "../../src/sweep-file/read.ts";

interface Golden {
  readonly units: readonly number[];
  readonly draws: readonly { readonly parameter: JsonObject; readonly values: readonly JsonValue[] }[];
  readonly grids: readonly { readonly parameters: JsonObject; readonly runs: readonly JsonValue[] }[];
}

const golden: Golden = JSON.parse(readFileSync(new URL("golden.json", import.meta.url), "utf8"));

const lr = "parameters: {lr: {min: 0.001, max: 0.1}}\n";

function sweepOf(text: string): SweepFile {
  return readSweepFile(text, "sweep.yaml");
}

/** A parameter as the `sweeps` package was asked about it. */
function spaceOf(method: string, parameters: JsonObject): Space<JsonValue> {
  return readSweepFile(JSON.stringify({ method, parameters }), "sweep.json").space;
}

describe("the distributions of a sweep", () => {
  it.each(golden.draws)("$parameter has W&B's quantiles", ({ parameter, values }) => {
    const space = spaceOf("random", { x: parameter });
    const ours = golden.units.map((unit) => memberOf(space.decode({ x: quantile(space.parameters[0]!.domain, unit) }), "x"));
    for (const [i, value] of values.entries()) {
      const own = ours[i];
      if (typeof value === "number" && typeof own === "number")
        expect(Math.abs(own - value), String(golden.units[i])).toBeLessThanOrEqual(1e-9 * Math.abs(value));
      else expect(own).toEqual(value);
    }
  });

  it("are written down with their defaults, and never read as another one again", () => {
    const { document } = sweepOf(
      "method: random\nparameters: {a: {min: 1.0, max: 5}, b: {distribution: q_beta}, c: {values: [1]}}\n",
    );
    expect(document["parameters"]).toEqual({
      a: { distribution: "uniform", min: 1, max: 5 },
      b: { distribution: "q_beta", a: 1, b: 1, q: 1 },
      c: { distribution: "categorical", values: [1] },
    });
  });
});

describe("a grid", () => {
  it.each(golden.grids)("$parameters is walked as W&B walks it", ({ parameters, runs }) => {
    const space = spaceOf("grid", parameters);
    const grid = openGrid(space, { order: "natural", seed: 0, points: null });
    const ours = Array.from({ length: Number(grid.size) }, (_, i) => space.decode(grid.at(BigInt(i))));
    expect(ours.map((run) => canonicalJson(run))).toEqual(runs.map((run) => canonicalJson(run)));
  });
});

describe("a sweep", () => {
  it("can be proposed to by every sampler that knows such spaces", () => {
    const { space } = sweepOf(
      "method: random\nparameters: {a: {min: 1, max: 5}, b: {distribution: q_uniform, min: 1, max: 9, q: 2}}\n",
    );
    for (const name of samplerNames) expect(createSampler(name).name).toBe(name);
    expect(space.parameters.map(({ label }) => label)).toEqual(["a", "b"]);
  });

  it("nests parameters in its samples and joins their names in its labels", () => {
    const { space } = sweepOf(
      "method: random\nparameters: {a.b: {min: 1, max: 2}, a: {parameters: {b: {min: 3, max: 4}, c: {parameters: {d: {value: x}, e: {min: 5, max: 6}}}}}}\n",
    );
    expect(space.parameters.map(({ label }) => label)).toEqual(["a.b", "a/b", "a.c.e"]);
    expect(space.decode({ "a.b": 1, "a/b": 3, "a.c.e": 6 })).toEqual({ "a.b": 1, a: { b: 3, c: { d: "x", e: 6 } } });
  });

  it("says what is optimized", () => {
    expect(sweepOf(`method: bayes\nmetric: {name: loss}\n${lr}`).metric).toEqual({
      name: "loss",
      direction: "minimize",
      target: undefined,
      impute: "worst",
      imputeWhileRunning: false,
    });
    const full = "metric: {name: acc, goal: maximize, target: 0.9, impute: best, impute_while_running: latest}";
    expect(sweepOf(`method: bayes\n${full}\n${lr}`).metric).toEqual({
      name: "acc",
      direction: "maximize",
      target: 0.9,
      impute: "best",
      imputeWhileRunning: "latest",
    });
    expectTypeOf<SweepFile["metric"]>().toExtend<{ readonly name: string } | undefined>();
  });

  it("stops runs by W&B's hyperband, with its defaults", () => {
    const stops = (block: string): unknown =>
      sweepOf(`method: random\nmetric: {name: loss}\nearly_terminate: ${block}\n${lr}`).pruner;
    expect(stops("{type: hyperband, min_iter: 3}")).toEqual({
      name: "wandb-hyperband",
      settings: { eta: 3, strict: true, min_iter: 3 },
    });
    expect(stops("{type: hyperband, max_iter: 27, s: 2, eta: 2, strict: no}")).toEqual({
      name: "wandb-hyperband",
      settings: { eta: 2, strict: false, max_iter: 27, s: 2 },
    });
    expect(sweepOf(`method: random\n${lr}`).pruner).toEqual({ name: "none", settings: {} });
  });

  it("takes what argmin adds in the units of the command line", () => {
    const { settings, sampler, pruner } = sweepOf(
      `method: random\n${lr}argmin: {sampler: tpe, pruner: {name: median, settings: {startupTrials: 2}}, timeout: 1h30m, memory-limit: 2G, workers: 3, storage: a.db}\n`,
    );
    expect(settings).toMatchObject({ timeout: 5_400_000, "memory-limit": 2 ** 31, workers: 3, storage: "a.db" });
    expect(sampler).toEqual({ name: "tpe", settings: {} });
    expect(pruner).toEqual({ name: "median", settings: { startupTrials: 2 } });
  });
});

describe("the command of a sweep", () => {
  it("is W&B's where there is a program alone, and nothing where there is none", () => {
    expect(sweepOf(`method: random\nprogram: train.py\n${lr}`).objective).toEqual({
      kind: "command",
      program: "train.py",
      words: ["env", "interpreter", "program", "args"].map((macro) => ({ kind: "macro", macro })),
    });
    expect(sweepOf(`method: random\n${lr}`).objective).toBeUndefined();
    expect(sweepOf(`method: random\n${lr}argmin: {experiment: mine.ts}\n`).objective).toEqual({
      kind: "experiment",
      reference: "mine.ts",
    });
  });

  it("has macros, and variables of the environment inside of words", () => {
    const { objective } = sweepOf(
      `method: random\ncommand: [./train, "--out=\${envvar:HOME}/runs", 4, true, "\${args_json}"]\n${lr}`,
    );
    expect(objective).toEqual({
      kind: "command",
      program: undefined,
      words: [
        { kind: "argument", pieces: [{ kind: "text", text: "./train" }] },
        {
          kind: "argument",
          pieces: [
            { kind: "text", text: "--out=" },
            { kind: "variable", name: "HOME" },
            { kind: "text", text: "/runs" },
          ],
        },
        { kind: "argument", pieces: [{ kind: "text", text: "4" }] },
        { kind: "argument", pieces: [{ kind: "text", text: "True" }] },
        { kind: "macro", macro: "args_json" },
      ],
    });
  });
});

function memberOf(sample: JsonValue, name: string): JsonValue | undefined {
  return typeof sample === "object" && sample !== null && !Array.isArray(sample)
    ? Object.entries(sample).find(([key]) => key === name)?.[1]
    : undefined;
}
