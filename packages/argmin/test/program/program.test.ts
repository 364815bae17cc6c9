import { goOn, type Verdict } from "@argmin/search";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect } from "vitest";
import type { Report } from "../../dist/execution/messages.js";
import type { PoolSettings, TrialEnd, WorkerPool } from "../../dist/execution/worker-pool.js";
import { openPool } from "../execution/open-pool.ts";
import { it } from "../folder-fixture.ts";

const forever = new AbortController().signal;

let pool: WorkerPool;
let lines: readonly string[] = [];
let reports: readonly Report[] = [];

function open(settings: Partial<PoolSettings> = {}): void {
  ({ pool, lines, reports } = openPool("trainer", { study: "trainer-2", graceMs: 300, ...settings }));
}

interface Circumstances {
  readonly signal?: AbortSignal;
  /** What becomes of the trial, asked at each report. */
  readonly judge?: () => Promise<Verdict>;
}

function evaluate(number: number, { signal = forever, judge = async () => goOn }: Circumstances = {}): Promise<TrialEnd> {
  return pool.evaluate({ number, seed: 7, assignment: { x: 0.5, use_norm: 1 }, onReport: () => undefined, judge }, signal);
}

/** Prunes a trial after three reports. */
async function afterThree(): Promise<Verdict> {
  return reports.length > 3 ? { kind: "prune", reason: "worse than others" } : goOn;
}

afterEach(async () => pool.close());

describe("a program as an objective", { timeout: 60_000 }, () => {
  it("gets its parameters by arguments and environment, and its best metric is the value", async () => {
    open({ dataFolder: "images", threads: 3 });
    expect(await evaluate(0)).toMatchObject({ kind: "done", evaluation: { value: 1 } });
    expect(lines).toEqual(["arguments --x=0.5 --use_norm=False", "variable 0.5 trainer-2", "may use images and 3 threads"]);
    expect(reports.map(({ step, metrics }) => [step, metrics])).toEqual([
      [1, { x: 0.5 }],
      [2, { loss: 3, "other.deep": 7 }],
      [3, { loss: 1, "other.deep": 7 }],
      [4, { loss: 2, "other.deep": 7 }],
    ]);
  });

  it("hands its metrics over by a file or by POST as well", async () => {
    open();
    expect(await evaluate(5)).toMatchObject({ evaluation: { value: 0.125 } });
    expect(await evaluate(6)).toMatchObject({ evaluation: { value: 0.5 } });
    expect(lines.join("\n")).toMatch(
      /^\{"pruned":false\}\n+\{"error":"The body should be JSON objects .*\n+\{"error":"Metrics are posted to ARGMIN_METRICS_URL\."\}/u,
    );
  });

  it("fails with the reason: exit code, signal, no value, a value that is none", async () => {
    open();
    const failure = async (number: number): Promise<unknown> => {
      const end = await evaluate(number);
      return end.kind === "failed" ? `${end.error.code}: ${end.error.message}` : end;
    };
    expect(await failure(1)).toMatch(/^trial\/crashed: .*node.* ended with exit code 3\.\nno data here$/u);
    expect(await failure(2)).toMatch(/^trial\/crashed: .*node.* was ended by a signal \(SIGSEGV\)\.$/u);
    expect(await failure(3)).toMatch(
      /^objective\/failed: .*without a value for 'loss'; print a line such as \{"loss": 0\.5\}\.$/u,
    );
    expect(await failure(4)).toMatch(/^trial\/not-finite: /u);
    expect(await evaluate(0)).toMatchObject({ kind: "done" });
  });

  it("is told that its trial is pruned, and ended with all that it has started if it goes on", async ({ folder }) => {
    open();
    expect(await evaluate(7, { judge: afterThree })).toMatchObject({ kind: "pruned" });
    expect(lines).toEqual(["told to end, pruned: true"]);
    process.env["MARK"] = join(folder, "pids");
    await pool.close();
    open();
    expect(await evaluate(8, { judge: afterThree })).toMatchObject({ kind: "pruned" });
    await expectEnded(folder);
    delete process.env["MARK"];
  });

  it("is pruned although it has ended already, and the process that ran it lives on", async () => {
    open();
    const late = (): Promise<Verdict> => wait(300, { kind: "prune", reason: "worse than others" });
    expect(await evaluate(10, { judge: late })).toMatchObject({ kind: "pruned" });
    expect(await evaluate(10)).toMatchObject({ kind: "done", evaluation: { value: 99 } });
    expect(new Set(lines).size).toBe(1);
  });

  it("is ended where its trial is paused, and told where it goes on; what was best before the pause counts", async ({
    folder,
  }) => {
    open();
    const trial = { number: 11, seed: 7, assignment: { x: 0.5, use_norm: 1 }, checkpointFolder: folder };
    const seen: (Report & { readonly phase: string })[] = [];
    const onReport = (report: Report): void => void seen.push({ ...report, phase: "" });
    const judge = async (): Promise<Verdict> => (seen.at(-1)?.step === 3 ? { kind: "pause", reason: "place 2 of 2" } : goOn);
    expect(await pool.evaluate({ ...trial, onReport, judge }, forever)).toMatchObject({ kind: "pruned", reason: "place 2 of 2" });
    const resumed = { step: 3, reports: [...seen] };
    const end = await pool.evaluate({ ...trial, resumed, onReport }, forever);
    expect(end).toMatchObject({ kind: "done", evaluation: { value: 0.5 } });
    expect(lines).toEqual(['from "" at 0', 'from "3" at 3']);
    expect(seen.flatMap(({ step, metrics }) => ("loss" in metrics ? [step] : []))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("ends with the trial's time, the trial's memory and a run that is stopped", async ({ folder }) => {
    process.env["MARK"] = join(folder, "pids");
    open({ trialTimeoutMs: 4000 });
    expect(await evaluate(8)).toMatchObject({ kind: "failed", error: { code: "trial/timed-out" } });
    await expectEnded(folder);
    await pool.close();
    open();
    const stop = new AbortController();
    const stopped = evaluate(8, { signal: stop.signal });
    await expect.poll(() => existsSync(join(folder, "pids")), { timeout: 10_000 }).toBe(true);
    stop.abort();
    expect(await stopped).toEqual({ kind: "released" });
    await expectEnded(folder);
    await pool.close();
    delete process.env["MARK"];
    open({ memoryLimit: 400 * 2 ** 20 });
    expect(await evaluate(9)).toMatchObject({ kind: "failed", error: { code: "trial/out-of-memory" } });
  });
});

async function expectEnded(folder: string): Promise<void> {
  const pids = (await readFile(join(folder, "pids"), "utf8")).split(" ").map(Number);
  expect(pids).toHaveLength(2);
  await expect.poll(() => pids.filter(isRunning), { timeout: 10_000 }).toEqual([]);
}

/** What has ended may still be listed, until its parent has asked how: on Linux its state says so. */
function isRunning(pid: number): boolean {
  try {
    if (process.platform === "linux") return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
