import { afterEach, describe, expect, it } from "vitest";
import type { Report } from "../../dist/execution/messages.js";
import type { PoolSettings, TrialEnd, WorkerPool } from "../../dist/execution/worker-pool.js";
import { openPool } from "./open-pool.ts";

let pool: WorkerPool;
let lines: readonly string[] = [];
const forever = new AbortController().signal;

function open(settings: Partial<PoolSettings> = {}): void {
  ({ pool, lines } = openPool("every-end", settings));
}

function evaluate(number: number, signal = forever, onReport: (report: Report) => void = () => undefined): Promise<TrialEnd> {
  return pool.evaluate({ number, seed: 7, assignment: { x: 0.5 }, onReport }, signal);
}

afterEach(async () => pool.close());

describe("a pool of worker processes", () => {
  it("keeps a process as long as it lives and replaces it when it has ended, whatever way that was", async () => {
    open({ memoryLimit: 256 * 2 ** 20 });
    await pool.start(1, forever);
    const first = await evaluate(0);
    const thrown = await evaluate(1);
    const afterThrow = await evaluate(0);
    expect(first).toMatchObject({ kind: "done", evaluation: { value: 0.5 } });
    expect(afterThrow).toEqual(first);
    expect(thrown).toMatchObject({ kind: "failed", error: { code: "objective/failed", message: "no such luck" } });

    expect(await evaluate(2)).toMatchObject({
      kind: "failed",
      error: { code: "trial/crashed", message: expect.stringContaining("exit code 3") },
    });
    expect(await evaluate(3)).toMatchObject({
      kind: "failed",
      error: { code: "trial/crashed", message: expect.stringContaining("SIGSEGV") },
    });
    expect(await evaluate(4)).toMatchObject({
      kind: "failed",
      error: { code: "trial/out-of-memory", message: expect.stringContaining("256M") },
    });
    expect(await evaluate(5)).toMatchObject({
      kind: "failed",
      error: { code: "trial/out-of-memory", message: expect.stringContaining("256M") },
    });
    expect(await evaluate(7)).toMatchObject({ kind: "lost", reason: expect.stringContaining("SIGKILL") });
    expect(await evaluate(8)).toMatchObject({ kind: "failed", error: { code: "trial/not-finite" } });
    expect(await evaluate(9)).toMatchObject({ kind: "failed", error: { message: "later" } });
    expect(await evaluate(10)).toMatchObject({ kind: "failed", error: { message: "out of nowhere" } });

    const last = await evaluate(0);
    expect(last).toMatchObject({ kind: "done", evaluation: { value: 0.5 } });
    if (first.kind !== "done" || last.kind !== "done") throw new Error("unreachable");
    expect(last.evaluation.attributes["drawn"]).toBe(first.evaluation.attributes["drawn"]);
    expect(last.evaluation.attributes["pid"]).not.toBe(first.evaluation.attributes["pid"]);
  });

  it("makes of whatever else comes from an experiment a failed trial", async () => {
    open();
    const messages = [/^The value of a pruned trial is a number, not a string/, /leave process\.send alone/, /^an object$/];
    for (const [i, message] of messages.entries()) {
      expect(await evaluate(12 + i)).toMatchObject({ kind: "failed", error: { message: expect.stringMatching(message) } });
    }
    expect(await evaluate(15)).toMatchObject({ error: { message: "How many steps there are (of) is a number, not a string." } });
    expect(await evaluate(16)).toMatchObject({ error: { message: "The phase of a report is a text, not a number." } });
    expect(await evaluate(17)).toMatchObject({ error: { message: "What is logged is a text, not a number." } });
    expect(await evaluate(0)).toMatchObject({ kind: "done" });
  });

  it("does not blame a trial for what the one before left behind", async () => {
    open();
    expect(await evaluate(11)).toMatchObject({ kind: "done", evaluation: { value: 0.25 } });
    expect(await evaluate(0)).toMatchObject({ kind: "done", evaluation: { value: 0.5 } });
  });

  it("has limits of time that are longer than a timer can wait", async () => {
    open({ trialTimeoutMs: 30 * 86_400_000 });
    expect(await evaluate(0)).toMatchObject({ kind: "done" });
  });

  it("ends a trial that runs for too long", async () => {
    open({ trialTimeoutMs: 500 });
    expect(await evaluate(6)).toMatchObject({
      kind: "failed",
      error: { code: "trial/timed-out", message: expect.stringContaining("500 ms") },
    });
  });

  it("passes on reports, what is printed and what is logged", async () => {
    open();
    const reports: Report[] = [];
    await evaluate(0, forever, (report) => void reports.push(report));
    await pool.close();
    expect(reports).toMatchObject([{ step: 1, of: 2, phase: "first", metrics: { loss: 0.5, odd: Number.NaN } }]);
    expect(lines).toEqual(["prepared", "trial 0"]);
  });

  it("finishes and estimates in a worker, too", async () => {
    open();
    expect(await pool.finish({ number: 0, value: 0.5, assignment: { x: 0.25 }, attributes: {} }, 7, forever)).toEqual({
      x: 0.25,
    });
    expect(await pool.estimate(20, 7, forever)).toEqual([{ key: "steps", label: "steps", amount: 40, unit: "count" }]);
  });

  it("evaluates as many trials at a time as it has places", async () => {
    open({ size: 2 });
    const ends = await Promise.all([evaluate(0), evaluate(20), evaluate(21)]);
    const pids = new Set(ends.map((end) => (end.kind === "done" ? end.evaluation.attributes["pid"] : undefined)));
    expect(pids.size).toBe(2);
  });

  it("releases what runs when it is told to stop", async () => {
    open();
    const stop = new AbortController();
    const end = evaluate(6, stop.signal, () => stop.abort());
    expect(await end).toEqual({ kind: "released" });
    expect(await evaluate(0)).toMatchObject({ kind: "done" });
  });

  it("does not wait for ever for an experiment to be prepared", async () => {
    open({ prepareTimeoutMs: 1 });
    await expect(pool.start(1, forever)).rejects.toMatchObject({
      code: "trial/timed-out",
      message: "The experiment could not be prepared: It was still loading after 1 ms (--timeout), and was ended.",
    });
  });

  it("cannot start with an experiment that cannot be loaded", async () => {
    open({ reference: { kind: "file", path: "no-such-file.ts" } });
    await expect(pool.start(1, forever)).rejects.toMatchObject({ code: "experiment/invalid" });
  });
});
