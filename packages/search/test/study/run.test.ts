import { ManualClock } from "@argmin/base";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createStudy, hp, MemoryStorage, openStudy, runTrials, type TrialOutcome } from "../../src/index.ts";
import { LeaseKeeper } from "../../src/study/lease-keeper.ts";

const space = { x: hp.uniform(-1, 1) };
const complete: TrialOutcome = { state: "complete", value: 1 };

describe("running trials", () => {
  it("tries a trial again whose evaluation was lost, as often as the study allows", async () => {
    const study = await createStudy({ space, retries: 2 });
    const attempts: string[] = [];
    const ended: string[] = [];
    const summary = await runTrials({
      study,
      stop: { trials: 3 },
      evaluate: async ({ number, attempt }): Promise<TrialOutcome> => {
        attempts.push(`${number}.${attempt}`);
        return number === 1 || (number === 0 && attempt < 3) ? { state: "lost", reason: "The worker crashed." } : complete;
      },
      callbacks: { onTrialEnd: ({ number, state }) => void ended.push(`${number} ${state}`) },
    });
    expect(attempts).toEqual(["0.1", "0.2", "0.3", "1.1", "1.2", "1.3", "2.1"]);
    expect(ended).toEqual(["0 waiting", "0 waiting", "0 complete", "1 waiting", "1 waiting", "1 failed", "2 complete"]);
    expect(await study.trial(1)).toMatchObject({ error: { message: expect.stringMatching(/3 times.*The worker crashed\./) } });
    expect(summary).toMatchObject({ reason: "trials", finished: 3 });
  });

  it("gives back a trial without counting it", async () => {
    const study = await createStudy({ space, retries: 0 });
    let refused = 0;
    await runTrials({
      study,
      stop: { trials: 1 },
      evaluate: async () => (refused++ < 5 ? { state: "released" } : complete),
    });
    expect(await study.trial(0)).toMatchObject({ state: "complete", attempts: 1 });
  });

  it("waits for what other processes work on, and takes it over if they do not finish", async () => {
    const clock = new ManualClock(0);
    const storage = new MemoryStorage({ clock });
    const settings = { storage, clock, space, seed: 1, leaseMs: 1000 };
    const other = await createStudy({ ...settings, worker: "elsewhere/1/2/3" });
    const [first, second] = [await other.ask(), await other.ask()];
    const waited: number[] = [];
    const evaluated: number[] = [];
    const study = await openStudy(settings);
    const summary = await runTrials({
      study,
      stop: { trials: 3 },
      evaluate: async (trial) => {
        evaluated.push(trial.number);
        return complete;
      },
      callbacks: {
        onWait: async (running) => {
          waited.push(running);
          if (waited.length === 1) await other.tell(second, 5);
          else clock.advance(2000);
        },
      },
    });
    expect(evaluated).toEqual([2, 0]);
    expect(waited).toEqual([2, 1]);
    expect(summary).toMatchObject({ reason: "trials", finished: 2 });
    await expect(other.tell(first, 1)).rejects.toThrow(/comes too late/);
  });

  it("goes on when a lease was lost: the result is refused and kept, and the trial is somebody else's", async () => {
    const clock = new ManualClock(0);
    const storage = new MemoryStorage({ clock });
    const settings = { storage, clock, space, seed: 1, leaseMs: 1000 };
    const slow = await createStudy({ ...settings, worker: "elsewhere/1/2/3" });
    const quick = await openStudy(settings);
    const summary = await runTrials({
      study: slow,
      stop: { trials: 2 },
      evaluate: async (trial) => {
        if (trial.number > 0) return { state: "complete", value: 7 };
        clock.advance(5000);
        await quick.tell(await quick.ask(), 9);
        trial.report(0, { loss: 1 });
        await new Promise((resolve) => setImmediate(resolve));
        return complete;
      },
    });
    expect(await slow.trial(0)).toMatchObject({ value: 9, attempts: 2 });
    expect(await slow.lateResults()).toMatchObject([{ number: 0, outcome: { state: "complete", value: 1 } }]);
    expect(summary.reason).toBe("trials");
  });

  it("waits for another study object of this process too", async () => {
    const storage = new MemoryStorage();
    const other = await createStudy({ storage, space });
    const asked = await other.ask();
    const study = await openStudy({ storage, space });
    let waited = 0;
    const summary = await runTrials({
      study,
      stop: { trials: 3 },
      evaluate: async () => complete,
      callbacks: {
        onWait: async (running) => {
          waited += running;
          await other.tell(asked, 5);
        },
      },
    });
    expect([waited, summary.reason, summary.finished]).toEqual([1, "trials", 2]);
    expect((await study.trials()).map(({ state }) => state)).toEqual(["complete", "complete", "complete"]);
  });

  it.each(["before", "after"] as const)("tells once of a trial whose result is stored just %s an abort", async (when) => {
    const storage = new MemoryStorage();
    const study = await createStudy({ storage, space });
    const aborting = new AbortController();
    const finish = storage.finish.bind(storage);
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    storage.finish = async (...given) => {
      if (when === "after") aborting.abort();
      await turn();
      const finished = await finish(...given);
      if (when === "before") aborting.abort();
      await turn();
      return finished;
    };
    const told: string[] = [];
    const summary = await runTrials({
      study,
      abortSignal: aborting.signal,
      evaluate: async () => complete,
      callbacks: {
        onTrialEnd: ({ number, state }) => void told.push(`${number} ${state}`),
        onStop: ({ reason }) => void told.push(reason),
      },
    });
    await turn();
    expect(told).toEqual(["0 complete", "abort"]);
    expect(summary).toMatchObject({ reason: "abort", finished: 1 });
  });

  it("gives back a trial whose result could not be stored", async () => {
    const storage = new MemoryStorage();
    const study = await createStudy({ storage, space });
    storage.finish = () => Promise.reject(new Error("the disk is full"));
    const told: string[] = [];
    const callbacks = { onTrialEnd: ({ state }: { readonly state: string }) => void told.push(state) };
    const run = runTrials({ study, stop: { trials: 3 }, evaluate: async () => complete, callbacks });
    await expect(run).rejects.toThrow("the disk is full");
    expect(told).toEqual(["waiting"]);
    expect(await study.trial(0)).toMatchObject({ state: "waiting", attempts: 0 });
  });

  it("passes a signal that aborts with the run", async () => {
    const study = await createStudy({ space });
    const aborting = new AbortController();
    const reasons: string[] = [];
    await runTrials({
      study,
      abortSignal: aborting.signal,
      evaluate: ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            reasons.push(String(signal.reason));
            resolve(complete);
          });
          aborting.abort();
        }),
    });
    expect(reasons).toEqual([expect.stringContaining("Trial 0 was given back")]);
    expect((await study.trial(0))?.state).toBe("waiting");
  });
});

describe("signals of trials", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("are made for trials that look at them alone, since they cost more than the rest of a trial", async () => {
    let made = 0;
    class CountedController extends AbortController {
      constructor() {
        super();
        made += 1;
      }
    }
    vi.stubGlobal("AbortController", CountedController);
    const study = await createStudy({ space });
    await study.optimize((_, trial) => (trial.number < 3 && trial.signal.aborted ? 0 : 1), { trials: 10 });
    expect(made).toBe(3);
  });
});

describe("keeping leases", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("renews them while a trial is held, and not afterwards", async () => {
    vi.useFakeTimers();
    const storage = new MemoryStorage();
    const study = await createStudy({ storage, space, leaseMs: 900 });
    const trial = await study.ask();
    const expiry = async (): Promise<number> => {
      const record = await study.trial(0);
      return record?.state === "running" ? record.lease.expiresAt - Date.now() : Number.NaN;
    };
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await expiry()).toBeGreaterThan(500);
    await study.tell(trial, 1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("aborts the trial's signal when its lease turns out to be lost", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const storage = new MemoryStorage();
    const study = await createStudy({ storage, space, leaseMs: 900 });
    const trial = await study.ask();
    await storage.lose({ study: study.definition.id, number: 0, token: 1 }, "for the test");
    await vi.advanceTimersByTimeAsync(400);
    expect(trial.signal.aborted).toBe(true);
    expect(String(trial.signal.reason)).toMatch(/lease of trial 0 was lost/);
  });

  it("bears a storage that fails now and then", async () => {
    const storage = new MemoryStorage();
    const lost: number[] = [];
    const keeper = new LeaseKeeper(storage, 900, ({ number }) => void lost.push(number));
    keeper.keep({ study: 1, number: 3, token: 1 });
    const renew = storage.renew.bind(storage);
    storage.renew = () => Promise.reject(new Error("busy"));
    await keeper.renew();
    expect(lost).toEqual([]);
    storage.renew = renew;
    await Promise.all([keeper.renew(), keeper.renew()]);
    expect(lost).toEqual([3]);
  });
});
