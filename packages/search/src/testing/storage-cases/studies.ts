import type { JsonValue } from "@argmin/base";
import { describe, expect, it } from "vitest";
import { claim, codeOf, definition, type StorageBench } from "./bench.ts";

export function studyCases(bench: StorageBench): void {
  const { begin, enqueue, finish, leaseOf } = bench;
  describe("studies", () => {
    it("gives back what a study was created with", async () => {
      const odd = { ...definition, name: "Ünïcode 😀 'quoted'", seed: "text", space: null, direction: "maximize" } as const;
      const created = await bench.storage.createStudy(odd);
      expect(created).toEqual({ ...odd, id: created.id, createdAt: bench.clock.now() });
      expect(await bench.storage.findStudy(odd.name)).toEqual(created);
      expect(await bench.storage.findStudy("nobody")).toBeUndefined();
    });

    it("refuses a name twice", async () => {
      expect(await codeOf(bench.storage.createStudy(definition))).toBe("study/exists");
    });

    it("gives a name to one of many who ask for it at once", async () => {
      const asked = [1, 2, 3, 4, 5].map(() => codeOf(bench.storage.createStudy({ ...definition, name: "wanted" })));
      expect((await Promise.all(asked)).filter((code) => code === undefined)).toHaveLength(1);
    });

    it("lists studies in the order of their creation, with their trials counted by state", async () => {
      await bench.storage.createStudy({ ...definition, name: "a" });
      await finish(await begin());
      await finish(await begin(), { state: "pruned" });
      await finish(await begin(), { state: "failed", error: { message: "no" } });
      await finish(await begin(), { state: "paused", value: 1, step: 3 });
      await begin();
      await enqueue(1);
      await enqueue(2);
      expect((await bench.storage.listStudies()).map((summary) => [summary.study.name, summary.counts])).toEqual([
        ["study", { waiting: 2, running: 1, paused: 1, complete: 1, pruned: 1, failed: 1 }],
        ["a", { waiting: 0, running: 0, paused: 0, complete: 0, pruned: 0, failed: 0 }],
      ]);
    });

    it("keeps attributes, each replaced as a whole", async () => {
      await bench.storage.setStudyAttribute(bench.study.id, "result", { best: [1, 2, null], text: "a\0b\ud800" });
      await bench.storage.setStudyAttribute(bench.study.id, "note", "x");
      await bench.storage.setStudyAttribute(bench.study.id, "note", 3);
      expect(await bench.storage.studyAttributes(bench.study.id)).toEqual({
        result: { best: [1, 2, null], text: "a\0b\ud800" },
        note: 3,
      });
      expect(await codeOf(bench.storage.setStudyAttribute(bench.study.id, "bad", { value: Number.NaN }))).toBe("json/invalid");
    });

    it("replaces an attribute that is as expected, and no other", async () => {
      const replace = (expected: JsonValue | undefined, value: JsonValue): Promise<boolean> =>
        bench.storage.replaceStudyAttribute(bench.study.id, "step", expected, value);
      expect(await replace({ by: "a" }, 0)).toBe(false);
      expect(await replace(undefined, { by: "a", parts: [1, null] })).toBe(true);
      expect(await replace(undefined, { by: "b" })).toBe(false);
      expect(await replace({ by: "a" }, { by: "b" })).toBe(false);
      expect(await replace({ parts: [1, null], by: "a" }, null)).toBe(true);
      expect(await replace(undefined, { by: "b" })).toBe(false);
      expect(await replace(null, "done")).toBe(true);
      expect(await bench.storage.studyAttributes(bench.study.id)).toEqual({ step: "done" });
      expect(await codeOf(replace("done", Number.NaN))).toBe("json/invalid");
    });

    it("lets one of many who replace an attribute at once succeed", async () => {
      const { id } = bench.study;
      for (const expected of [undefined, 0]) {
        const all = [1, 2, 3, 4, 5].map((value) => bench.storage.replaceStudyAttribute(id, "step", expected, value));
        const succeeded = await Promise.all(all);
        expect(succeeded.filter(Boolean)).toHaveLength(1);
        expect(await bench.storage.studyAttributes(id)).toEqual({ step: succeeded.indexOf(true) + 1 });
        await bench.storage.setStudyAttribute(id, "step", 0);
      }
    });

    it("deletes a study with everything in it, and never gives its id again", async () => {
      const trial = await begin();
      await bench.storage.update(leaseOf(trial), { reports: [{ step: 0, phase: "", metrics: { loss: 1 } }] });
      const waiting = await enqueue(5);
      await bench.storage.deleteStudy(bench.study.id);
      expect(await bench.storage.findStudy(definition.name)).toBeUndefined();
      for (const refused of [
        () => finish(trial),
        () => bench.storage.update(leaseOf(trial), {}),
        () => bench.storage.release(leaseOf(trial)),
        () => bench.storage.lose(leaseOf(trial), "gone"),
        () => bench.storage.trials(bench.study.id),
        () => bench.storage.trial(bench.study.id, waiting),
        () => bench.storage.paused(bench.study.id),
        () => bench.storage.promote(bench.study.id, trial.number, claim),
        () => bench.storage.reports(bench.study.id),
        () => bench.storage.lateResults(bench.study.id),
        () => bench.storage.changes(bench.study.id, { number: 0, sequence: 0 }),
        () => bench.storage.claimWaiting(bench.study.id, claim),
        () => bench.storage.addRunning(bench.study.id, { number: 2, assignment: {}, hash: "h", historySequence: 0 }, claim),
        () => bench.storage.studyAttributes(bench.study.id),
        () => bench.storage.setStudyAttribute(bench.study.id, "a", 1),
        () => bench.storage.replaceStudyAttribute(bench.study.id, "a", undefined, 1),
        () => bench.storage.deleteStudy(bench.study.id),
        () => enqueue(3),
      ]) {
        expect(await codeOf(refused())).toBe("study/missing");
      }
      expect(await bench.storage.renew([leaseOf(trial)], 1000)).toEqual([leaseOf(trial)]);
      const again = await bench.storage.createStudy(definition);
      expect(again.id).not.toBe(bench.study.id);
      expect(await bench.storage.trials(again.id)).toEqual([]);
    });

    it("keeps studies apart", async () => {
      const other = await bench.storage.createStudy({ ...definition, name: "other" });
      await finish(await begin());
      await bench.storage.addRunning(other.id, { number: 0, assignment: { y: 1 }, hash: "hash 0", historySequence: 0 }, claim);
      expect((await bench.storage.trials(other.id)).map((trial) => [trial.assignment, trial.state])).toEqual([
        [{ y: 1 }, "running"],
      ]);
      expect(await bench.storage.claimWaiting(other.id, claim)).toBeUndefined();
    });
  });
}
