import type { JsonObject } from "@argmin/base";
import { afterEach, describe, expect, it } from "vitest";
import {
  createPruner,
  createStudy,
  hp,
  loadOrCreate,
  maximize,
  MemoryStorage,
  minimize,
  openStudy,
  Pruned,
  type LiveTrial,
  type Storage,
} from "../../src/index.ts";
import { openSqliteStorage } from "../../src/storage/sqlite/open.ts";
import { temporaryFolder } from "../storage/opened.ts";

const space = { x: hp.uniform(0, 1) };
const eta = 3;
/** Nothing goes on from a rung before it is as full as in the paper. */
const asha = { name: "successive-halving", settings: { reductionFactor: eta, promote: true, bootstrapTrials: eta - 1 } } as const;
const halving = { name: "successive-halving", settings: { reductionFactor: 2, promote: true } } as const;

/** The value of a trial after so many steps: the order changes as trials go on. */
const lossAt = (x: number, step: number): number => x + (1 + Math.sin(40 * x)) / step;

/** Trains from where it was paused, and says which steps it did. */
function trainer(steps: number, done: string[]) {
  return async ({ x }: { readonly x: number }, trial: LiveTrial<unknown>): Promise<number> => {
    for (let step = (trial.resumedFrom ?? 0) + 1; step <= steps; step++) {
      done.push(`${trial.number}:${step}`);
      trial.report(step, lossAt(x, step), { of: steps });
      if (await trial.shouldPrune()) throw new Pruned();
    }
    return lossAt(x, steps);
  };
}

/** Algorithm 2 of the paper with one worker, and no trial left to add in the end; which trial is trained to which rung, in order. */
function algorithm2(xs: readonly number[], highest: number): readonly string[] {
  const rungs: { readonly number: number; readonly loss: number; promoted: boolean }[][] = Array.from(
    { length: highest + 1 },
    () => [],
  );
  const jobs: string[] = [];
  let added = 0;
  const job = (): readonly [number, number] | undefined => {
    for (let k = highest - 1; k >= 0; k--) {
      const best = rungs[k]!.toSorted((a, b) => a.loss - b.loss).slice(0, Math.floor(rungs[k]!.length / eta));
      const next = best.find(({ promoted }) => !promoted);
      if (next !== undefined) {
        next.promoted = true;
        return [next.number, k + 1];
      }
    }
    added += 1;
    return added <= xs.length ? [added - 1, 0] : undefined;
  };
  for (let next = job(); next !== undefined; next = job()) {
    const [number, k] = next;
    jobs.push(`${number}:${eta ** k}`);
    rungs[k]!.push({ number, loss: lossAt(xs[number]!, eta ** k), promoted: false });
  }
  return jobs;
}

describe("promotions", () => {
  it("are those of the paper's algorithm 2, whichever way they are run", async () => {
    for (const seed of [1, 2, 3]) {
      const done: string[] = [];
      const { study } = await minimize({ space, seed, pruner: asha, trials: 40, objective: trainer(eta ** 3, done) });
      const xs = (await study.trials()).map(({ params }) => params.x);
      const rungs = new Set([1, 3, 9, 27]);
      const jobs = done.filter((step) => rungs.has(Number(step.split(":")[1])));
      // A trial that is promoted the moment it comes to a rung is never paused there, and so before others that were: only the
      // order in which the same promotions happen may differ.
      expect(jobs.toSorted()).toEqual(algorithm2(xs, 3).toSorted());
      expect(new Set(done).size).toBe(done.length);
      expect(new Set((await study.trials()).map(({ state }) => state))).toEqual(new Set(["complete", "paused"]));
    }
  });

  it("are the same again from the same seed, in one go or in pieces, with the same suggestions", async () => {
    const settings = { space, seed: 3, pruner: halving, sampler: "tpe", objective: trainer(8, []) } as const;
    const once = await minimize({ ...settings, trials: 40 });
    const storage = new MemoryStorage();
    for (const trials of [5, 23, 40]) await minimize({ ...settings, storage, trials });
    const again = await openStudy({ storage, name: "study", space });
    const essence = (trial: object): unknown => ({ ...trial, createdAt: 0, startedAt: 0, finishedAt: 0, worker: "" });
    expect((await again.trials()).map(essence)).toEqual((await once.study.trials()).map(essence));
    const states = (await again.trials()).map(({ state }) => state);
    expect(states.filter((state) => state === "paused").length).toBeGreaterThan(10);
    expect(states).not.toContain("pruned");
  });

  it("go the same way when a study is maximized", async () => {
    const settings = { space, seed: 5, trials: 30, pruner: halving };
    const down = await minimize({ ...settings, objective: trainer(8, []) });
    const up = await maximize({
      ...settings,
      objective: async ({ x }, trial) => {
        for (let step = (trial.resumedFrom ?? 0) + 1; step <= 8; step++) {
          trial.report(step, -lossAt(x, step), { of: 8 });
          if (await trial.shouldPrune()) throw new Pruned();
        }
        return -lossAt(x, 8);
      },
    });
    const ends = async (study: typeof up.study): Promise<unknown> =>
      (await study.trials()).map((trial) => [trial.state, trial.state === "paused" ? [trial.step, trial.reason] : undefined]);
    expect(await ends(up.study)).toEqual(await ends(down.study));
  });

  it("leave the rest paused: a later call with more trials may promote them", async () => {
    const storage = new MemoryStorage();
    const objective = trainer(8, []);
    const settings = { storage, space, sampler: "random", seed: 9, pruner: halving, objective } as const;
    const { summary } = await minimize({ ...settings, trials: 6 });
    const before = await storage.paused(1);
    expect(before.length).toBeGreaterThan(1);
    expect(summary).toMatchObject({ reason: "trials", finished: 6 - before.length });
    expect((await minimize({ ...settings, trials: 6 })).summary).toMatchObject({ reason: "trials", finished: 0 });
    await minimize({ ...settings, trials: 60 });
    const after = new Set(await storage.paused(1));
    expect(before.some((number) => !after.has(number))).toBe(true);
    expect(await storage.trials(1)).toHaveLength(60);
  });

  it("judge promoted trials that ask for their parameters, too, with the same parameters", async () => {
    const study = await createStudy({ pruner: halving, seed: 1 });
    const seen = new Map<number, Set<number>>();
    await study.optimize(
      async (trial) => {
        const x = trial.suggestFloat("x", 0, 1);
        seen.set(trial.number, (seen.get(trial.number) ?? new Set()).add(x));
        for (let step = (trial.resumedFrom ?? 0) + 1; step <= 4; step++) {
          trial.report(step, lossAt(x, step), { of: 4 });
          if (await trial.shouldPrune()) throw new Pruned();
        }
        return x;
      },
      { trials: 20 },
    );
    expect([...seen.values()].every(({ size }) => size === 1)).toBe(true);
    expect((await study.trials()).some(({ state }) => state === "paused")).toBe(true);
  });
});

describe("a paused trial", () => {
  it("is said by telling that it is pruned, and given out again where it stopped once it stands well", async () => {
    const study = await createStudy({ space, pruner: halving, seed: 1 });
    const [first, second] = [await study.ask(), await study.ask()];
    first.report(1, 0.2);
    expect(await first.shouldPrune()).toBe(false);
    second.report(1, { value: 0.3, accuracy: 0.5 });
    expect(await second.shouldPrune()).toBe(true);
    const reason = "place 2 of 2 at step 1, where the best one goes on";
    expect(second.verdict).toEqual({ kind: "pause", reason });
    expect(await study.tell(second, { state: "pruned" })).toMatchObject({ state: "paused", value: 0.3, step: 1, reason });
    await study.refresh();
    expect([...study.history.states]).toEqual([1]);
    expect([...study.history.steps]).toEqual([1]);
    expect([...study.pauses]).toEqual([[1, 1]]);
    // Two that are worse make room for it.
    for (const number of [2, 3]) {
      const trial = await study.ask();
      expect([trial.number, trial.resumedFrom]).toEqual([number, undefined]);
      trial.report(1, 0.9);
      expect(await trial.shouldPrune()).toBe(true);
      await study.tell(trial, { state: "pruned" });
    }
    const again = await study.ask();
    expect([again.number, again.attempt, again.resumedFrom, again.seed]).toEqual([1, 1, 1, second.seed]);
    expect(again.params).toEqual(second.params);
    expect(again.lastReport).toEqual({ step: 1, value: 0.3 });
    // It begins anew, since it kept no checkpoint: what it reported before is neither counted nor judged twice.
    again.report(1, 0.3);
    expect(await again.shouldPrune()).toBe(false);
    expect(await study.countSteps()).toBe(4);
    again.report(2, 0.1);
    expect(await again.shouldPrune()).toBe(false);
    expect(await study.countSteps()).toBe(5);
    expect(await study.tell(again, 0.05)).toMatchObject({ state: "complete", attempts: 1 });
    await study.refresh();
    expect([...study.history.numbers]).toEqual([2, 3, 1]);
    expect([...study.history.objectives]).toEqual([0.9, 0.9, 0.05]);
    expect(study.pauses.has(1)).toBe(false);
    expect((await study.reports(1)).map(({ step }) => step)).toEqual([1, 2]);
    await study.close();
  });

  it("fails or is complete if the objective says so, and is pruned where it cannot be judged", async () => {
    const study = await createStudy({ space, pruner: { ...asha, metric: "loss" } });
    const outcomes = [
      { state: "failed", error: "no" },
      0.5,
      { state: "pruned", value: Number.NaN },
      { state: "pruned" },
    ] as const;
    const states: string[] = [];
    for (const outcome of outcomes) {
      const trial = await study.ask();
      trial.report(1, { loss: outcome === outcomes[3] ? Number.NaN : trial.number });
      expect(await trial.shouldPrune()).toBe(true);
      states.push((await study.tell(trial, outcome)).state);
    }
    expect(states).toEqual(["failed", "complete", "pruned", "pruned"]);
  });

  it("is paused by what it reported at its rung, whatever it reported before the verdict came", async () => {
    const study = await createStudy({ space, pruner: halving, seed: 1 });
    const [first, second] = [await study.ask(), await study.ask()];
    first.report(4, 0.1);
    expect(await first.shouldPrune()).toBe(false);
    const verdicts = [0.3, 0.2, 0.05].map((value, i) => {
      second.report(i + 1, value);
      return second.shouldPrune();
    });
    expect(await Promise.all(verdicts)).toEqual([true, true, true]);
    const reason = "place 2 of 2 at step 1, where the best one goes on";
    expect(second.verdict).toEqual({ kind: "pause", reason });
    expect(await study.tell(second, { state: "pruned" })).toMatchObject({ state: "paused", value: 0.05, step: 3, reason });
    await study.close();
  });

  it("is dropped by a run that is stopped and goes on from its pause in the next one", async () => {
    const storage = new MemoryStorage();
    const settings = { storage, space, seed: 2, pruner: halving } as const;
    const study = await loadOrCreate(settings);
    const [first, second] = [await study.ask(), await study.ask()];
    first.report(1, 0.2);
    await first.shouldPrune();
    second.report(2, 0.1);
    await second.shouldPrune();
    await study.tell(second, 0.1);
    first.report(2, 0.2);
    await first.shouldPrune();
    await study.tell(first, { state: "pruned" });
    for (const value of [0.5, 0.6]) {
      const other = await study.ask();
      other.report(2, value);
      await other.shouldPrune();
      await study.tell(other, { state: "pruned" });
    }
    const promoted = await study.ask();
    expect([promoted.number, promoted.resumedFrom]).toEqual([0, 2]);
    promoted.report(3, 0.2);
    expect(await promoted.shouldPrune()).toBe(false);
    await study.close();
    const next = await (await loadOrCreate(settings)).ask();
    expect([next.number, next.resumedFrom, next.attempt]).toEqual([0, 2, 1]);
    expect((await study.reports(0)).map(({ step }) => step)).toEqual([1, 2, 3]);
  });
});

it("is for the pruner within that of patience to say", () => {
  const inner = (promote: boolean): JsonObject => ({ pruner: { name: "successive-halving", settings: { promote } } });
  expect(createPruner("patience", inner(true)).promote).toBeTypeOf("function");
  for (const settings of [inner(false), {}]) expect(createPruner("patience", settings).promote).toBeUndefined();
});

type Opened = { readonly storage: Storage; readonly dispose: () => Promise<void> };

describe.each([
  ["memory", async (): Promise<Opened> => ({ storage: new MemoryStorage(), dispose: async () => undefined })],
  [
    "SQLite",
    async (): Promise<Opened> => {
      const folder = await temporaryFolder();
      const storage = await openSqliteStorage(`${folder.path}/studies.db`);
      return { storage, dispose: () => storage.close().then(() => folder.remove()) };
    },
  ],
] as const)("several workers that pause and promote, in %s,", (_, open) => {
  let dispose = async (): Promise<void> => undefined;
  afterEach(() => dispose());

  it("never do a step twice, and see the same history however late they come", async () => {
    const opened = await open();
    dispose = opened.dispose;
    const settings = { storage: opened.storage, space, seed: 4, pruner: halving } as const;
    const studies = [await loadOrCreate(settings), await loadOrCreate(settings), await loadOrCreate(settings)];
    const done: string[] = [];
    const summaries = await Promise.all(studies.map((study) => study.optimize(trainer(8, done), { trials: 40, concurrency: 2 })));
    expect(new Set(done).size).toBe(done.length);
    const late = await loadOrCreate(settings);
    for (const study of [...studies, late]) await study.refresh();
    const rows = ({ history }: typeof late): unknown => [
      [...history.sequences],
      [...history.numbers],
      [...history.states],
      [...history.objectives],
      [...history.steps],
      [...history.column("x").values],
    ];
    for (const study of studies) expect(rows(study)).toEqual(rows(late));
    const trials = await late.trials();
    expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_one, number) => number));
    const complete = trials.filter(({ state }) => state === "complete");
    expect(summaries.reduce((sum, { finished }) => sum + finished, 0)).toBe(complete.length);
    expect(trials.filter(({ state }) => state === "paused").length).toBe(40 - complete.length);
    expect(await late.countSteps()).toBe(done.length);
    for (const { number, params } of complete) {
      const curve = (await late.reports(number)).map(({ metrics }) => metrics["value"]);
      expect(curve).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((step) => lossAt(params.x, step)));
    }
  });
});
