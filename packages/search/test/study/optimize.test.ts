import { isArgminError, ManualClock, systemClock } from "@argmin/base";
import { describe, expect, it } from "vitest";
import {
  createStudy,
  hp,
  loadOrCreate,
  maximize,
  MemoryStorage,
  minimize,
  openStudy,
  Pruned,
  type LiveTrial,
  type ObjectiveResult,
  type TrialRecord,
} from "../../src/index.ts";
import { openMemory, openSqliteFile } from "../storage/opened.ts";

const space = { x: hp.uniform(-1, 1) };

describe("optimising in this process", () => {
  it("evaluates as many trials as it should and reports the best", async () => {
    const { best, study, summary } = await minimize({ space, objective: ({ x }) => x * x, trials: 30, seed: 1 });
    const trials = await study.trials();
    expect(trials.map(({ number, state }) => [number, state])).toEqual(trials.map((_, i) => [i, "complete"]));
    expect(trials).toHaveLength(30);
    expect(best.value).toBe(Math.min(...trials.map(({ params }) => params.x ** 2)));
    expect(best.params.x ** 2).toBe(best.value);
    expect(summary).toMatchObject({ reason: "trials", finished: 30 });
  });

  it("maximises", async () => {
    const { best, study } = await maximize({ space, objective: async ({ x }) => x, trials: 20, seed: 1 });
    expect(best.value).toBe(Math.max(...(await study.trials()).map(({ params }) => params.x)));
  });

  it("keeps what comes of an objective: facts, failures with their stack, pruned trials, values that are none", async () => {
    const study = await createStudy({ space });
    const results: (() => ObjectiveResult)[] = [
      () => ({ value: 1, attributes: { epochs: 3 } }),
      () => {
        throw new TypeError("broken");
      },
      () => {
        throw new Pruned("hopeless", { value: 9 });
      },
      () => Number.NaN,
      () => JSON.parse('"text"'),
      () => JSON.parse("null"),
    ];
    const summary = await study.optimize((_, { number }) => results[number]!(), { trials: results.length });
    const trials = await study.trials();
    expect(summary).toMatchObject({ reason: "trials", finished: 6 });
    expect(trials[0]).toMatchObject({ state: "complete", value: 1, attributes: { epochs: 3 } });
    expect(trials[1]).toMatchObject({
      state: "failed",
      error: { message: "broken", stack: expect.stringMatching(/TypeError: broken\n/) },
    });
    expect(trials[2]).toMatchObject({ state: "pruned", value: 9, reason: "hopeless" });
    for (const i of [3, 4, 5]) expect(trials[i]).toMatchObject({ state: "failed", error: { code: "trial/not-finite" } });
    expect(trials[4]).toMatchObject({ error: { message: expect.stringContaining("a value of type string") } });
  });

  describe.each(["memory", "SQLite"] as const)("bears whatever an objective returns and throws: %s", (kind) => {
    const bare: unknown = Object.create(null);
    const thrown = (value: unknown) => (): never => {
      throw value;
    };
    const cases: readonly (readonly [title: string, objective: () => ObjectiveResult, expected: object])[] = [
      [
        "attributes that are no JSON",
        () => ({ value: 1, attributes: { a: Number.NaN } }),
        { state: "failed", error: { code: "json/invalid", message: expect.stringMatching(/attributes .* NaN at \$\.a/) } },
      ],
      [
        "attributes that are no object",
        () => ({ value: 1, attributes: JSON.parse("[1]") }),
        { state: "failed", error: { message: expect.stringContaining("must be an object") } },
      ],
      [
        "a state of its own",
        () => Object.assign({ value: 2, attributes: { a: 1 } }, { state: "converged", error: thrown }),
        { state: "complete", value: 2, attributes: { a: 1 } },
      ],
      ["an object that looks like an error", thrown({ message: "m", code: 3, f: thrown }), { error: { message: "m" } }],
      [
        "an error without a text",
        thrown(Object.assign(new Error("m"), { message: bare })),
        { error: { message: "[object Object]" } },
      ],
      ["something without a text", thrown(bare), { state: "failed", error: { message: "[object Object]" } }],
      ["nothing", thrown(undefined), { state: "failed", error: { message: "undefined" } }],
    ];

    it.each(cases)("%s", async (_, objective, expected) => {
      const opened = kind === "memory" ? await openMemory(systemClock) : await openSqliteFile(systemClock);
      const study = await createStudy({ storage: opened.storage, space });
      const summary = await study.optimize(objective, { trials: 2 });
      expect(summary).toMatchObject({ reason: "trials", finished: 2 });
      for (const trial of await study.trials()) expect(trial).toMatchObject(expected);
      await opened.dispose();
    });
  });

  it("keeps an attribute as it was when it was set", async () => {
    const study = await createStudy({ space });
    const objective = (_: unknown, trial: LiveTrial<unknown>): number => {
      const state = { loss: 1 };
      trial.setAttribute("state", state);
      state.loss = Number.NaN;
      return 1;
    };
    await study.optimize(objective, { trials: 1 });
    expect(await study.trial(0)).toMatchObject({ state: "complete", attributes: { state: { loss: 1 } } });
  });

  it("goes on where it was, and not beyond the total", async () => {
    const storage = new MemoryStorage();
    const search = { storage, space, seed: 1, objective: ({ x }: { readonly x: number }) => x };
    await minimize({ ...search, trials: 5 });
    const { summary, study } = await minimize({ ...search, trials: 8 });
    expect(summary).toMatchObject({ reason: "trials", finished: 3 });
    expect((await minimize({ ...search, trials: 8 })).summary).toMatchObject({ reason: "trials", finished: 0 });
    expect(await study.trials()).toHaveLength(8);
  });

  it("evaluates what waits even if the total is reached", async () => {
    const study = await createStudy({ space });
    await study.optimize(({ x }) => x, { trials: 3 });
    await study.enqueue({ x: 0.25 });
    const summary = await study.optimize(({ x }) => x, { trials: 3 });
    expect(summary.finished).toBe(1);
    expect(await study.trial(3)).toMatchObject({ state: "complete", value: 0.25 });
  });

  it("says when there is no result, and why", async () => {
    const failing = minimize({ space, trials: 3, objective: () => Promise.reject(new Error("no data")) });
    await expect(failing).rejects.toThrow(/None of 3 trials is complete; the last that failed says: no data/);
    await expect(minimize({ space, trials: 0, objective: () => 1 })).rejects.toThrow(/before its first trial/);
    const pruned = minimize({ space, trials: 2, objective: () => Promise.reject(new Pruned()) });
    await expect(pruned).rejects.toThrow(/None of 2 trials is complete$/);
  });

  it("refuses a search without an end, unless the space has one", async () => {
    await expect(minimize({ space, objective: ({ x }) => x })).rejects.toThrow(/Nothing would stop this search/);
    await expect(minimize({ objective: (trial) => trial.suggestInt("a", 0, 1) })).rejects.toThrow(/Nothing would stop/);
    const finite = await minimize({ space: { a: hp.choice([3, 1, 2]) }, objective: ({ a }) => a, sampler: "grid" });
    expect(finite.summary).toMatchObject({ reason: "exhausted", finished: 3 });
    expect(finite.best.params).toEqual({ a: 1 });
  });

  describe("stops", () => {
    it("at a value that is good enough", async () => {
      const study = await createStudy({ space, seed: 1 });
      const summary = await study.optimize((_, { number }) => 10 - number, { trials: 100, target: 5 });
      expect(summary).toMatchObject({ reason: "target", finished: 6 });
    });

    it("when nothing gets better any more", async () => {
      const study = await createStudy({ space });
      const summary = await study.optimize((_, { number }) => (number < 4 ? -number : 0), { trials: 100, patience: 7 });
      expect(summary).toMatchObject({ reason: "patience", finished: 4 + 7 });
    });

    it("when nothing succeeds", async () => {
      const study = await createStudy({ space });
      const summary = await study.optimize(() => Number.NaN, { patience: 4 });
      expect(summary).toMatchObject({ reason: "patience", finished: 4 });
    });

    it("when time is up, after finishing what runs", async () => {
      const clock = new ManualClock(0);
      const study = await createStudy({ space, clock });
      const objective = (): number => {
        clock.advance(400);
        return 1;
      };
      expect(await study.optimize(objective, { timeoutMs: 1000 })).toEqual({ reason: "timeoutMs", finished: 3, elapsedMs: 1200 });
      // The time is that of a run, not of the study.
      expect((await study.optimize(objective, { timeoutMs: 1000 })).finished).toBe(3);
    });

    it("when asked to: what runs is finished", async () => {
      const stopping = new AbortController();
      const study = await createStudy({ space });
      const objective = async (_: unknown, { number }: { readonly number: number }): Promise<number> => {
        if (number === 4) stopping.abort();
        await new Promise((resolve) => setImmediate(resolve));
        return number;
      };
      const summary = await study.optimize(objective, { trials: 50, concurrency: 3, signal: stopping.signal });
      expect(summary.reason).toBe("signal");
      const states = (await study.trials()).map(({ state }) => state);
      expect(states.length).toBeGreaterThanOrEqual(5);
      expect(states.length).toBeLessThan(9);
      expect(new Set(states)).toEqual(new Set(["complete"]));
    });

    it("at once when aborted: what runs waits again, no attempt is counted, and a later run does it", async () => {
      const aborting = new AbortController();
      const storage = new MemoryStorage();
      const study = await createStudy({ storage, space, seed: 1 });
      const ended: TrialRecord[] = [];
      let cancelled = 0;
      const summary = await study.optimize(
        (_, trial) => {
          trial.signal.addEventListener("abort", () => (cancelled += 1));
          if (trial.number === 2) setImmediate(() => aborting.abort());
          return trial.number < 2 ? 1 : new Promise<number>(() => undefined);
        },
        {
          trials: 10,
          concurrency: 3,
          abortSignal: aborting.signal,
          callbacks: { onTrialEnd: (trial) => void ended.push(trial) },
        },
      );
      expect(summary).toMatchObject({ reason: "abort", finished: 2 });
      expect(cancelled).toBe(3);
      expect(ended.map(({ state }) => state).toSorted()).toEqual(["complete", "complete", "waiting", "waiting", "waiting"]);
      const waiting = (await study.trials()).filter(({ state }) => state === "waiting");
      expect(waiting.map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
      const rest = await (await openStudy({ storage, space })).optimize(({ x }) => x, { trials: 10 });
      expect(rest.finished).toBe(8);
      expect((await study.trials()).every(({ attempts }) => attempts === 1)).toBe(true);
    });

    it("before it begins if it was asked to before", async () => {
      const study = await createStudy({ space });
      for (const [option, reason] of [
        ["signal", "signal"],
        ["abortSignal", "abort"],
      ] as const) {
        expect(await study.optimize(() => 1, { trials: 5, [option]: AbortSignal.abort() })).toMatchObject({
          reason,
          finished: 0,
        });
      }
    });

    it("at the first failure if asked to, with its error, after finishing what runs", async () => {
      const study = await createStudy({ space });
      const cause = new Error("no such file");
      const run = study.optimize(
        async (_, { number }) => {
          await new Promise((resolve) => setImmediate(resolve));
          if (number === 2) throw cause;
          return 1;
        },
        { trials: 20, failFast: true, concurrency: 2 },
      );
      const error: unknown = await run.catch((thrown: unknown) => thrown);
      expect(isArgminError(error, "objective/failed")).toBe(true);
      expect(error).toMatchObject({ message: "Trial 2 failed: no such file", cause });
      const states = (await study.trials()).map(({ state }) => state);
      expect(states.slice(0, 3)).toEqual(["complete", "complete", "failed"]);
      expect(states.length).toBeLessThan(6);
      expect(states).not.toContain("running");
    });
  });

  describe("concurrency", () => {
    it("keeps that many trials running, and no more", async () => {
      const study = await createStudy({ space });
      let running = 0;
      let most = 0;
      const objective = async (): Promise<number> => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return 1;
      };
      await study.optimize(objective, { trials: 20, concurrency: 4 });
      expect(most).toBe(4);
    });

    it.each([0, 1.5, -1])("of %d means nothing", async (concurrency) => {
      const study = await createStudy({ space });
      await expect(study.optimize(() => 1, { trials: 1, concurrency })).rejects.toThrow(/concurrency of 1 or more/);
    });
  });

  describe("callbacks", () => {
    it("tell what happens, in its order", async () => {
      const told: string[] = [];
      const study = await createStudy({ space });
      await study.optimize(
        (_, trial) => {
          trial.report(0, { loss: 1 }, { phase: "only" });
          if (trial.number === 1) throw new Error("no");
          return 1;
        },
        {
          trials: 2,
          callbacks: {
            onTrialStart: (trial) => void told.push(`start ${trial.number}`),
            onReport: (number, { step, phase, metrics }) =>
              void told.push(`report ${number} ${phase} ${step} ${metrics["loss"]}`),
            onTrialEnd: (trial) => void told.push(`end ${trial.number} ${trial.state}`),
            onStop: ({ reason }) => void told.push(`stop ${reason}`),
          },
        },
      );
      expect(told).toEqual([
        "start 0",
        "report 0 only 0 1",
        "end 0 complete",
        "start 1",
        "report 1 only 0 1",
        "end 1 failed",
        "stop trials",
      ]);
    });

    it.each(["onTrialStart", "onTrialEnd", "onStop"] as const)("that throw end the run with their error: %s", async (name) => {
      const study = await createStudy({ space });
      const callbacks = { [name]: () => Promise.reject(new Error("the callback broke")) };
      await expect(study.optimize(() => 1, { trials: 4, callbacks })).rejects.toThrow("the callback broke");
      expect((await study.trials()).map(({ state }) => state)).not.toContain("running");
    });

    it("hear of trials that took over a result", async () => {
      const ended: number[] = [];
      const study = await createStudy({ space: { a: hp.choice([1, 2]) }, duplicates: "reuse", seed: 1 });
      const summary = await study.optimize(({ a }) => a, {
        trials: 6,
        callbacks: { onTrialEnd: ({ number }) => void ended.push(number) },
      });
      expect(ended).toEqual([0, 1, 2, 3, 4, 5]);
      expect(summary.finished).toBe(6);
    });
  });

  it("lets timers and signals in between quick evaluations", async () => {
    const study = await createStudy({ space });
    const stopping = new AbortController();
    setTimeout(() => stopping.abort(), 30);
    const summary = await study.optimize(({ x }) => x, { signal: stopping.signal });
    expect(summary.reason).toBe("signal");
  });

  it("gives back what runs and passes on the error when the storage breaks", async () => {
    const storage = new MemoryStorage();
    const study = await loadOrCreate({ storage, space });
    const finish = storage.finish.bind(storage);
    storage.finish = async (lease, ...rest) => {
      if (lease.number === 3) throw new Error("the disk is gone");
      return finish(lease, ...rest);
    };
    await expect(study.optimize(({ x }) => x, { trials: 10 })).rejects.toThrow("the disk is gone");
    expect((await study.trials()).length).toBe(4);
  });
});
