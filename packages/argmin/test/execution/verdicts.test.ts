import { goOn, Paused, Pruned } from "@argmin/search";
import { describe, expect, it } from "vitest";
import { Verdicts } from "../../src/execution/verdicts.ts";

describe("verdicts from another process", () => {
  it("settle the report they are for", async () => {
    const verdicts = new Verdicts(true);
    const [first, second] = [verdicts.await(), verdicts.await()];
    verdicts.settle(second.report, goOn);
    await second.verdict;
    verdicts.settle(first.report, { kind: "prune", reason: "poor" });
    await expect(first.verdict).rejects.toEqual(new Pruned("poor"));
  });

  it("are met at the next report by an objective that does not wait, and at all that follow", () => {
    const verdicts = new Verdicts(true);
    const { report } = verdicts.await();
    verdicts.ensureHope();
    verdicts.settle(report, { kind: "prune", reason: "poor" });
    expect(() => verdicts.ensureHope()).toThrow(new Pruned("poor"));
    expect(() => verdicts.ensureHope()).toThrow(new Pruned("poor"));
  });

  it("tell a pause from an end", async () => {
    const verdicts = new Verdicts(true);
    const { report, verdict } = verdicts.await();
    verdicts.settle(report, { kind: "pause", reason: "place 2 of 2" });
    await expect(verdict).rejects.toBeInstanceOf(Paused);
    await expect(verdict).rejects.toMatchObject({ reason: "place 2 of 2" });
  });

  it("are not waited for where nobody judges", async () => {
    const verdicts = new Verdicts(false);
    await verdicts.await().verdict;
    verdicts.ensureHope();
  });
});
