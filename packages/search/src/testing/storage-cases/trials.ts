import { describe, expect, it } from "vitest";
import type { ActiveTrial, Outcome, TrialRecord } from "../../storage/trial.ts";
import { claim, codeOf, done, type StorageBench } from "./bench.ts";

export function trialCases(bench: StorageBench): void {
  const { begin, enqueue, finish, leaseOf, present } = bench;
  describe("adding trials", () => {
    it("gives the worker the whole trial", async () => {
      bench.clock.advance(5);
      const trial = await begin({ assignment: { "optimizer.lr": 0.001, "layers[0].units": 32 }, historySequence: 0 });
      expect(trial).toEqual({
        number: 0,
        assignment: { "optimizer.lr": 0.001, "layers[0].units": 32 },
        hash: "hash 0",
        origin: "sampler",
        historySequence: 0,
        attempts: 1,
        attributes: {},
        createdAt: bench.clock.now(),
        startedAt: bench.clock.now(),
        state: "running",
        lease: { token: trial.lease.token, worker: claim.worker, expiresAt: bench.clock.now() + claim.leaseMs },
      });
      expect(await present(0)).toEqual(trial);
      expect(await bench.storage.trial(bench.study.id, 1)).toBeUndefined();
    });

    it("takes the next number only", async () => {
      await begin();
      for (const number of [0, 2, 7]) {
        const proposal = { number, assignment: {}, hash: undefined, historySequence: 0 };
        expect(await bench.storage.addRunning(bench.study.id, proposal, claim)).toBeUndefined();
      }
      expect(await bench.storage.trials(bench.study.id)).toHaveLength(1);
    });

    it("gives a number to one of many who ask for it at once", async () => {
      const proposal = { number: 0, assignment: {}, hash: undefined, historySequence: 0 };
      const asked = await Promise.all(
        Array.from({ length: 20 }, () => bench.storage.addRunning(bench.study.id, proposal, claim)),
      );
      expect(asked.filter((trial) => trial !== undefined)).toHaveLength(1);
    });

    it("keeps numbers exactly", async () => {
      const assignment = { a: 0.1 + 0.2, b: 5e-324, c: 1.7976931348623157e308, d: -1e-7, e: 2 ** 53 - 1 };
      await finish(await begin({ assignment }), { state: "complete", value: 1 / 3 });
      expect(await present(0)).toMatchObject({ assignment, value: 1 / 3 });
    });
  });

  describe("waiting trials", () => {
    it("come with what they were enqueued with, lowest number first, and are part of the numbering", async () => {
      const request = {
        assignment: { x: 9 },
        hash: "h",
        attributes: { why: "a guess" },
        historySequence: 0,
        skipIfExists: false,
      };
      await begin();
      expect(await bench.storage.enqueue(bench.study.id, request)).toEqual({ number: 1, added: true });
      expect(await enqueue(3)).toBe(2);
      const first = await bench.storage.claimWaiting(bench.study.id, claim);
      expect(first).toMatchObject({
        number: 1,
        origin: "enqueued",
        assignment: { x: 9 },
        attributes: { why: "a guess" },
        attempts: 1,
      });
      expect(await bench.storage.claimWaiting(bench.study.id, claim)).toMatchObject({ number: 2, state: "running" });
      expect(await bench.storage.claimWaiting(bench.study.id, claim)).toBeUndefined();
    });

    it("are skipped on request if their configuration is there", async () => {
      await finish(await begin({ hash: "same" }));
      const request = { assignment: { x: 0 }, hash: "same", attributes: {}, historySequence: 1 };
      expect(await bench.storage.enqueue(bench.study.id, { ...request, skipIfExists: true })).toEqual({
        number: 0,
        added: false,
      });
      expect(await bench.storage.enqueue(bench.study.id, { ...request, skipIfExists: false })).toEqual({
        number: 1,
        added: true,
      });
      expect(await bench.storage.enqueue(bench.study.id, { ...request, skipIfExists: true })).toEqual({
        number: 0,
        added: false,
      });
      expect(await bench.storage.enqueue(bench.study.id, { ...request, hash: undefined, skipIfExists: true })).toMatchObject({
        number: 2,
      });
    });

    it("go to one worker each", async () => {
      for (let x = 0; x < 10; x++) await enqueue(x);
      const claimed = await Promise.all(Array.from({ length: 15 }, () => bench.storage.claimWaiting(bench.study.id, claim)));
      const numbers = claimed.flatMap((trial) => (trial === undefined ? [] : [trial.number]));
      expect(numbers.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });
  });

  describe("results", () => {
    const outcomes: readonly Outcome[] = [
      { state: "complete", value: -3 },
      { state: "pruned" },
      { state: "pruned", value: 2, reason: "hopeless" },
      { state: "pruned", value: 0, step: 0 },
      { state: "pruned", step: 12, reason: "it was NaN" },
      { state: "paused", value: 0.25, step: 3, reason: "place 2 of 2" },
      { state: "paused", value: -1, step: 0 },
      {
        state: "failed",
        error: { message: "NUL \0 and half a pair \ud83d", stack: "at line 1\nat line 2", code: "objective/failed" },
      },
      { state: "failed", error: { message: "" } },
    ];

    it.each(outcomes)("are kept as they were told: $state", async (outcome) => {
      const trial = await begin();
      bench.clock.advance(40);
      const finished = await finish(trial, outcome);
      const { lease, state: _, ...facts } = trial;
      const expected = { ...facts, ...outcome, worker: lease.worker, finishedAt: bench.clock.now(), finishSequence: 1 };
      expect(finished).toEqual(expected);
      expect(await present(0)).toEqual(expected);
      expect(await bench.storage.trials(bench.study.id)).toEqual([expected]);
    });

    it("are kept without what no storage knows", async () => {
      const error = Object.assign({ message: "m", code: "c" }, { retry: () => undefined, detail: Number.NaN });
      expect(await finish(await begin(), { state: "failed", error })).toMatchObject({ error: { message: "m", code: "c" } });
      error.message = "changed later";
      const more = { state: "complete", value: 1, error } as const;
      await finish(await begin(), more);
      const [failed, complete] = await bench.storage.trials(bench.study.id);
      expect(failed?.state === "failed" ? failed.error : undefined).toEqual({ message: "m", code: "c" });
      expect(complete).not.toHaveProperty("error");
    });

    it("are final", async () => {
      const trial = await begin();
      await finish(trial);
      expect(await codeOf(finish(trial, { state: "complete", value: 9 }))).toBe("trial/finished");
      expect(await codeOf(bench.storage.update(leaseOf(trial), { attributes: { a: 1 } }))).toBe("trial/finished");
      await bench.storage.release(leaseOf(trial));
      await bench.storage.lose(leaseOf(trial), "late");
      expect(await present(0)).toMatchObject({ state: "complete", value: 0.5, attributes: {} });
    });

    it("need a trial", async () => {
      expect(await codeOf(bench.storage.finish({ study: bench.study.id, number: 3, token: 1 }, done))).toBe("trial/missing");
      expect(await codeOf(bench.storage.update({ study: bench.study.id, number: 3, token: 1 }, {}))).toBe("trial/missing");
    });

    it("are numbered in the order in which they came, without gaps, also when they come at once", async () => {
      const trials: ActiveTrial[] = [];
      for (let i = 0; i < 12; i++) trials.push(await begin());
      const finished = await Promise.all(trials.map((trial) => finish(trial)));
      const sequences = finished.map((trial) => trial.finishSequence);
      expect(sequences.toSorted((a, b) => a - b)).toEqual(trials.map((_, i) => i + 1));
    });

    it("can be followed from where one stood", async () => {
      const [first, second, third] = [await begin(), await begin({ hash: undefined }), await begin()];
      await finish(third, { state: "complete", value: 3 });
      await finish(first, { state: "failed", error: { message: "no" } });
      expect(await bench.storage.changes(bench.study.id, { number: 1, sequence: 0 })).toEqual({
        added: [
          { number: 1, hash: undefined, origin: "sampler", assignment: { x: 1 } },
          { number: 2, hash: "hash 2", origin: "sampler", assignment: undefined },
        ],
        finished: [
          { sequence: 1, number: 2, state: "complete", value: 3, assignment: { x: 2 } },
          { sequence: 2, number: 0, state: "failed", value: undefined, assignment: { x: 0 } },
        ],
        waiting: 0,
        running: 1,
      });
      await finish(second, { state: "pruned", value: 4, step: 7, reason: "no" });
      await enqueue(1);
      expect(await bench.storage.changes(bench.study.id, { number: 3, sequence: 2 })).toEqual({
        added: [{ number: 3, hash: "queued 1", origin: "enqueued", assignment: { x: 1 } }],
        finished: [{ sequence: 3, number: 1, state: "pruned", value: 4, step: 7, assignment: { x: 1 } }],
        waiting: 1,
        running: 0,
      });
    });

    it("can be asked for by state", async () => {
      await finish(await begin());
      await begin();
      await enqueue(1);
      const numbers = async (...states: TrialRecord["state"][]): Promise<readonly number[]> =>
        (await bench.storage.trials(bench.study.id, states)).map((trial) => trial.number);
      expect(await numbers("complete")).toEqual([0]);
      expect(await numbers("running")).toEqual([1]);
      expect(await numbers("waiting", "complete")).toEqual([0, 2]);
      expect(await numbers()).toEqual([]);
    });
  });
}
