import { describe, expect, it } from "vitest";
import type { Outcome, Report } from "../../storage/trial.ts";
import { claim, codeOf, definition, type StorageBench } from "./bench.ts";

const pause: Outcome = { state: "paused", value: 0.25, step: 3, reason: "place 2 of 2" };

export function pauseCases(bench: StorageBench): void {
  const { begin, enqueue, finish, leaseOf, present } = bench;
  const report = (step: number, loss: number, phase = ""): Report => ({ step, phase, metrics: { loss } });
  const promoted = async (number: number): Promise<Awaited<ReturnType<typeof begin>>> => {
    const trial = await bench.storage.promote(bench.study.id, number, claim);
    if (trial === undefined) throw new Error(`trial ${number} is not paused`);
    return trial;
  };

  describe("paused trials", () => {
    it("have no worker, and are not given out but to who asks for them", async () => {
      const trial = await begin();
      const { finishSequence } = await finish(trial, pause);
      expect(finishSequence).toBe(1);
      expect(await bench.storage.paused(bench.study.id)).toEqual([0]);
      expect(await bench.storage.claimWaiting(bench.study.id, claim)).toBeUndefined();
      expect(await bench.storage.renew([leaseOf(trial)], 1000)).toEqual([leaseOf(trial)]);
      for (const refused of [finish(trial), bench.storage.update(leaseOf(trial), {})]) {
        expect(await codeOf(refused)).toBe("trial/finished");
      }
      await bench.storage.lose(leaseOf(trial), "late");
      await bench.storage.release(leaseOf(trial));
      expect(await present(0)).toMatchObject(pause);
      expect(await bench.storage.changes(bench.study.id, { number: 0, sequence: 0 })).toMatchObject({
        added: [{ number: 0, assignment: undefined }],
        finished: [{ sequence: 1, number: 0, state: "paused", value: 0.25, step: 3, assignment: { x: 0 } }],
        waiting: 0,
        running: 0,
      });
    });

    it("are promoted to one worker each, who learns where they stopped; no attempt is counted", async () => {
      await finish(await begin({ assignment: { x: 7 } }), pause);
      bench.clock.advance(50);
      const asked = await Promise.all(Array.from({ length: 8 }, () => bench.storage.promote(bench.study.id, 0, claim)));
      const [trial, ...others] = asked.filter((one) => one !== undefined);
      expect(others).toEqual([]);
      expect(trial).toMatchObject({
        state: "running",
        number: 0,
        assignment: { x: 7 },
        attempts: 1,
        startedAt: bench.clock.now(),
        pausedAt: { step: 3, value: 0.25 },
        lease: { worker: claim.worker, expiresAt: bench.clock.now() + claim.leaseMs },
      });
      expect(await present(0)).toEqual(trial);
      expect(await bench.storage.paused(bench.study.id)).toEqual([]);
      expect(await bench.storage.promote(bench.study.id, 5, claim)).toBeUndefined();
    });

    it("keep their result until they have another one, which has the next sequence and takes its place", async () => {
      const { storage, study } = bench;
      const first = await begin();
      const stale = leaseOf(first);
      await finish(first, pause);
      await finish(await begin());
      const again = await promoted(0);
      const after = async (sequence: number): Promise<unknown> =>
        (await storage.changes(study.id, { number: 2, sequence })).finished.map((one) => [one.number, one.sequence, one.state]);
      expect(await after(0)).toEqual([
        [0, 1, "paused"],
        [1, 2, "complete"],
      ]);
      expect(await codeOf(storage.finish(stale, { state: "complete", value: 9 }))).toBe("trial/lease-lost");
      expect((await finish(again, { state: "paused", value: 0.2, step: 9 })).finishSequence).toBe(3);
      expect(await after(2)).toEqual([[0, 3, "paused"]]);
      expect(await after(0)).toEqual([
        [1, 2, "complete"],
        [0, 3, "paused"],
      ]);
      const last = await promoted(0);
      expect(last.pausedAt).toEqual({ step: 9, value: 0.2 });
      expect(await finish(last, { state: "complete", value: 0.1 })).not.toHaveProperty("pausedAt");
      expect(await present(0)).toMatchObject({ state: "complete", value: 0.1, attempts: 1, finishSequence: 4 });
      expect(await after(3)).toEqual([[0, 4, "complete"]]);
      expect(await storage.promote(study.id, 0, claim)).toBeUndefined();
    });

    it("keep their reports, which are said again under the new lease", async () => {
      const { storage, study } = bench;
      const trial = await begin();
      await storage.update(leaseOf(trial), { reports: [report(1, 4), report(3, 2), report(1, 9, "fold 1")] });
      await finish(trial, { state: "paused", value: 2, step: 3 });
      const { sequence } = await storage.metricChanges(study.id, "loss", 0);
      const again = await promoted(0);
      expect(await storage.reports(study.id, 0)).toHaveLength(3);
      const { token } = again.lease;
      expect((await storage.metricChanges(study.id, "loss", sequence)).points).toEqual([
        { number: 0, token, step: 1, value: 4 },
        { number: 0, token, step: 3, value: 2 },
      ]);
      await storage.update(leaseOf(again), { reports: [report(4, 1)] });
      const points = (await storage.metricChanges(study.id, "loss", 0)).points;
      expect(points.map((point) => [point.token, point.step])).toEqual([1, 3, 4].map((step) => [token, step]));
    });

    it("go on where they were paused when the worker that took them up is lost or hands them back", async () => {
      const { storage, study } = bench;
      const trial = await begin();
      await storage.update(leaseOf(trial), { reports: [report(3, 0.25)] });
      await finish(trial, pause);
      const pausedAt = { step: 3, value: 0.25 };
      await storage.lose(leaseOf(await promoted(0)), "its process ended");
      expect(await present(0)).toMatchObject({ state: "waiting", attempts: 1, pausedAt });
      expect(await storage.paused(study.id)).toEqual([]);
      expect(await storage.changes(study.id, { number: 0, sequence: 0 })).toMatchObject({
        added: [{ assignment: { x: 0 } }],
        finished: [{ number: 0, state: "paused", value: 0.25, step: 3 }],
        waiting: 1,
      });
      const retried = await storage.claimWaiting(study.id, claim);
      if (retried === undefined) throw new Error("nothing waits");
      expect(retried).toMatchObject({ attempts: 2, pausedAt });
      await storage.release(leaseOf(retried));
      expect(await present(0)).toMatchObject({ state: "waiting", attempts: 1, pausedAt });
      expect(await storage.reports(study.id, 0)).toEqual([{ number: 0, ...report(3, 0.25) }]);
      expect(await storage.claimWaiting(study.id, claim)).toMatchObject({ attempts: 2, pausedAt });
    });

    it("fail as any others when they lose more workers than the study's retries allow, before and after the pause", async () => {
      const { storage, study } = bench;
      await storage.lose(leaseOf(await begin()), "once");
      const second = await storage.claimWaiting(study.id, claim);
      await finish(second!, pause);
      let trial = await promoted(0);
      expect(trial.attempts).toBe(2);
      for (let attempt = 3; attempt <= definition.retries + 1; attempt++) {
        await storage.lose(leaseOf(trial), "again");
        trial = (await storage.claimWaiting(study.id, claim))!;
        expect(trial.attempts).toBe(attempt);
      }
      await storage.lose(leaseOf(trial), "once more");
      expect(await present(0)).toMatchObject({ state: "failed", error: { code: "trial/crashed" } });
      expect(await storage.claimWaiting(study.id, claim)).toBeUndefined();
    });

    it("wait for nobody: what was enqueued is claimed before and after", async () => {
      await finish(await begin(), pause);
      await enqueue(1);
      expect((await bench.storage.claimWaiting(bench.study.id, claim))?.number).toBe(1);
      await bench.storage.release(leaseOf(await promoted(0)));
      expect((await bench.storage.claimWaiting(bench.study.id, claim))?.number).toBe(0);
    });
  });
}
