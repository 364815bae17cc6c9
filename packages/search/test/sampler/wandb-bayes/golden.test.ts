import type { JsonValue } from "@argmin/base";
import { compileSpace, hp, TrialHistory, type Assignment, type Curve, type Space, type SpaceDefinition } from "@argmin/search";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { observationsOf, type Observations } from "../../../src/sampler/wandb-bayes/observations.ts";
import type { Imputation } from "../../../src/sampler/wandb-bayes/settings.ts";
import { expectedImprovement, modelOf } from "../../../src/sampler/wandb-bayes/wandb-bayes.ts";

type Run = {
  readonly state: "finished" | "failed" | "running" | "pending";
  readonly values: Readonly<Record<string, JsonValue>>;
  readonly reports: readonly number[];
};

type ParameterOfSweep = {
  readonly distribution?: string;
  readonly min: number;
  readonly max: number;
  readonly q: number;
  readonly mu: number;
  readonly sigma: number;
  readonly a: number;
  readonly b: number;
  readonly values?: readonly string[];
};

type Case = {
  readonly name: string;
  readonly metric: {
    readonly goal: "minimize" | "maximize";
    readonly impute: Imputation;
    readonly impute_while_running?: Imputation;
  };
  readonly parameters: Readonly<Record<string, ParameterOfSweep>>;
  readonly order: readonly string[];
  readonly runs: readonly Run[];
  readonly points: readonly (readonly number[])[];
  readonly outcomes: readonly number[];
  readonly underWay: readonly (readonly number[])[];
  readonly logLength: number;
  readonly isByChance: boolean;
  readonly candidates: readonly (readonly number[])[];
  readonly predictions: readonly (readonly [mean: number, deviation: number, improvement: number])[];
};

const fixture: { readonly sweeps: string; readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL("golden/sweeps.json", import.meta.url), "utf8"),
);

/** What argmin makes of the distributions that the fixture has. */
const meanings: Readonly<Record<string, (parameter: ParameterOfSweep) => SpaceDefinition>> = {
  uniform: ({ min, max }) => hp.uniform(min, max),
  int_uniform: ({ min, max }) => hp.uniformint(min, max),
  categorical: ({ values = [] }) => hp.choice(values),
  log_uniform_values: ({ min, max }) => hp.float(min, max, { log: true }),
  inv_log_uniform_values: ({ min, max }) => hp.float(min, max, { log: true }),
  q_uniform: ({ min, max, q }) => hp.roundeduniform(min, max, q),
  q_log_uniform_values: ({ min, max, q }) => hp.roundedloguniform(Math.log(min), Math.log(max), q),
  normal: ({ mu, sigma }) => hp.normal(mu, sigma),
  log_normal: ({ mu, sigma }) => hp.lognormal(mu, sigma),
  beta: ({ a, b }) => hp.beta(a, b),
};

const floats: ReadonlySet<string> = new Set(["x", "y"]);

function spaceOf({ parameters, order }: Case): Space {
  return compileSpace(
    Object.fromEntries(
      order.map((name) => {
        const parameter = parameters[name]!;
        const usual = parameter.values !== undefined ? "categorical" : floats.has(name) ? "uniform" : "int_uniform";
        return [name, meanings[parameter.distribution ?? usual]!(parameter)] as const;
      }),
    ),
  );
}

/** The runs as a study would have them. */
function observed(run: Case, space: Space): Observations {
  const { metric, runs } = run;
  const sign = metric.goal === "minimize" ? 1 : -1;
  const curves = runs.map(({ reports }): Curve => ({
    steps: reports.map((_, step) => step),
    values: reports.map((value) => sign * value),
  }));
  const history = new TrialHistory();
  const pending: Assignment[] = [];
  const waiting: Curve[] = [];
  for (const [number, { state, values }] of runs.entries()) {
    const assignment = space.encode(values);
    if (state === "running" || state === "pending") {
      pending.push(assignment);
      waiting.push(curves[number]!);
      continue;
    }
    const isFinished = state === "finished";
    const objective = isFinished ? curves[number]!.values.at(-1)! : Number.NaN;
    history.append({ sequence: number + 1, number, state: isFinished ? "complete" : "failed", objective, assignment });
  }
  return observationsOf(
    { history, pending, reports: { finished: (number) => curves[number]!, pending: waiting } },
    space.parameters,
    {
      impute: metric.impute,
      imputeWhileRunning: metric.impute_while_running ?? "never",
    },
  );
}

describe.each(fixture.cases)(`wandb-bayes agrees with sweeps ${fixture.sweeps}: $name`, (wanted) => {
  const space = spaceOf(wanted);
  const observations = observed(wanted, space);
  const process = modelOf(observations)!;

  it("on what the trials are", () => {
    const rows = (points: Iterable<ArrayLike<number>>, outcomes: readonly number[]): readonly string[] =>
      Array.from(points, (point, i) =>
        Array.from([...Array.from(point), outcomes[i] ?? 0], (value) => value.toPrecision(9)).join(" "),
      ).toSorted();
    expect(rows(observations.points, observations.outcomes)).toEqual(rows(wanted.points, wanted.outcomes));
    expect(rows(observations.underWay, [])).toEqual(rows(wanted.underWay, []));
  });

  it("on the length scale, and whether it says anything", () => {
    expect(process.logLength).toBeCloseTo(wanted.logLength, 4);
    expect(process.isAtBounds).toBe(wanted.isByChance);
  });

  // The search for the length scale ends where a step gains 2e-9 of the likelihood, which leaves its seventh digit open.
  it("on means, deviations and expected improvements, and so on the order of the candidates", () => {
    const incumbent = process.standardise(Math.min(...observations.outcomes));
    const unit = process.outcomeOf(1) - process.outcomeOf(0);
    const found = wanted.candidates.map((candidate) => {
      const point = Float64Array.from(candidate);
      const { mean, deviation } = process.predict(point);
      return { mean: process.outcomeOf(mean), deviation, improvement: expectedImprovement(process, point, incumbent) };
    });
    for (const [i, [mean, deviation, improvement]] of wanted.predictions.entries()) {
      expect(Math.abs(found[i]!.mean - mean)).toBeLessThan(1e-6 * unit);
      expect(Math.abs(found[i]!.deviation - deviation / unit)).toBeLessThan(1e-6);
      expect(Math.abs(found[i]!.improvement - improvement)).toBeLessThan(1e-7);
    }
    const order = found.map((_, i) => i).toSorted((i, j) => found[j]!.improvement - found[i]!.improvement);
    for (const [rank, i] of order.entries()) {
      const next = order[rank + 1];
      if (next !== undefined) expect(wanted.predictions[i]![2]).toBeGreaterThan(wanted.predictions[next]![2] - 1e-7);
    }
  });
});

it("the fixture has suggestions by the model and by chance, and imputations of every kind", () => {
  expect(new Set(fixture.cases.map(({ isByChance }) => isByChance)).size).toBe(2);
  expect(new Set(fixture.cases.map(({ metric }) => metric.impute))).toEqual(new Set(["worst", "latest", "best"]));
  expect(fixture.cases.filter(({ isByChance }) => !isByChance).length).toBeGreaterThanOrEqual(4);
});
