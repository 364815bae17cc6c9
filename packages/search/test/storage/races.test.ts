import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { Rng, sleep } from "@argmin/base";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hp, openStudy, type Study } from "../../src/index.ts";
import { openSqliteStorage } from "../../src/storage/sqlite/open.ts";
import { curveAt } from "./fixtures/curve.ts";
import type { Answer, Work } from "./fixtures/worker.ts";
import { temporaryFolder } from "./opened.ts";

type Worker = {
  readonly child: ChildProcess;
  /** The first message has come. */
  readonly begun: Promise<void>;
  /** The last message, once the process has ended. */
  readonly answer: Promise<Answer | undefined>;
};

describe("several processes on one SQLite file", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let path: string;
  let script: string;
  let bundle: Awaited<ReturnType<typeof temporaryFolder>>;
  const children = new Set<ChildProcess>();

  // Bundled once, a worker starts in a fifth of the time that compiling its modules as they are loaded takes.
  beforeAll(async () => {
    bundle = await temporaryFolder();
    script = join(bundle.path, "worker.mjs");
    await symlink(join(import.meta.dirname, "../../../../node_modules"), join(bundle.path, "node_modules"), "dir");
    await build({
      entryPoints: [join(import.meta.dirname, "fixtures", "worker.ts")],
      outfile: script,
      bundle: true,
      platform: "node",
      format: "esm",
      conditions: ["@argmin/source"],
      external: ["libsql"],
    });
  });
  afterAll(() => bundle.remove());

  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder.path, "studies.db");
  });
  afterEach(async () => {
    for (const child of children) child.kill("SIGKILL");
    await folder.remove();
  });

  function start(work: Work): Worker {
    const child = fork(script, { execArgv: [] });
    children.add(child);
    child.send(work);
    let last: Answer | undefined;
    const begun = new Promise<void>((resolve) => {
      child.on("message", (answer: Answer) => {
        last = answer;
        resolve();
      });
    });
    const answer = once(child, "exit").then(() => {
      children.delete(child);
      return last;
    });
    return { child, begun, answer };
  }

  async function withStudy<R>(use: (study: Study<{ readonly x: number }>) => Promise<R>): Promise<R> {
    const storage = await openSqliteStorage(path);
    const study = await openStudy({ storage, name: "study", space: { x: hp.uniform(0, 1) } });
    const result = await use(study);
    await storage.close();
    return result;
  }

  it("share the trials: each is evaluated once, and all processes end when all is done", async () => {
    const trials = 80;
    const workers = [1, 2, 3].map(() => start({ kind: "run", path, trials, concurrency: 2, ms: 4 }));
    const answers = await Promise.all(workers.map(({ answer }) => answer));
    const numbers = answers.flatMap((answer) => (answer?.kind === "evaluated" ? answer.numbers : []));
    const all = Array.from({ length: trials }, (_, number) => number);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(all);
    const records = await withStudy((study) => study.trials());
    expect(records.map(({ number, state }) => [number, state])).toEqual(all.map((number) => [number, "complete"]));
    // The same as one process alone would have suggested, since a suggestion follows from the number.
    expect(records.map(({ params }) => params.x)).toEqual(all.map((number) => draw(number)));
  });

  it("lose no trial when they are killed at random", async () => {
    const trials = 250;
    const rng = Rng.fromSeed("kills");
    const work: Work = { kind: "run", path, trials, concurrency: 2, ms: 20 };
    const oneAfterTheOther = async (): Promise<void> => {
      for (let kill = 0; kill < 10; kill++) {
        const { child, begun, answer } = start(work);
        await begun;
        await sleep(rng.uniform(0, 40));
        child.kill("SIGKILL");
        await answer;
      }
      await start(work).answer;
    };
    await Promise.all([oneAfterTheOther(), oneAfterTheOther(), oneAfterTheOther()]);
    const [records, late] = await withStudy(async (study) => [await study.trials(), await study.lateResults()] as const);
    expect(records.map(({ number, state }) => [number, state])).toEqual(records.map((_, number) => [number, "complete"]));
    expect(records).toHaveLength(trials);
    expect(records.map(({ params }) => params.x)).toEqual(records.map((_, number) => draw(number)));
    expect(records.filter(({ attempts }) => attempts > 1).length).toBeGreaterThan(5);
    expect(late).toEqual([]);
  });

  it("pause and promote trials, each taken up by one, from its pause again if that one is killed", async () => {
    const trials = 24;
    const work: Work = { kind: "promote", path, folder: folder.path, trials, victims: 4 };
    const untilDone = async (): Promise<void> => {
      for (let answer: Answer | undefined; answer?.kind !== "evaluated";) answer = await start(work).answer;
    };
    await Promise.all([untilDone(), untilDone()]);
    const settings = { storage: await openSqliteStorage(path), space: { x: hp.uniform(0, 1) } };
    const study = await openStudy(settings);
    const [records, reports] = [await study.trials(), await study.reports()];
    await settings.storage.close();
    expect(records).toHaveLength(trials);
    expect(new Set(records.map(({ state }) => state))).toEqual(new Set(["complete", "paused"]));
    expect(records.map(({ params }) => params.x)).toEqual(records.map((_, number) => draw(number)));
    for (const { number, params, ...trial } of records) {
      const last = trial.state === "paused" ? trial.step : 8;
      const own = reports.filter((report) => report.number === number);
      expect(own.map(({ step, metrics }) => [step, metrics["value"]])).toEqual(
        Array.from({ length: last }, (_, i) => [i + 1, curveAt(params.x, i + 1)]),
      );
    }
    const killed = (await readdir(folder.path)).filter((name) => name.startsWith("killed-")).map((name) => Number(name.slice(7)));
    expect(killed.length).toBeGreaterThan(0);
    for (const number of killed) expect(records[number]!.attempts).toBe(2);
    // What was done and kept before a pause is never done again: only the steps at which a process was killed are.
    const steps = (await readFile(join(folder.path, "steps"), "utf8")).trim().split("\n");
    expect(steps.length - new Set(steps).size).toBe(killed.length);
  });

  it("can all open it at once for the first time", async () => {
    const workers = [1, 2, 3, 4].map(() => start({ kind: "open", path, times: 5 }));
    const answers = await Promise.all(workers.map(({ answer }) => answer));
    expect(answers).toEqual(workers.map(() => ({ kind: "opened", refusals: [] })));
    const storage = await openSqliteStorage(path);
    expect(await storage.listStudies()).toEqual([]);
    await storage.close();
  });
});

/** What the random sampler draws for `x` in the trial of that number. */
function draw(number: number): number {
  return Rng.fromSeed(1).split("sampler", number, 0).split("x").float();
}
