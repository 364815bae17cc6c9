import { isArgminError } from "@argmin/base";
import { describe, expect, it } from "vitest";
import {
  createStudy,
  loadOrCreate,
  minimize,
  maximize,
  MemoryStorage,
  openStudy,
  type RequestingTrial,
} from "../../src/index.ts";

function build(trial: RequestingTrial): number {
  const layers = trial.suggestInt("layers", 1, 3);
  let value = trial.suggestFloat("lr", 1e-5, 1, { log: true });
  for (let i = 0; i < layers; i++) value += trial.suggestInt(`units ${i}`, 8, 64, { step: 8 });
  return trial.suggestCategorical("activation", ["relu", "tanh"]) === "relu" ? value : value + 1;
}

describe("define-by-run", () => {
  it("gives values in bounds and on step, and records what was asked for", async () => {
    const { study, best } = await minimize({ objective: build, trials: 40, seed: 1 });
    const trials = await study.trials();
    for (const { params } of trials) {
      const { layers, lr, activation, ...units } = params;
      expect([1, 2, 3]).toContain(layers);
      expect(lr).toBeGreaterThanOrEqual(1e-5);
      expect(lr).toBeLessThanOrEqual(1);
      expect(["relu", "tanh"]).toContain(activation);
      expect(Object.keys(units)).toEqual(Array.from({ length: Number(layers) }, (_, i) => `units ${i}`));
      for (const unit of Object.values(units)) expect(Number(unit) % 8).toBe(0);
    }
    expect(new Set(trials.map(({ params }) => params["layers"]))).toEqual(new Set([1, 2, 3]));
    expect(best.params).toEqual(trials[best.number]?.params);
  });

  it("gives the same values for the same seed, in whatever order they are asked for", async () => {
    const values = async (order: readonly ("a" | "b" | "c")[]): Promise<readonly unknown[]> => {
      const { study } = await maximize({
        seed: 7,
        trials: 5,
        objective: (trial) => {
          const ask = {
            a: () => trial.suggestFloat("a", 0, 1),
            b: () => trial.suggestInt("b", 0, 1000),
            c: () => trial.suggestCategorical("c", ["x", "y", "z"]),
          };
          for (const name of order) ask[name]();
          return trial.suggestFloat("a", 0, 1);
        },
      });
      return (await study.trials()).map(({ params }) => params);
    };
    expect(await values(["c", "a", "b"])).toEqual(await values(["a", "b", "c"]));
  });

  it("answers the same question with the same value, and refuses another question of that name", async () => {
    const study = await createStudy({ seed: 1 });
    const trial = await study.ask();
    const value = trial.suggestFloat("x", 0, 1);
    expect(trial.suggestFloat("x", 0, 1)).toBe(value);
    expect(() => trial.suggestFloat("x", 0, 2)).toThrow(/'x' was .* before/);
    expect(() => trial.suggestFloat("y", 2, 1)).toThrow();
    expect(trial.assignment).toEqual({ x: value });
    expect(trial.params).toEqual({ x: value });
    const next = await study.ask();
    expect(() => next.suggestCategorical("x", ["a"])).toThrow(/'x' was/);
  });

  it("makes a question without meaning fail the trial only", async () => {
    const study = await createStudy({ seed: 1 });
    await study.optimize((trial) => trial.suggestFloat("x", trial.number === 1 ? 5 : 0, 1), { trials: 3 });
    expect((await study.trials()).map(({ state }) => state)).toEqual(["complete", "failed", "complete"]);
    expect(await study.trial(1)).toMatchObject({ error: { code: expect.stringContaining("space/") } });
  });

  it("stores parameters as they are suggested, before the trial ends", async () => {
    const study = await createStudy({ seed: 1 });
    const trial = await study.ask();
    const x = trial.suggestFloat("x", 0, 1);
    await new Promise((resolve) => setImmediate(resolve));
    await study.refresh();
    expect((await study.storage.trial(study.definition.id, 0))?.assignment).toEqual({ x });
  });

  it("goes on with the parameters that are known, in another process too", async () => {
    const storage = new MemoryStorage();
    const first = await createStudy({ storage, seed: 1 });
    await first.optimize(build, { trials: 4 });
    const again = await loadOrCreate({ storage });
    expect((await again.trials()).map(({ params }) => params)).toEqual((await first.trials()).map(({ params }) => params));
    await again.optimize(build, { trials: 8 });
    const whole = await createStudy({ seed: 1 });
    await whole.optimize(build, { trials: 8 });
    expect((await again.trials()).map(({ assignment }) => assignment)).toEqual(
      (await whole.trials()).map(({ assignment }) => assignment),
    );
    const opened = await openStudy({ storage });
    expect((await opened.best())?.params).toEqual((await again.best())?.params);
  });

  it("keeps what several processes have found, each on its own", async () => {
    const storage = new MemoryStorage();
    const [one, two] = [await loadOrCreate({ storage, seed: 1 }), await loadOrCreate({ storage, seed: 1 })];
    await one.optimize((trial) => trial.suggestFloat("a", 0, 1), { trials: 1 });
    await two.optimize((trial) => trial.suggestFloat("b", 0, 1), { trials: 2 });
    const params = (await (await loadOrCreate({ storage })).trials()).map((trial) => Object.keys(trial.params));
    expect(params).toEqual([["a"], ["b"]]);
  });

  it("keeps what it takes to read a trial before the trial ends", async () => {
    const storage = new MemoryStorage();
    const study = await createStudy({ storage, seed: 1 });
    const trial = await study.ask();
    const x = trial.suggestFloat("x", 0, 1);
    // The process ends just after the result was stored.
    const finish = storage.finish.bind(storage);
    storage.finish = async (...given) => {
      await finish(...given);
      throw new Error("killed");
    };
    await expect(study.tell(trial, 1)).rejects.toThrow("killed");
    expect(await (await openStudy({ storage })).trial(0)).toMatchObject({ state: "complete", params: { x } });
  });

  it("loses no parameter when two processes keep theirs at once", async () => {
    const storage = new MemoryStorage();
    const studies = await Promise.all(["a", "b", "c", "d"].map(() => loadOrCreate({ storage, seed: 1 })));
    const trials = await Promise.all(studies.map((study) => study.ask()));
    for (const [i, trial] of trials.entries()) trial.suggestFloat(`x${i}`, 0, 1);
    await Promise.all(studies.map((study, i) => study.tell(trials[i]!, i)));
    const expected = ["x0", "x1", "x2", "x3"];
    for (const study of [...studies, await loadOrCreate({ storage })]) {
      const byNumber = (await study.trials()).map(({ params }) => Object.keys(params).join());
      expect(byNumber.toSorted()).toEqual(expected);
    }
  });

  it("makes a trial fail that used a name otherwise than another process did first, and that trial alone", async () => {
    const storage = new MemoryStorage();
    const [one, two] = [await loadOrCreate({ storage, seed: 1 }), await loadOrCreate({ storage, seed: 1 })];
    const [first, second, third] = [await one.ask(), await two.ask(), await two.ask()];
    first.suggestCategorical("x", ["a", "b"]);
    second.suggestInt("x", 5, 9);
    third.suggestInt("y", 5, 9);
    await one.tell(first, 1);
    expect(await two.tell(second, 2)).toMatchObject({
      state: "failed",
      error: { code: "space/duplicate-label", message: expect.stringContaining("'x' was") },
    });
    expect(await two.tell(third, 3)).toMatchObject({ state: "complete" });
    const params = (await (await loadOrCreate({ storage })).trials()).map((trial) => Object.keys(trial.params));
    expect(params).toEqual([["x"], [], ["y"]]);
  });

  it("can be told again when the storage failed to keep the space", async () => {
    const storage = new MemoryStorage();
    const study = await createStudy({ storage, seed: 1 });
    const trial = await study.ask();
    trial.suggestFloat("x", 0, 1);
    const replace = storage.replaceStudyAttribute.bind(storage);
    storage.replaceStudyAttribute = () => Promise.reject(new Error("busy"));
    await expect(study.tell(trial, 1)).rejects.toThrow("busy");
    storage.replaceStudyAttribute = replace;
    expect(await study.tell(trial, 1)).toMatchObject({ state: "complete" });
    expect(Object.keys((await (await openStudy({ storage })).trial(0))?.params ?? {})).toEqual(["x"]);
  });

  it("asks again for the same values when a trial is tried again", async () => {
    const storage = new MemoryStorage();
    const study = await createStudy({ storage, seed: 1 });
    const trial = await study.ask();
    const values = [trial.suggestFloat("x", 0, 1), trial.suggestCategorical("c", ["a", "b", "c"])];
    await new Promise((resolve) => setImmediate(resolve));
    await study.close();
    const again = await (await loadOrCreate({ storage })).ask();
    expect([again.suggestFloat("x", 0, 1), again.suggestCategorical("c", ["a", "b", "c"])]).toEqual(values);
  });

  it("takes the values that a person enqueued, and draws the others", async () => {
    const study = await createStudy({ seed: 1 });
    await study.enqueue({ c: "z", x: 0.25 }, { attributes: { why: "a guess" } });
    await study.enqueue({ c: "nonsense" });
    const objective = (trial: RequestingTrial): number => {
      trial.suggestCategorical("c", ["x", "y", "z"]);
      return trial.suggestFloat("x", 0, 1) + trial.suggestFloat("y", 0, 1);
    };
    await study.optimize(objective, { trials: 2 });
    expect(await study.trial(0)).toMatchObject({
      params: { c: "z", x: 0.25, y: expect.any(Number) },
      attributes: { why: "a guess" },
    });
    expect(await study.trial(1)).toMatchObject({ state: "failed", error: { message: expect.stringContaining("nonsense") } });
  });

  it("cannot go through a grid that nobody knows", async () => {
    const error: unknown = await createStudy({ sampler: "grid" }).catch((thrown: unknown) => thrown);
    expect(isArgminError(error, "sampler/unsupported")).toBe(true);
  });
});
