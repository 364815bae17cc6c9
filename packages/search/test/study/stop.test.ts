import { isArgminError } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { createStudy, directions, hp, isBetter, ruleToStop, type Progress, type StopRules } from "../../src/index.ts";

const progress: Progress = { direction: "minimize", trials: 5, elapsedMs: 100, best: 0.5, finishedSinceBest: 3, steps: 40 };

describe("stop rules", () => {
  it("never stop a search without rules", () => {
    expect(ruleToStop({}, progress)).toBeUndefined();
  });

  it.each([
    [{ trials: 6 }, undefined],
    [{ trials: 5 }, "trials"],
    [{ trials: 0 }, "trials"],
    [{ timeoutMs: 101 }, undefined],
    [{ timeoutMs: 100 }, "timeoutMs"],
    [{ target: 0.4 }, undefined],
    [{ target: 0.5 }, "target"],
    [{ target: 0.6 }, "target"],
    [{ patience: 4 }, undefined],
    [{ patience: 3 }, "patience"],
    [{ budget: 41 }, undefined],
    [{ budget: 40 }, "budget"],
  ] as const)("%o: %s", (rules, expected) => {
    expect(ruleToStop(rules, progress)).toBe(expected);
  });

  it("know that a target lies above where a study maximises, and out of reach where nothing is complete", () => {
    expect(ruleToStop({ target: 0.4 }, { ...progress, direction: "maximize" })).toBe("target");
    expect(ruleToStop({ target: 0.6 }, { ...progress, direction: "maximize" })).toBeUndefined();
    expect(ruleToStop({ target: 1 }, { ...progress, best: undefined })).toBeUndefined();
  });

  it("name what was achieved before what ran out", () => {
    const all = { trials: 1, timeoutMs: 1, target: 1, patience: 1 };
    expect(ruleToStop(all, progress)).toBe("target");
    expect(ruleToStop({ ...all, target: 0 }, progress)).toBe("patience");
  });
});

describe("isBetter", () => {
  it("knows the direction, and that equals and NaN are not better", () => {
    expect([isBetter("minimize", 1, 2), isBetter("minimize", 2, 1), isBetter("minimize", 1, 1)]).toEqual([true, false, false]);
    expect([isBetter("maximize", 1, 2), isBetter("maximize", 2, 1), isBetter("maximize", 1, 1)]).toEqual([false, true, false]);
    for (const direction of directions) {
      expect(isBetter(direction, Number.NaN, 1) || isBetter(direction, 1, Number.NaN)).toBe(false);
    }
  });
});

describe("stop rules that mean nothing", () => {
  it.each([
    [{ trials: Number.NaN }, "trials must be a whole number from 0, not NaN;"],
    [{ trials: -1 }, "trials must be a whole number from 0, not -1;"],
    [{ trials: 1.5 }, "trials must be a whole number from 0, not 1.5;"],
    [{ trials: Number.POSITIVE_INFINITY }, "trials must be a whole number from 0, not Infinity;"],
    [JSON.parse('{ "trials": "10" }'), 'trials must be a whole number from 0, not "10";'],
    [JSON.parse('{ "trials": null }'), "trials must be a whole number from 0, not null;"],
    [{ timeoutMs: Number.NaN }, "timeoutMs must be a number of milliseconds from 0, not NaN;"],
    [{ timeoutMs: -5 }, "timeoutMs must be a number of milliseconds from 0, not -5;"],
    [{ target: Number.NaN }, "target must be a finite number, not NaN;"],
    [{ patience: Number.NaN }, "patience must be a whole number from 1, not NaN;"],
    [{ patience: 0 }, "patience must be a whole number from 1, not 0;"],
  ])("are refused before anything runs: %o", async (rules: StopRules, says) => {
    const study = await createStudy({ space: { x: hp.uniform(0, 1) } });
    const refused: unknown = await study.optimize(() => 1, { ...rules }).catch((error: unknown) => error);
    expect(isArgminError(refused, "value/invalid")).toBe(true);
    expect(String(refused)).toContain(says);
    expect(await study.trials()).toEqual([]);
  });
});
