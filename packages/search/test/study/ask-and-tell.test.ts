import { isArgminError, ManualClock, type ErrorCode } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { createStudy, hp, MemoryStorage, openStudy, Pruned } from "../../src/index.ts";
import { newWorkerName } from "../../src/storage/worker.ts";

const space = { x: hp.uniform(-1, 1), kind: hp.choice(["a", "b"]) };

describe("ask and tell", () => {
  it("gives out trials with parameters, numbers, seeds and random numbers of their own", async () => {
    const study = await createStudy({ space, seed: 1 });
    const [first, second] = [await study.ask(), await study.ask()];
    expect([first.number, second.number]).toEqual([0, 1]);
    expect(first.params).toEqual({ x: first.assignment["x"], kind: ["a", "b"][first.assignment["kind"]!] });
    expect(first.seed).not.toBe(second.seed);
    expect(Number.isInteger(first.seed) && first.seed >= 0 && first.seed < 2 ** 32).toBe(true);
    expect(first.rng.float()).not.toBe(first.rng.float());
    expect([first.attempt, first.origin]).toEqual([1, "sampler"]);

    const again = await (await createStudy({ space, seed: 1 })).ask();
    expect([again.params, again.seed]).toEqual([first.params, first.seed]);
  });

  it("takes results by trial or by number, in any order", async () => {
    const study = await createStudy({ space });
    const [first, second] = [await study.ask(), await study.ask()];
    expect(await study.tell(second, 2)).toMatchObject({ number: 1, state: "complete", value: 2, finishSequence: 1 });
    expect(await study.tell(first.number, 1)).toMatchObject({ number: 0, state: "complete", value: 1, finishSequence: 2 });
    expect(await study.best()).toMatchObject({ number: 0, value: 1, params: first.params });
  });

  it("records states with what belongs to them", async () => {
    const study = await createStudy({ space });
    const told = async (result: Parameters<typeof study.tell>[1]): Promise<unknown> => study.tell(await study.ask(), result);
    expect(await told({ state: "complete", value: 1, attributes: { a: 1 } })).toMatchObject({ value: 1, attributes: { a: 1 } });
    expect(await told({ state: "pruned", value: 3, reason: "slow" })).toMatchObject({
      state: "pruned",
      value: 3,
      reason: "slow",
    });
    expect(await told({ state: "pruned", value: Number.NaN })).not.toHaveProperty("value");
    expect(await told({ state: "failed", error: new RangeError("too far") })).toMatchObject({
      state: "failed",
      error: { message: "too far", stack: expect.stringContaining("ask-and-tell.test") },
    });
    expect(await told({ state: "failed", error: "just a text" })).toMatchObject({ error: { message: "just a text" } });
    expect(await told({ state: "failed", error: { message: "m", code: "c" } })).toMatchObject({
      error: { message: "m", code: "c" },
    });
    expect(await told({ state: "failed", error: new Error("") })).toMatchObject({ error: { message: "Error" } });
    expect((await study.best())?.number).toBe(0);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("makes %f a failure", async (value) => {
    const study = await createStudy({ space });
    const trial = await study.tell(await study.ask(), value);
    expect(trial).toMatchObject({
      state: "failed",
      error: { code: "trial/not-finite", message: expect.stringContaining(String(value)) },
    });
    expect(await study.best()).toBeUndefined();
  });

  it("keeps reports and attributes, written when the result is told if not before", async () => {
    const study = await createStudy({ space });
    const trial = await study.ask();
    trial.report(0, { loss: 1 });
    trial.setAttribute("machine", "here");
    await new Promise((resolve) => setImmediate(resolve));
    trial.report(1, { loss: Number.NaN }, { phase: "second" });
    trial.setAttribute("machine", "there");
    const finished = await study.tell(trial, { state: "complete", value: 1, attributes: { told: true } });
    expect(finished.attributes).toEqual({ machine: "there", told: true });
    expect((await study.reports(0)).map(({ step, phase, metrics }) => [step, phase, metrics])).toEqual([
      [0, "", { loss: 1 }],
      [1, "second", { loss: Number.NaN }],
    ]);
  });

  it.each([
    ["0.5", /The result of a trial is "0\.5"; wanted a number or an object with one of the states complete, pruned, failed/],
    [null, /The result of a trial is null; wanted a number/],
    [undefined, /is missing; wanted a number/],
    [{ value: 1 }, /is an object with the state missing; wanted/],
    [{ value: 1, state: "converged" }, /is an object with the state "converged"; wanted/],
  ])("refuses %o as a result, and takes another one", async (given, says) => {
    const study = await createStudy({ space });
    const trial = await study.ask();
    const told: { readonly result: number } = JSON.parse(JSON.stringify({ result: given }));
    await expect(study.tell(trial, told.result)).rejects.toThrow(says);
    expect(await study.tell(trial, 1)).toMatchObject({ state: "complete", value: 1 });
  });

  it("refuses reports and attributes that mean nothing", async () => {
    const trial = await (await createStudy({ space })).ask();
    expect(() => trial.report(-1, {})).toThrow(/whole number from 0, not -1/);
    expect(() => trial.report(0.5, {})).toThrow(/0\.5/);
    const metrics: Record<string, number> = JSON.parse('{"loss": "low"}');
    expect(() => trial.report(0, metrics)).toThrow(/'loss' must be a number, not a string/);
    expect(() => trial.setAttribute("a", Number.NaN)).toThrow(/JSON/);
  });

  it("refuses results of trials that are not held here", async () => {
    const storage = new MemoryStorage();
    const study = await createStudy({ storage, space });
    const trial = await study.ask();
    const other = await openStudy({ storage, space });
    expect(await codeOf(other.tell(0, 1))).toBe("trial/lease-lost");
    expect(await codeOf(study.tell(5, 1))).toBe("trial/missing");
    await study.tell(trial, 1);
    expect(await codeOf(study.tell(trial, 2))).toBe("trial/finished");
    expect(await codeOf(other.tell(0, 2))).toBe("trial/finished");
  });

  it("gives back what was not told of when the study is closed", async () => {
    const storage = new MemoryStorage();
    const study = await createStudy({ storage, space });
    const trial = await study.ask();
    expect(trial.signal.aborted).toBe(false);
    await study.close();
    expect(trial.signal.aborted).toBe(true);
    expect(await study.trial(0)).toMatchObject({ state: "waiting", attempts: 0 });
    const again = await (await openStudy({ storage, space })).ask();
    expect([again.number, again.params]).toEqual([0, trial.params]);
  });

  it("knows the best of a study that maximises, and of equals the first number", async () => {
    const study = await createStudy({ space, direction: "maximize" });
    const trials = [await study.ask(), await study.ask(), await study.ask(), await study.ask()];
    for (const [i, value] of [
      [3, -1],
      [2, 5],
      [1, 5],
      [0, 4],
    ] as const) {
      await study.tell(trials[i]!, value);
    }
    expect((await study.best())?.number).toBe(1);
    expect(Array.from(study.history.objectives)).toEqual([1, -5, -5, -4]);
  });
});

describe("enqueued trials", () => {
  it("come first, with the parameters a person wrote, as a sample or by label", async () => {
    const study = await createStudy({ space });
    expect(await study.enqueue({ x: 0.5, kind: "b" }, { attributes: { why: "a guess" } })).toEqual({ number: 0, added: true });
    expect(await study.enqueue({ x: 0, kind: "a" })).toEqual({ number: 1, added: true });
    const trial = await study.ask();
    expect([trial.number, trial.origin, trial.params]).toEqual([0, "enqueued", { x: 0.5, kind: "b" }]);
    await study.tell(trial, 1);
    expect((await study.trial(0))?.attributes).toEqual({ why: "a guess" });
    expect((await study.ask()).params).toEqual({ x: 0, kind: "a" });
    expect(await study.ask()).toMatchObject({ number: 2, origin: "sampler" });
  });

  it("are left out on request if they are there, and refused if they are not of the space", async () => {
    const study = await createStudy({ space });
    await study.enqueue({ x: 0.5, kind: "b" });
    expect(await study.enqueue({ x: 0.5, kind: "b" }, { skipIfExists: true })).toEqual({ number: 0, added: false });
    expect(await study.enqueue({ x: 0.5, kind: "b" })).toEqual({ number: 1, added: true });
    expect(await codeOf(study.enqueue({ x: 7, kind: "b" }))).toBe("space/bounds");
    expect(await codeOf(study.enqueue({ x: 0 }))).toBe("space/invalid");
  });
});

describe("duplicates", () => {
  const small = { a: hp.choice([0, 1, 2]) };

  it("are avoided: each configuration once, then the sampler has nothing left", async () => {
    const study = await createStudy({ space: small, seed: 1 });
    const seen = new Set<number>();
    for (let i = 0; i < 3; i++) {
      const trial = await study.ask();
      seen.add(trial.params.a);
      await study.tell(trial, trial.params.a);
    }
    expect(seen.size).toBe(3);
    expect(await codeOf(study.ask())).toBe("sampler/exhausted");
  });

  it("take over an earlier result", async () => {
    const study = await createStudy({ space: small, seed: 1, duplicates: "reuse" });
    const evaluated: number[] = [];
    await study.optimize(({ a }) => (evaluated.push(a), 10 + a), { trials: 12 });
    const trials = await study.trials();
    expect(evaluated.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    expect(trials).toHaveLength(12);
    for (const trial of trials) expect(trial).toMatchObject({ state: "complete", value: 10 + trial.params.a });
    const reused = trials.find((trial) => trial.attributes["reused"] !== undefined);
    expect(trials[Number(reused?.attributes["reused"])]?.params).toEqual(reused?.params);
  });

  it("are evaluated where there is no result to take over: the first failed, or is still on its way", async () => {
    const study = await createStudy({ space: { a: hp.choice([7, 8]) }, seed: 1, duplicates: "reuse" });
    const asked = [await study.ask(), await study.ask(), await study.ask()];
    expect(asked.map((trial) => trial.number)).toEqual([0, 1, 2]);
    for (const trial of asked) await study.tell(trial, { state: "failed", error: "no" });
    expect((await study.ask()).number).toBe(3);
  });

  it("are allowed", async () => {
    const study = await createStudy({ space: small, seed: 1, duplicates: "allow" });
    await study.optimize(({ a }) => a, { trials: 10 });
    expect(await study.trials()).toHaveLength(10);
  });
});

describe("a lost lease", () => {
  const elsewhere = "elsewhere/1/2/3";

  it("puts the trial back when it has run out, refuses the late result and keeps it", async () => {
    const clock = new ManualClock(1000);
    const storage = new MemoryStorage({ clock });
    const gone = await createStudy({ storage, clock, space, seed: 1, worker: elsewhere, leaseMs: 500 });
    const trial = await gone.ask();
    const study = await openStudy({ storage, clock, space });
    clock.advance(499);
    expect((await study.ask()).number).toBe(1);
    clock.advance(1001);
    const again = await study.ask();
    expect([again.number, again.attempt, again.params, again.seed]).toEqual([0, 2, trial.params, trial.seed]);
    expect(await codeOf(gone.tell(trial, 5))).toBe("trial/lease-lost");
    await study.tell(again, 6);
    expect(await study.trial(0)).toMatchObject({ value: 6, attempts: 2 });
    expect(await study.lateResults()).toMatchObject([{ number: 0, outcome: { state: "complete", value: 5 } }]);
  });

  it("is noticed at once if the process ended on this machine", async () => {
    const storage = new MemoryStorage();
    const study = await createStudy({ storage, space });
    const [host, , started] = newWorkerName().split("/");
    const dead = await openStudy({ storage, space, worker: `${host}/99999999/${started}/1` });
    expect((await dead.ask()).number).toBe(0);
    expect(await study.ask()).toMatchObject({ number: 0, attempt: 2 });
  });

  it("fails the trial when it happens too often", async () => {
    const clock = new ManualClock(0);
    const storage = new MemoryStorage({ clock });
    const settings = { storage, clock, space, retries: 1, leaseMs: 10 };
    await (await createStudy({ ...settings, worker: elsewhere })).ask();
    clock.advance(5000);
    await (await openStudy({ ...settings, worker: elsewhere })).ask();
    clock.advance(5000);
    const study = await openStudy(settings);
    expect(await study.recover()).toEqual({ recovered: 1, elsewhere: 0, waiting: 0 });
    expect(await study.trial(0)).toMatchObject({ state: "failed", error: { code: "trial/crashed" } });
  });
});

describe("Pruned", () => {
  it("has a reason and perhaps a value", () => {
    expect(new Pruned()).toMatchObject({ name: "Pruned", message: "stopped early", value: undefined });
    expect(new Pruned("no", { value: 3 })).toMatchObject({ message: "no", value: 3 });
  });
});

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (isArgminError(error)) return error.code;
    throw error;
  }
}
