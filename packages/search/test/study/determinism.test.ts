import { describe, expect, it } from "vitest";
import { createStudy, hp, loadOrCreate, MemoryStorage, openStudy, type Assignment, type Study } from "../../src/index.ts";

const space = {
  lr: hp.float(1e-5, 1, { log: true }),
  optimizer: hp.choice([
    { kind: "sgd", momentum: hp.uniform(0, 1) },
    { kind: "adam", beta: hp.uniform(0.8, 1) },
  ]),
  units: hp.choice([8, 16, 32]),
};
const few = { a: hp.choice([1, 2, 3, 4]), b: hp.choice(["x", "y", "z"]) };

async function assignments(study: Study<unknown>): Promise<readonly Assignment[]> {
  return (await study.trials()).map(({ assignment }) => assignment);
}

/** Takes a while that differs from trial to trial, so that workers overtake each other. */
async function evaluate(_: unknown, { seed }: { readonly seed: number }): Promise<number> {
  for (let i = 0; i < seed % 7; i++) await new Promise((resolve) => setImmediate(resolve));
  return seed % 1000;
}

describe("the same seed gives the same trials", () => {
  it("and another seed gives others", async () => {
    const run = async (seed: number | string): Promise<readonly Assignment[]> => {
      const study = await createStudy({ space, seed });
      await study.optimize(evaluate, { trials: 20 });
      return assignments(study);
    };
    const [first, again, other, text] = [await run(3), await run(3), await run(4), await run("3")];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(text).not.toEqual(first);
  });

  it.each([
    ["a wide space", space, 30],
    ["a space so small that repeats have to be avoided", few, 12],
  ] as const)("with one worker, with several, and interrupted: %s", async (_, definition, trials) => {
    const alone = await createStudy({ space: definition, sampler: "random", seed: 5 });
    await alone.optimize(evaluate, { trials });
    const expected = await assignments(alone);

    const concurrent = await createStudy({ space: definition, sampler: "random", seed: 5 });
    await concurrent.optimize(evaluate, { trials, concurrency: 5 });
    expect(await assignments(concurrent)).toEqual(expected);

    const storage = new MemoryStorage();
    const workers = await Promise.all(
      [1, 2, 3].map(() => loadOrCreate({ storage, space: definition, sampler: "random", seed: 5 })),
    );
    await Promise.all(workers.map((study) => study.optimize(evaluate, { trials, concurrency: 2 })));
    const shared = await openStudy({ storage, space: definition });
    expect(await assignments(shared)).toEqual(expected);
    expect((await shared.trials()).every(({ state, attempts }) => state === "complete" && attempts === 1)).toBe(true);

    const interrupted = await createStudy({ space: definition, sampler: "random", seed: 5 });
    for (let part = 2; part <= trials; part += 3) await interrupted.optimize(evaluate, { trials: part });
    await interrupted.optimize(evaluate, { trials });
    expect(await assignments(interrupted)).toEqual(expected);
  });

  it("also where trials are enqueued between: a grid still goes through every point, once and in its order", async () => {
    const enqueueing = async (workers: number, concurrency: number): Promise<readonly Assignment[]> => {
      const storage = new MemoryStorage();
      const settings = { storage, space: few, sampler: "grid", seed: 5, duplicates: "allow" } as const;
      const studies = await Promise.all(Array.from({ length: workers }, () => loadOrCreate(settings)));
      const [first] = studies;
      for (const [total, a] of [
        [2, 4],
        [7, 1],
        [8, 1],
      ] as const) {
        await first!.enqueue({ a, b: "z" });
        await Promise.all(studies.map((study) => study.optimize(evaluate, { trials: total, concurrency })));
      }
      const resumed = await loadOrCreate(settings);
      const { reason } = await resumed.optimize(evaluate, { concurrency });
      expect(reason).toBe("exhausted");
      const drawn = (await resumed.trials()).filter(({ origin }) => origin === "sampler");
      expect(await resumed.trials()).toHaveLength(drawn.length + 3);
      return drawn.map(({ assignment }) => assignment);
    };
    const alone = await createStudy({ space: few, sampler: "grid", seed: 5, duplicates: "allow" });
    await alone.optimize(evaluate);
    const expected = await assignments(alone);
    expect(new Set(expected.map((assignment) => JSON.stringify(assignment))).size).toBe(12);
    expect(await enqueueing(1, 1)).toEqual(expected);
    expect(await enqueueing(3, 2)).toEqual(expected);
  });

  it("and that avoids repeats leaves out what was enqueued, and nothing else", async () => {
    const study = await createStudy({ space: few, sampler: "grid", seed: 5 });
    await study.enqueue({ a: 3, b: "y" });
    await study.enqueue({ a: 1, b: "x" });
    expect(await study.optimize(evaluate)).toMatchObject({ reason: "exhausted", finished: 12 });
    expect(new Set((await assignments(study)).map((assignment) => JSON.stringify(assignment))).size).toBe(12);
  });

  it("and the same values where the objective draws from its trial", async () => {
    const values = async (concurrency: number): Promise<readonly unknown[]> => {
      const study = await createStudy({ space, seed: 1 });
      await study.optimize((_, trial) => trial.rng.float(), { trials: 10, concurrency });
      return (await study.trials()).map((trial) => (trial.state === "complete" ? trial.value : undefined));
    };
    expect(await values(1)).toEqual(await values(4));
  });

  it("and each trial tells how much history its suggestion could see", async () => {
    const study = await createStudy({ space, seed: 1 });
    const first = await study.ask();
    await study.ask();
    await study.tell(first, 1);
    await study.ask();
    expect((await study.trials()).map(({ historySequence }) => historySequence)).toEqual([0, 0, 1]);
  });
});
