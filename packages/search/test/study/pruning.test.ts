import { isArgminError, ManualClock } from "@argmin/base";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  createStudy,
  hp,
  loadOrCreate,
  maximize,
  MemoryStorage,
  minimize,
  openStudy,
  Pruned,
  type Storage,
} from "../../src/index.ts";
import { openSqliteStorage } from "../../src/storage/sqlite/open.ts";
import { temporaryFolder } from "../storage/opened.ts";

const space = { x: hp.uniform(0, 1) };
const halving = { name: "successive-halving", settings: { reductionFactor: 2 }, metric: "loss" } as const;

describe("asking whether to prune", () => {
  it("gives the pruner's verdict, and a pruned trial keeps its last value, its step and the reason", async () => {
    const study = await createStudy({ space, pruner: halving, seed: 1 });
    const [first, second] = [await study.ask(), await study.ask()];
    first.report(1, { loss: 0.2, accuracy: 0.9 });
    expect(await first.shouldPrune()).toBe(false);
    second.report(1, { loss: 0.3 });
    expect(await second.shouldPrune()).toBe(true);
    expect(await second.shouldPrune()).toBe(true);
    expect(second.verdict).toEqual({ kind: "prune", reason: "place 2 of 2 at step 1, where the best one goes on" });
    const reason = "place 2 of 2 at step 1, where the best one goes on";
    expect(await study.tell(second, { state: "pruned" })).toMatchObject({ state: "pruned", value: 0.3, step: 1, reason });
    expect(await study.tell(first, 0.1)).toMatchObject({ state: "complete", value: 0.1 });
    await study.refresh();
    expect([...study.history.steps]).toEqual([1, Number.NaN]);
    expect([...study.history.objectives]).toEqual([0.3, 0.1]);
    expect(await study.best()).toMatchObject({ number: 0 });
  });

  it("takes a bare number for the metric that trials are judged by", async () => {
    for (const pruner of ["median", halving] as const) {
      const study = await createStudy({ space, pruner });
      const trial = await study.ask();
      trial.report(3, 0.25);
      await study.tell(trial, { state: "pruned", reason: "enough" });
      const name = pruner === "median" ? "value" : "loss";
      expect(await study.reports()).toEqual([{ number: 0, step: 3, phase: "", metrics: { [name]: 0.25 } }]);
      expect(await study.trial(0)).toMatchObject({ state: "pruned", value: 0.25, step: 3, reason: "enough" });
    }
  });

  it("is of no consequence without a pruner, for other metrics, for parts of the work, and at the last step", async () => {
    const none = await createStudy({ space });
    for (const value of [1, 2, 3]) {
      const trial = await none.ask();
      trial.report(1, value);
      expect(await trial.shouldPrune()).toBe(false);
    }
    const study = await createStudy({ space, pruner: halving });
    const ahead = await study.ask();
    ahead.report(1, 0);
    ahead.report(2, 0);
    const trial = await study.ask();
    trial.report(1, { accuracy: 0 });
    trial.report(1, { loss: 9 }, { phase: "fold 1" });
    trial.report(2, { loss: 9 }, { of: 2 });
    expect(await trial.shouldPrune()).toBe(false);
    expect(trial.lastReport).toEqual({ step: 2, value: 9 });
  });

  it("knows which direction is better, also for NaN", async () => {
    const study = await createStudy({ space, direction: "maximize", pruner: halving });
    for (const [value, isPruned] of [
      [0.5, false],
      [0.4, true],
      [0.6, false],
      [Number.NaN, true],
    ] as const) {
      const trial = await study.ask();
      trial.report(1, value);
      expect(await trial.shouldPrune(), `${value}`).toBe(isPruned);
      if (isPruned) await study.tell(trial, { state: "pruned" });
    }
    expect(await study.trial(1)).toMatchObject({ value: 0.4, step: 1 });
    expect(await study.trial(3)).not.toHaveProperty("value");
    expect(await study.trial(3)).toMatchObject({ state: "pruned", step: 1, reason: "without a finite value at step 1" });
    await study.refresh();
    expect([...study.history.objectives]).toEqual([-0.4, Number.NaN]);
  });

  it("goes by the furthest step, also when an earlier one is corrected", async () => {
    const study = await createStudy({ space, pruner: halving });
    const [ahead, trial] = [await study.ask(), await study.ask()];
    trial.report(1, 0.5);
    trial.report(3, 0.4);
    expect(await trial.shouldPrune()).toBe(false);
    ahead.report(3, 0.1);
    await ahead.shouldPrune();
    trial.report(1, 0.6);
    expect(await trial.shouldPrune()).toBe(false);
    expect(trial.lastReport).toEqual({ step: 3, value: 0.4 });
    expect(await study.tell(trial, { state: "pruned" })).toMatchObject({ value: 0.4, step: 3 });
    await study.close();
  });

  it("asks again at the next step where a verdict could not be had", async () => {
    const storage = new MemoryStorage();
    const study = await createStudy({ storage, space, pruner: halving });
    const [ahead, trial] = [await study.ask(), await study.ask()];
    ahead.report(2, 0.1);
    await ahead.shouldPrune();
    const reading = vi.spyOn(storage, "metricChanges").mockRejectedValueOnce(new Error("the database is busy"));
    trial.report(1, 0.5);
    await expect(trial.shouldPrune()).rejects.toThrow("the database is busy");
    reading.mockRestore();
    trial.report(2, 0.5);
    expect(await trial.shouldPrune()).toBe(true);
    await study.close();
  });

  it("is refused for a pruner that there is not, or with settings it has not", async () => {
    const cases = [
      ["nobody", /There is no pruner 'nobody'; there are none, successive-halving, hyperband, median, percentile,/],
      [{ name: "median", settings: { warmup: 1 } }, /no setting 'warmup' of the pruner 'median'; it has startupTrials,/],
      [
        { name: "successive-halving", settings: { reductionFactor: 1 } },
        /'reductionFactor' of the pruner .* is 1; wanted an integer from 2/,
      ],
    ] as const;
    for (const [pruner, says] of cases) {
      const refused: unknown = await createStudy({ space, pruner }).catch((error: unknown) => error);
      expect(isArgminError(refused, "value/invalid") ? refused.message : refused).toMatch(says);
    }
  });
});

describe("an objective that gives up", () => {
  it("before any report is pruned without a value, which the history tells apart", async () => {
    const reason = "7,120,344 parameters are more than --max-params 5,000,000";
    const { study, best } = await minimize({
      space,
      trials: 6,
      seed: 1,
      objective: ({ x }, trial) => {
        if (trial.number % 2 === 1) throw new Pruned(reason);
        return x;
      },
    });
    expect(best.number % 2).toBe(0);
    expect(await study.trial(1)).toMatchObject({ state: "pruned", reason });
    expect(await study.trial(1)).not.toHaveProperty("value");
    expect(await study.trial(1)).not.toHaveProperty("step");
    await study.refresh();
    expect([...study.history.objectives].filter((value) => Number.isNaN(value))).toHaveLength(3);
    expect([...study.history.steps].every((step) => Number.isNaN(step))).toBe(true);
  });

  it("with a reason and a value of its own keeps those", async () => {
    const study = await createStudy({ space, pruner: halving });
    await study.optimize(
      (_, trial) => {
        trial.report(4, 0.5);
        throw new Pruned("worse than chance", { value: 0.25 });
      },
      { trials: 1 },
    );
    expect(await study.trial(0)).toMatchObject({ state: "pruned", value: 0.25, step: 4, reason: "worse than chance" });
  });
});

describe("a search with a pruner", () => {
  const steps = 9;
  const objective = async ({ x }: { readonly x: number }, trial: { report: Report; shouldPrune(): Promise<boolean> }) => {
    for (let step = 1; step <= steps; step++) {
      trial.report(step, x + 1 / step, { of: steps });
      if (await trial.shouldPrune()) throw new Pruned();
    }
    return x;
  };
  type Report = (step: number, value: number, options: { readonly of: number }) => void;

  it("spends less and says the same when it is run again, in one go or in pieces", async () => {
    const settings = { space, objective, seed: 3, pruner: { name: "successive-halving" } } as const;
    const once = await minimize({ ...settings, trials: 40 });
    const storage = new MemoryStorage();
    for (const trials of [5, 23, 40]) await minimize({ ...settings, storage, trials });
    const again = await openStudy({ storage, name: "study", space });
    const essence = (trial: object): unknown => ({ ...trial, createdAt: 0, startedAt: 0, finishedAt: 0, worker: "" });
    expect((await again.trials()).map(essence)).toEqual((await once.study.trials()).map(essence));
    expect(await once.study.countSteps()).toBeLessThan(0.6 * 40 * steps);
    expect(once.best.value).toBeLessThan(0.1);
  });

  it("ends when the budget of steps is spent, that of earlier runs included; what runs is finished", async () => {
    const settings = { space, objective, seed: 3, pruner: "successive-halving", storage: new MemoryStorage() } as const;
    const { study, summary } = await minimize({ ...settings, budget: 50, concurrency: 2 });
    expect(summary.reason).toBe("budget");
    expect(await study.countSteps()).toBeGreaterThanOrEqual(50);
    expect(await study.countSteps()).toBeLessThan(50 + 2 * steps);
    const trials = (await study.trials()).length;
    expect((await minimize({ ...settings, budget: 50 })).summary).toMatchObject({ reason: "budget", finished: 0 });
    const more = await minimize({ ...settings, budget: 120 });
    expect(await more.study.countSteps()).toBeGreaterThanOrEqual(120);
    expect((await more.study.trials()).length).toBeGreaterThan(trials);
  });

  it("maximizes as it minimizes", async () => {
    const down = await minimize({ space, objective, seed: 5, trials: 20, pruner: "successive-halving" });
    const up = await maximize({
      space,
      seed: 5,
      trials: 20,
      pruner: "successive-halving",
      objective: async ({ x }, trial) => {
        for (let step = 1; step <= steps; step++) {
          trial.report(step, -(x + 1 / step), { of: steps });
          if (await trial.shouldPrune()) throw new Pruned();
        }
        return -x;
      },
    });
    const ends = async (study: typeof up.study): Promise<unknown> =>
      (await study.trials()).map((trial) => [trial.state, trial.state === "pruned" ? [trial.step, trial.reason] : undefined]);
    expect(await ends(up.study)).toEqual(await ends(down.study));
  });

  it("judges trials that ask for their parameters, too", async () => {
    const study = await createStudy({ sampler: "random", pruner: halving, seed: 1 });
    await study.optimize(
      async (trial) => {
        const x = trial.suggestFloat("x", 0, 1);
        trial.report(1, x);
        if (await trial.shouldPrune()) throw new Pruned();
        return x;
      },
      { trials: 20 },
    );
    const states = (await study.trials()).map(({ state }) => state);
    expect(states.filter((state) => state === "pruned").length).toBeGreaterThan(5);
    expect(states.filter((state) => state === "complete").length).toBeGreaterThan(1);
  });
});

type Opened = { readonly storage: Storage; readonly dispose: () => Promise<void> };

async function openMemory(): Promise<Opened> {
  return { storage: new MemoryStorage(), dispose: async () => undefined };
}

async function openSqlite(): Promise<Opened> {
  const folder = await temporaryFolder();
  const storage = await openSqliteStorage(`${folder.path}/studies.db`);
  return { storage, dispose: () => storage.close().then(() => folder.remove()) };
}

describe.each([
  ["memory", openMemory],
  ["SQLite", openSqlite],
] as const)("several processes on one study, in %s,", (_, open) => {
  let dispose = async (): Promise<void> => undefined;
  afterEach(() => dispose());

  it("judge by what all of them have reported", async () => {
    const opened = await open();
    dispose = opened.dispose;
    const settings = { storage: opened.storage, space, pruner: halving, seed: 1 };
    const [here, there] = [await loadOrCreate(settings), await loadOrCreate(settings)];
    const good = await there.ask();
    good.report(1, 0.1);
    expect(await good.shouldPrune()).toBe(false);
    const poor = await here.ask();
    poor.report(1, 0.2);
    expect(await poor.shouldPrune()).toBe(true);
    expect(await here.countSteps()).toBe(2);
    expect(await there.countSteps()).toBe(2);
  });

  it("never hold the reports of an attempt that was lost against the next attempt of the same trial", async () => {
    const opened = await open();
    dispose = opened.dispose;
    const clock = new ManualClock(Date.now());
    const settings = { storage: opened.storage, space, pruner: halving, seed: 1, clock };
    const [lost, next, other] = [await loadOrCreate(settings), await loadOrCreate(settings), await loadOrCreate(settings)];
    const first = await lost.ask();
    first.report(1, 0.1);
    expect(await first.shouldPrune()).toBe(false);
    first.report(2, 0.1);
    expect(await first.shouldPrune()).toBe(false);
    expect(await other.countSteps()).toBe(2);
    const { number } = first;
    await lost.conclude(first, { state: "lost", reason: "It was killed." });
    const second = await next.ask();
    expect([second.number, second.attempt]).toEqual([number, 2]);
    // Worse than before at the same step, but alone there.
    second.report(1, 0.4);
    expect(await second.shouldPrune()).toBe(false);
    expect(await other.countSteps()).toBe(1);
    const rival = await other.ask();
    rival.report(1, 0.3);
    expect(await rival.shouldPrune()).toBe(false);
    second.report(2, 0.4);
    expect(await second.shouldPrune()).toBe(false);
    // What the lost process still says has no effect.
    first.report(3, 0.1);
    expect(await first.shouldPrune()).toBe(false);
    expect(await other.countSteps()).toBe(3);
  });
});
