import { describe, expect, it } from "vitest";
import { ruleToStop, type Progress } from "../../src/index.ts";

const progress: Progress = { direction: "minimize", trials: 5, elapsedMs: 100, best: 0.5, finishedSinceBest: 3 };

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
