import { compileSpace, createSampler, createStudy, hp, TrialHistory, type Space } from "@argmin/search";
import { contextOf, describeSampler } from "@argmin/search/testing";
import { describe, expect, it } from "vitest";
import { createAutoSampler } from "../../../src/sampler/auto/auto.ts";
import { autoSettingsFrom } from "../../../src/sampler/auto/settings.ts";
import { defaultTuning } from "../../../src/sampler/auto/tuning.ts";
import { quickTuning } from "../gp/quick-tuning.ts";

describeSampler({
  name: "auto",
  // What holds of every suggestion holds of those that are looked for less thoroughly.
  make: (settings) =>
    createAutoSampler(autoSettingsFrom({ ...createSampler("auto", settings).settings }), { ...defaultTuning, gp: quickTuning }),
  traits: { exhaustive: false, orderFree: false, ignoresHistory: false },
});

const square = compileSpace({ x: hp.uniform(0, 1), y: hp.uniform(0, 1) });

function historyOf(count: number): TrialHistory {
  const history = new TrialHistory();
  for (let i = 0; i < count; i++) {
    const [x, y] = [(i * 0.618034) % 1, (i * 0.381966 + 0.17 * (i % 7)) % 1];
    history.append({
      sequence: i + 1,
      number: i,
      state: "complete",
      objective: (x - 0.3) ** 2 + (y - 0.6) ** 2,
      assignment: { x, y },
    });
  }
  return history;
}

/** Which of the samplers proposes what `auto` proposes. */
function authors(space: Space, history: TrialHistory, pending = 0): readonly string[] {
  return [0, 1, 2, 3].map((i) => {
    const waiting = Array.from({ length: pending }, (_, k) => ({ x: k / pending, y: 0.5 }));
    const context = { ...contextOf(space, { number: history.length + i, history }), index: history.length + i, pending: waiting };
    const proposed = createSampler("auto").suggest(context);
    const same = ["gp", "tpe"].filter(
      (name) => JSON.stringify(createSampler(name).suggest(context)) === JSON.stringify(proposed),
    );
    return same.join();
  });
}

describe("auto", () => {
  it("lets the Gaussian process and TPE propose in turns", () => {
    expect(authors(square, historyOf(40))).toEqual(["tpe", "gp", "tpe", "gp"]);
  });

  it("leaves it to TPE when a hundred trials are known", () => {
    expect(authors(square, historyOf(98))).toEqual(["tpe", "gp", "tpe", "gp"]);
    expect(authors(square, historyOf(100))).toEqual(["tpe", "tpe", "tpe", "tpe"]);
  });

  it("leaves it to TPE when many trials are under way", () => {
    expect(authors(square, historyOf(20), 8)).toEqual(["tpe", "gp", "tpe", "gp"]);
    expect(authors(square, historyOf(20), 40)).toEqual(["tpe", "tpe", "tpe", "tpe"]);
  });

  it("says what it does in a space, and why", () => {
    const explain = (space: Space): string | undefined => createSampler("auto").explain?.(space);
    expect(explain(square)).toBe(
      "a Gaussian process and TPE in turns, which together find more than either with few trials, " +
        "then, from 100 trials on, TPE alone, since it is quick and knows as much",
    );
    const large = compileSpace(Array.from({ length: 41 }, () => hp.uniform(0, 1)));
    expect(explain(large)).toBe(
      "TPE (Parzen estimators), since 41 parameters are too many to model as one function from a hundred trials",
    );
  });

  it("is what a study has that is not told otherwise, and keeps it", async () => {
    const study = await createStudy({ space: { x: hp.uniform(0, 1) } });
    expect(study.definition.sampler).toEqual({ name: "auto", settings: { startUpTrials: 10, failed: "bad" } });
    await study.close();
  });

  it("follows a bent valley further than chance, in a space with a branch", async () => {
    const study = await createStudy({
      space: { x: hp.uniform(-2, 2), y: hp.uniform(-1, 3), kind: hp.choice(["a", { kind: "b", z: hp.uniform(0, 1) }]) },
      seed: 1,
    });
    await study.optimize(
      ({ x, y, kind }) => (1 - x) ** 2 + 20 * (y - x * x) ** 2 + (typeof kind === "string" ? 1 : (kind.z - 0.4) ** 2),
      { trials: 60 },
    );
    expect((await study.best())?.value).toBeLessThan(0.1);
    await study.close();
  });

  it("finds its way into a branch that looks worst at first", async () => {
    let found = 0;
    for (const seed of [1, 2, 3, 4]) {
      const study = await createStudy({
        space: {
          rate: hp.uniform(0, 1),
          branch: hp.choice([{ x: hp.uniform(0, 1) }, { y: hp.uniform(0, 1), z: hp.uniform(0, 1) }, { w: hp.int(1, 9) }]),
        },
        seed,
      });
      await study.optimize(
        ({ rate, branch }) => {
          const common = (rate - 0.4) ** 2;
          if ("x" in branch) return common + 0.5 + 0.1 * branch.x;
          if ("w" in branch) return common + 0.6 + 0.01 * branch.w;
          return common + 8 * ((branch.y - 0.7) ** 2 + (branch.z - 0.2) ** 2);
        },
        { trials: 50 },
      );
      // The best of the other branches is 0.5; chance comes to 0.03, 0.2 and 0.06.
      if (((await study.best())?.value ?? 1) < 0.02) found += 1;
      await study.close();
    }
    expect(found).toBeGreaterThanOrEqual(2);
  });
});
