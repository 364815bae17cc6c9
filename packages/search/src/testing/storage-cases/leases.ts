import { describe, expect, it } from "vitest";
import { claim, codeOf, definition, done, type StorageBench } from "./bench.ts";

export function leaseCases(bench: StorageBench): void {
  const { begin, enqueue, finish, leaseOf, present } = bench;
  describe("what a running trial says", () => {
    const report = (step: number, loss: number, phase = ""): { step: number; phase: string; metrics: { loss: number } } => ({
      step,
      phase,
      metrics: { loss },
    });

    it("is kept by trial, phase and step; a step said again replaces the first", async () => {
      const trial = await begin();
      const other = await begin();
      await bench.storage.update(leaseOf(other), { reports: [report(0, 9)] });
      await bench.storage.update(leaseOf(trial), {
        reports: [report(10, 3, "fold 2"), report(2, 2, "fold 2"), report(0, 1, "fold 1")],
      });
      await bench.storage.update(leaseOf(trial), { reports: [report(2, 5, "fold 2")] });
      expect(await bench.storage.reports(bench.study.id, 0)).toEqual([
        { number: 0, ...report(0, 1, "fold 1") },
        { number: 0, ...report(2, 5, "fold 2") },
        { number: 0, ...report(10, 3, "fold 2") },
      ]);
      expect(await bench.storage.reports(bench.study.id)).toHaveLength(4);
    });

    it("may hold NaN and infinities", async () => {
      const metrics = { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY, d: 0.1 };
      const trial = await begin();
      await bench.storage.update(leaseOf(trial), { reports: [{ step: 0, phase: "", metrics }] });
      expect(await bench.storage.reports(bench.study.id, 0)).toEqual([{ number: 0, step: 0, phase: "", metrics }]);
    });

    it("can be followed metric by metric from where one stood, in the order in which it was written", async () => {
      const { storage, study } = bench;
      const [one, other] = [await begin(), await begin()];
      const point = (trial: typeof one, step: number, value: number): object => ({
        number: trial.number,
        token: trial.lease.token,
        step,
        value,
      });
      const nothing = await storage.metricChanges(study.id, "loss", 0);
      expect(nothing.points).toEqual([]);
      await storage.update(leaseOf(other), { reports: [report(1, 4), report(1, 3, "fold 1")] });
      await storage.update(leaseOf(one), { reports: [{ step: 1, phase: "", metrics: { loss: Number.NaN, accuracy: 1 } }] });
      await storage.update(leaseOf(one), { reports: [{ step: 2, phase: "", metrics: { accuracy: 1 } }] });
      const first = await storage.metricChanges(study.id, "loss", nothing.sequence);
      expect(first.points).toEqual([point(other, 1, 4), point(one, 1, Number.NaN)]);
      expect(await storage.metricChanges(study.id, "loss", first.sequence)).toEqual({ sequence: first.sequence, points: [] });
      await finish(other, done);
      await storage.finish(leaseOf(one), done, { reports: [report(7, 1), report(1, 2)] });
      const second = await storage.metricChanges(study.id, "loss", first.sequence);
      expect(second.points).toEqual([point(one, 7, 1), point(one, 1, 2)]);
      const all = [point(other, 1, 4), point(one, 7, 1), point(one, 1, 2)];
      expect((await storage.metricChanges(study.id, "loss", 0)).points).toEqual(all);
      expect((await storage.metricChanges(study.id, "accuracy", 0)).points).toEqual([point(one, 2, 1)]);
    });

    it("is followed no further when the trial is put back, and what is said then comes after it", async () => {
      const { storage, study } = bench;
      const trial = await begin();
      await storage.update(leaseOf(trial), { reports: [report(1, 1), report(2, 1), report(3, 1)] });
      const { sequence } = await storage.metricChanges(study.id, "loss", 0);
      await storage.lose(leaseOf(trial), "gone");
      expect((await storage.metricChanges(study.id, "loss", 0)).points).toEqual([]);
      const again = await storage.claimWaiting(study.id, claim);
      if (again === undefined) throw new Error("nothing waits");
      await storage.update(leaseOf(again), { reports: [report(1, 5)] });
      const { points } = await storage.metricChanges(study.id, "loss", sequence);
      expect(points).toEqual([{ number: 0, token: again.lease.token, step: 1, value: 5 }]);
      expect(again.lease.token).toBeGreaterThan(trial.lease.token);
    });

    it("merges attributes and replaces the assignment", async () => {
      const trial = await begin({ assignment: {}, hash: undefined });
      await bench.storage.update(leaseOf(trial), { attributes: { a: 1, b: [true] }, assignment: { x: 1 } });
      await bench.storage.update(leaseOf(trial), { attributes: { a: { deep: "😀" } }, assignment: { x: 1, y: 2 } });
      expect(await present(0)).toMatchObject({ attributes: { a: { deep: "😀" }, b: [true] }, assignment: { x: 1, y: 2 } });
    });

    it("can come together with the result", async () => {
      const update = { reports: [report(0, 1)], attributes: { a: 1 }, assignment: { z: 1 } };
      await bench.storage.finish(leaseOf(await begin()), done, update);
      expect(await present(0)).toMatchObject({ state: "complete", attributes: { a: 1 }, assignment: { z: 1 } });
      expect(await bench.storage.reports(bench.study.id, 0)).toHaveLength(1);
      expect((await bench.storage.changes(bench.study.id, { number: 1, sequence: 0 })).finished[0]?.assignment).toEqual({ z: 1 });
    });
  });

  describe("leases", () => {
    it("are prolonged from now on", async () => {
      const trial = await begin();
      bench.clock.advance(900);
      expect(await bench.storage.renew([leaseOf(trial)], 5000)).toEqual([]);
      expect(await present(0)).toMatchObject({ lease: { ...trial.lease, expiresAt: bench.clock.now() + 5000 } });
    });

    it("hold until somebody declares them lost, however late", async () => {
      const trial = await begin();
      bench.clock.advance(1_000_000);
      expect(await finish(trial)).toMatchObject({ state: "complete", finishSequence: 1 });
    });

    it("are void once lost: the trial waits, is given again, and the late result is refused and kept", async () => {
      const trial = await begin();
      await bench.storage.update(leaseOf(trial), {
        reports: [{ step: 0, phase: "", metrics: { loss: 1 } }],
        attributes: { a: 1 },
      });
      await bench.storage.lose(leaseOf(trial), "no sign of life");
      expect(await present(0)).toMatchObject({ state: "waiting", attempts: 1, attributes: { a: 1 }, assignment: { x: 0 } });
      expect(await bench.storage.reports(bench.study.id)).toEqual([]);
      expect(await codeOf(finish(trial, { state: "complete", value: 1 }))).toBe("trial/lease-lost");

      const again = await bench.storage.claimWaiting(bench.study.id, { worker: "other", leaseMs: 10 });
      expect(again).toMatchObject({ number: 0, attempts: 2, assignment: { x: 0 } });
      expect(again!.lease.token).toBeGreaterThan(trial.lease.token);
      expect(await codeOf(finish(trial, { state: "pruned", value: 2 }))).toBe("trial/lease-lost");
      expect(await codeOf(bench.storage.update(leaseOf(trial), { attributes: { b: 1 } }))).toBe("trial/lease-lost");
      expect(await bench.storage.renew([leaseOf(trial), leaseOf(again!)], 1000)).toEqual([leaseOf(trial)]);
      await bench.storage.release(leaseOf(trial));
      await bench.storage.lose(leaseOf(trial), "again");
      expect(await present(0)).toMatchObject({ state: "running", attempts: 2 });

      expect((await finish(again!, { state: "complete", value: 3 })).finishSequence).toBe(1);
      expect(await codeOf(finish(trial, { state: "failed", error: { message: "late" } }))).toBe("trial/lease-lost");
      expect(await present(0)).toMatchObject({ state: "complete", value: 3, worker: "other" });
      const late = { number: 0, token: trial.lease.token, receivedAt: bench.clock.now() };
      expect(await bench.storage.lateResults(bench.study.id)).toEqual([
        { ...late, outcome: { state: "complete", value: 1 } },
        { ...late, outcome: { state: "pruned", value: 2 } },
        { ...late, outcome: { state: "failed", error: { message: "late" } } },
      ]);
    });

    it("lost more often than the study's retries fail the trial", async () => {
      let trial = await begin();
      for (let attempt = 1; attempt <= definition.retries; attempt++) {
        await bench.storage.lose(leaseOf(trial), "its process ended");
        const next = await bench.storage.claimWaiting(bench.study.id, claim);
        expect(next?.attempts).toBe(attempt + 1);
        trial = next!;
      }
      await bench.storage.lose(leaseOf(trial), "its process ended");
      const failed = await present(0);
      expect(failed).toMatchObject({ state: "failed", finishSequence: 1, error: { code: "trial/crashed" } });
      expect(failed.state === "failed" ? failed.error.message : "").toMatch(/3 times.*its process ended/);
      expect(await bench.storage.claimWaiting(bench.study.id, claim)).toBeUndefined();
    });

    it("can be handed back, which counts as nothing", async () => {
      let trial = await begin();
      await bench.storage.update(leaseOf(trial), { reports: [{ step: 0, phase: "", metrics: { loss: 1 } }] });
      for (let i = 0; i < 5; i++) {
        await bench.storage.release(leaseOf(trial));
        expect(await present(0)).toMatchObject({ state: "waiting", attempts: 0 });
        trial = (await bench.storage.claimWaiting(bench.study.id, claim))!;
      }
      expect(trial.attempts).toBe(1);
      expect(await bench.storage.reports(bench.study.id)).toEqual([]);
    });

    it("put a trial back to its place in the queue", async () => {
      const trial = await begin();
      await enqueue(1);
      await bench.storage.lose(leaseOf(trial), "");
      expect((await bench.storage.claimWaiting(bench.study.id, claim))?.number).toBe(0);
      expect((await bench.storage.claimWaiting(bench.study.id, claim))?.number).toBe(1);
    });
  });
}
