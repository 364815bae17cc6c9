import { createSampler, createStudy, hp, compileSpace, TrialHistory, type Assignment, type Curve } from "@argmin/search";
import { contextOf, describeSampler } from "@argmin/search/testing";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { observationsOf } from "../../../src/sampler/wandb-bayes/observations.ts";
import { drawPoint } from "../../../src/sampler/wandb-bayes/points.ts";
import { expectedImprovement, modelOf } from "../../../src/sampler/wandb-bayes/wandb-bayes.ts";

describeSampler({
  name: "wandb-bayes",
  make: (settings = { candidates: 50 }) => createSampler("wandb-bayes", settings),
  traits: { exhaustive: false, orderFree: false, ignoresHistory: false },
});

const square = { x: hp.uniform(0, 1), y: hp.uniform(0, 1) };
const squareSpace = compileSpace(square);
const nothing: Curve = { steps: [], values: [] };

function scattered(count: number, value: (x: number, y: number) => number): TrialHistory {
  const history = new TrialHistory();
  for (let i = 0; i < count; i++) {
    const [x, y] = [(i * 0.618034) % 1, (i * 0.381966 + 0.17 * (i % 7)) % 1];
    history.append({ sequence: i + 1, number: i, state: "complete", objective: value(x, y), assignment: { x, y } });
  }
  return history;
}

const bowl = (x: number, y: number): number => (x - 0.2) ** 2 + (y - 0.7) ** 2;

describe("wandb-bayes", () => {
  it("proposes the draw of the greatest expected improvement", () => {
    const history = scattered(20, bowl);
    const pending = [{ x: 0.21, y: 0.72 }];
    const context = contextOf(squareSpace, { number: 21, history, pending });
    const { parameters } = squareSpace;
    const observations = observationsOf(context, parameters, { impute: "worst", imputeWhileRunning: "never" });
    const process = modelOf(observations)!;
    const incumbent = process.standardise(Math.min(...observations.outcomes));
    const suggested = createSampler("wandb-bayes", { candidates: 200 }).suggest(context);
    const chosen = expectedImprovement(process, Float64Array.of(suggested["x"]!, suggested["y"]!), incumbent);
    const draws = Array.from({ length: 200 }, (_, i) => drawPoint(parameters, context.rng.split("other", i)));
    expect(draws.filter((draw) => expectedImprovement(process, draw, incumbent) > chosen).length).toBeLessThan(10);
    expect(bowl(suggested["x"]!, suggested["y"]!)).toBeLessThan(0.05);
  });

  it("takes the options of a choice for ordered, so that one between two good ones looks good", () => {
    const options = Array.from({ length: 15 }, (_, i) => `option ${i}`);
    const space = compileSpace({ option: hp.choice(options) });
    const history = new TrialHistory();
    for (const option of options.keys()) {
      if (option === 9) continue;
      const objective = (option - 9) ** 2;
      history.append({ sequence: option + 1, number: option, state: "complete", objective, assignment: { option } });
    }
    const sampler = createSampler("wandb-bayes");
    const suggested = Array.from({ length: 10 }, (_, i) => sampler.suggest(contextOf(space, { number: 14 + i, history })));
    // As at W&B, an option stands at the end of its range: what is drawn beyond it is the next one.
    expect(new Set(suggested.map(({ option }) => option))).toEqual(new Set([9, 10]));
  });

  it("models no more than a hundred trials, of which the best need not be one, and is drawn elsewhere by those under way", () => {
    const history = scattered(250, bowl);
    const suggestions: Assignment[] = [];
    const sampler = createSampler("wandb-bayes");
    for (let i = 0; i < 3; i++) {
      suggestions.push(sampler.suggest(contextOf(squareSpace, { number: 250 + i, history, pending: suggestions.slice() })));
    }
    for (const { x, y } of suggestions) expect(bowl(x!, y!)).toBeLessThan(0.06);
    expect(new Set(suggestions.map(({ x }) => x)).size).toBe(3);
  });

  it("draws by chance until two trials have finished, and where all values are the same", () => {
    const propose = (history: TrialHistory): readonly Assignment[] =>
      Array.from({ length: 40 }, (_, i) =>
        createSampler("wandb-bayes").suggest(contextOf(squareSpace, { number: 50 + i, history })),
      );
    const alone = propose(new TrialHistory());
    expect(propose(scattered(1, bowl))).toEqual(alone);
    expect(propose(scattered(30, () => 0.5))).toEqual(alone);
    expect(alone.filter(({ x }) => x! < 0.5).length).toBeGreaterThan(10);
  });

  it("takes a trial for the best that it reported, and failed ones and those under way for what the settings say", () => {
    const history = new TrialHistory();
    const end = (number: number, state: "complete" | "pruned" | "failed", objective = Number.NaN): void =>
      history.append({ sequence: number + 1, number, state, objective, assignment: { x: number / 10, y: 0 } });
    end(0, "complete", 3);
    end(1, "pruned", 6);
    end(2, "failed");
    end(3, "failed");
    end(4, "pruned");
    const curves = [[4, 2, 3], [5, Infinity, 6], [9, 1, 8], [], []].map((values): Curve => ({
      steps: values.map((_, i) => i),
      values,
    }));
    const seen = (impute: "latest" | "best" | "worst", imputeWhileRunning: "latest" | "worst" | "never" = "never") =>
      observationsOf(
        {
          history,
          pending: [
            { x: 0.8, y: 0 },
            { x: 0.9, y: 0 },
          ],
          reports: { finished: (number) => curves[number]!, pending: [{ steps: [1, 2], values: [0.5, 7] }, nothing] },
        },
        squareSpace.parameters,
        { impute, imputeWhileRunning },
      );
    expect(seen("worst").outcomes).toEqual([2, 5, 9, 9, 9]);
    expect(seen("latest").outcomes).toEqual([2, 5, 8, 9, 9]);
    expect(seen("best").outcomes).toEqual([2, 5, 1, 9, 9]);
    expect(seen("worst").underWay.map(([x]) => x)).toEqual([0.8, 0.9]);
    expect(seen("worst", "latest")).toMatchObject({ outcomes: [2, 5, 9, 9, 9, 0.5], underWay: [Float64Array.of(0.9, 0)] });
    expect(seen("worst", "worst")).toMatchObject({ outcomes: [2, 5, 9, 9, 9, 0.5, 9], underWay: [] });
  });

  it.each(["minimize", "maximize"] as const)("is told by a study what failed trials reported: %s", async (direction) => {
    const sign = direction === "minimize" ? 1 : -1;
    const share = async (impute: string): Promise<number> => {
      const sampler = { name: "wandb-bayes", settings: { impute, candidates: 300 } };
      const study = await createStudy({ space: square, direction, sampler, seed: 3 });
      let left = 0;
      for (let i = 0; i < 36; i++) {
        const trial = await study.ask();
        const { x, y } = trial.params;
        trial.report(1, sign * (x + (y - 0.5) ** 2));
        if (i >= 24) left += x < 0.3 ? 1 : 0;
        await study.tell(trial, x < 0.3 ? { state: "failed", error: "no memory" } : sign * (x + (y - 0.5) ** 2));
      }
      await study.close();
      return left / 12;
    };
    expect(await share("best")).toBeGreaterThan(0.7);
    expect(await share("worst")).toBeLessThan(0.3);
  });

  it("is told by a study what trials under way have reported", async () => {
    const suggested = async (imputeWhileRunning: string): Promise<Assignment> => {
      const sampler = { name: "wandb-bayes", settings: { imputeWhileRunning } };
      const study = await createStudy({ space: square, sampler, seed: 3 });
      for (const [x, y] of [
        [0.1, 0.1],
        [0.9, 0.1],
        [0.5, 0.5],
      ] as const)
        await study.enqueue({ x, y });
      for (let i = 0; i < 3; i++) await study.tell(await study.ask(), 1 + i / 10);
      for (const [x, y] of [
        [0.2, 0.9],
        [0.3, 0.8],
        [0.8, 0.9],
      ] as const)
        await study.enqueue({ x, y });
      for (let i = 0; i < 3; i++) {
        const trial = await study.ask();
        trial.report(1, bowl(trial.params.x, trial.params.y));
      }
      // Reports are written in a turn of their own.
      for (let i = 0; i < 3; i++) await turn();
      const { assignment } = await study.ask();
      await study.close();
      return assignment;
    };
    const { x, y } = await suggested("latest");
    expect(Math.hypot(x! - 0.2, y! - 0.7)).toBeLessThan(0.35);
    expect(await suggested("never")).not.toEqual({ x, y });
  });

  it("asks for parameters one by one in define-by-run, and learns of each", async () => {
    const study = await createStudy({ sampler: "wandb-bayes", seed: 1 });
    await study.optimize((trial) => (trial.suggestFloat("x", 0, 1) - 0.3) ** 2, { trials: 15 });
    expect((await study.best())?.value).toBeLessThan(0.001);
    await study.close();
  });
});
