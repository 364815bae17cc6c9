import { Rng } from "@argmin/base";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, describe, expect } from "vitest";
import { argmin, argminHere, argminProcess, makeFolder, removeFolder, start, type Ended } from "./command.ts";
import { it, place } from "./folder-fixture.ts";

interface Document {
  readonly trials: readonly {
    readonly number: number;
    readonly state: string;
    readonly params: object;
    readonly value: number | null;
    readonly attempts: number;
    readonly attributes: { readonly pid?: number };
  }[];
  readonly best: { readonly number: number };
  readonly finish: { readonly number: number } | null;
  readonly stopped: string;
}

const valley = ["run", "valley.ts", "--no-check", "--seed", "3", "--json"];

function documentOf({ stdout }: Ended): Document {
  const document: Document = JSON.parse(stdout);
  return document;
}

/** What must be the same whoever ran the trials and in however many pieces. */
function essence({ trials }: Document): readonly (readonly unknown[])[] {
  return trials.map(({ number, state, params, value }) => [number, state, params, value]);
}

/** Waits until so many trials are in a state. */
async function until(state: "running" | "complete", count: number, folder: string): Promise<void> {
  for (;;) {
    const { code, stdout } = await argminHere(["trials", "valley", "--state", state, "--json"], folder);
    if (code === 0) {
      const { trials }: Pick<Document, "trials"> = JSON.parse(stdout);
      if (trials.length >= count) return;
    }
    await wait(50);
  }
}

/** The twelve trials, run in one go. */
let once: Document;

beforeAll(async () => {
  const folder = await makeFolder();
  await place("fixtures/valley.ts", folder);
  once = documentOf(await argmin(valley, folder));
  await removeFolder(folder);
});

describe("a study that is deleted while a search is at it", { timeout: 60_000 }, () => {
  it("ends that search, and its folder stays away", async ({ folder }) => {
    await place("fixtures/valley.ts", folder);
    const running = start([...valley, "--trials", "1000"], folder, { VALLEY_MS: "50" });
    await until("complete", 2, folder);
    expect((await argminHere(["reset", "valley", "--yes"], folder)).code).toBe(0);
    const { code, stderr } = await running.ended;
    expect(stderr).toMatch(/argmin: .*stud.*deleted|argmin: There is no study/);
    expect(code).toBe(4);
    expect(await readdir(join(folder, "results"))).not.toContain("valley");
  });
});

describe.concurrent("the same seed gives the same trials", { timeout: 180_000 }, () => {
  it("with one worker or several, and again", async ({ folder }) => {
    await place("fixtures/valley.ts", folder);
    expect(once.trials).toHaveLength(12);
    expect(once.finish?.number).toBe(once.best.number);
    const several = await argminProcess([...valley, "--out", "several", "--workers", "3"], folder, { VALLEY_MS: "20" });
    expect(essence(documentOf(several))).toEqual(essence(once));
    const other = await argmin(["run", "valley.ts", "--no-check", "--seed", "4", "--json", "--out", "other"], folder);
    expect(essence(documentOf(other))).not.toEqual(essence(once));
  });

  it("in one go or in pieces, and a study that is complete only shows its result again", async ({ folder }) => {
    await place("fixtures/valley.ts", folder);
    const first = documentOf(await argmin([...valley, "--trials", "5"], folder));
    expect(first.trials).toHaveLength(5);
    const rest = documentOf(await argmin(["run", "valley.ts", "--no-check", "--json"], folder));
    expect(essence(rest)).toEqual(essence(once));
    const again = await argminProcess(["run", "valley.ts", "--no-check"], folder, { VALLEY_MS: "60000" });
    expect(again.code).toBe(0);
    expect(again.stderr).toMatch(/all trials are done \(12 trials, 0 of them in this run/);
    expect(again.stdout).toContain("Best of study 'valley'");
  });

  it("after kill -9: nothing is lost and nothing repeated, and the trial that ran keeps its number and its parameters", async ({
    folder,
  }) => {
    await place("fixtures/valley.ts", folder);
    const { child, ended } = start(valley, folder, { VALLEY_MS: "150" });
    await until("complete", 5, folder);
    child.kill("SIGKILL");
    await ended;
    const before = await argminHere(["trials", "valley", "--json"], folder);
    const left: Pick<Document, "trials"> = JSON.parse(before.stdout);
    const finished = left.trials.filter(({ state }) => state === "complete");
    expect(finished.length).toBeGreaterThanOrEqual(5);
    const resumed = documentOf(await argmin(valley, folder));
    expect(essence(resumed)).toEqual(essence(once));
    // Those that were finished have not been run again: they still carry the process that is gone.
    for (const { number, attributes } of finished) expect(resumed.trials[number]?.attributes.pid).toBe(attributes.pid);
    const interrupted = left.trials.filter(({ state }) => state === "running").map(({ number }) => number);
    for (const number of interrupted) expect(resumed.trials[number]?.attempts).toBe(2);
    expect((await readdir(join(folder, "results", "valley"))).filter((name) => name.endsWith(".json"))).toHaveLength(12);
  });

  it("with a worker that is killed from outside: its trial is run again", async ({ folder }) => {
    await place("fixtures/valley.ts", folder);
    const run = await argminProcess(valley, folder, { VALLEY_VICTIM: "3" });
    expect(run.stderr).toMatch(/\nTrial 3 lost its process\. Its process was ended from outside \(SIGKILL\)\.\nTrial 3 complete/);
    const document = documentOf(run);
    expect(essence(document)).toEqual(essence(once));
    expect(document.trials.map(({ attempts }) => attempts)).toEqual(once.trials.map(({ number }) => (number === 3 ? 2 : 1)));
  });
});

describe.concurrent("Ctrl-C", { timeout: 180_000 }, () => {
  it("once finishes what runs and begins nothing more", async ({ folder }) => {
    await place("fixtures/valley.ts", folder);
    const { child, ended, said } = start(valley, folder, { VALLEY_MS: "1000" });
    await said(/Trial 0 complete/);
    await until("running", 1, folder);
    child.kill("SIGINT");
    const run = await ended;
    expect(run.code).toBe(130);
    const { trials, stopped, finish } = documentOf(run);
    expect(stopped).toBe("signal");
    expect(finish).toBeNull();
    expect(trials.length).toBeGreaterThanOrEqual(2);
    expect(trials.length).toBeLessThan(12);
    expect(trials.every(({ state }) => state === "complete")).toBe(true);
    expect(run.stderr).toMatch(/Stopping: what runs is finished/);
  });

  it("twice stops at once; what ran waits and is no attempt the poorer", async ({ folder }) => {
    await place("fixtures/valley.ts", folder);
    const { child, ended, said } = start(valley, folder, { VALLEY_MS: "60000" });
    await until("running", 1, folder);
    child.kill("SIGINT");
    await said(/Stopping/);
    child.kill("SIGINT");
    const run = await ended;
    expect(run.code).toBe(130);
    expect(documentOf(run).trials.map(({ state, attempts }) => [state, attempts])).toEqual([["waiting", 0]]);
    expect(documentOf(run).stopped).toBe("abort");
    const resumed = documentOf(await argmin([...valley, "--trials", "1"], folder));
    expect(resumed.trials.map(({ state, attempts }) => [state, attempts])).toEqual([["complete", 1]]);
  });

  it("is not needed to end a process that the system wants ended", async ({ folder }) => {
    await place("fixtures/valley.ts", folder);
    const { child, ended } = start(valley, folder, { VALLEY_MS: "60000" });
    await until("running", 1, folder);
    child.kill("SIGTERM");
    const run = await ended;
    expect(run.code).toBe(143);
    expect(documentOf(run).trials.map(({ state }) => state)).toEqual(["waiting"]);
  });
});

describe("worker processes", () => {
  it("end with the process that started them, even in the middle of an endless loop", async ({ folder }) => {
    await place("bad-inputs/fixtures/endless.ts", folder);
    const { child, ended, said, text } = start(["run", "endless.ts", "--no-check"], folder);
    await said(/^process \d+$/m);
    const pid = Number(/^process (\d+)$/m.exec(text())?.[1]);
    expect(isRunning(pid)).toBe(true);
    child.kill("SIGKILL");
    await ended;
    while (isRunning(pid)) await wait(50);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("two processes with four workers each on one database", () => {
  it(
    "run 200 trials in all: each number once, each with a result, and neither meets a lock",
    { timeout: 180_000 },
    async ({ folder }) => {
      await place("fixtures/valley.ts", folder);
      const args = [...valley, "--trials", "200", "--workers", "4"];
      // Slow enough for both to take part, whichever starts first.
      const begin = (): Promise<Ended> => argminProcess(args, folder, { VALLEY_MS: "30" });
      const [one, other] = await Promise.all([begin(), begin()]);
      for (const { code, stderr } of [one, other]) {
        expect(stderr).not.toMatch(/locked|busy/i);
        expect(code).toBe(0);
      }
      for (const document of [documentOf(one), documentOf(other)]) {
        expect(document.trials.map(({ number }) => number)).toEqual(Array.from({ length: 200 }, (_, i) => i));
        expect(document.trials.every(({ state, attempts }) => state === "complete" && attempts === 1)).toBe(true);
      }
      const pids = new Set(documentOf(one).trials.map(({ attributes }) => attributes.pid));
      expect(pids.size).toBeGreaterThan(4);
      expect(essence(documentOf(one)).slice(0, 12)).toEqual(essence(once));
    },
  );
});

describe("a search whose workers are killed at random", () => {
  it.skipIf(process.platform !== "linux")(
    "still ends with all its trials after thirty kills",
    { timeout: 180_000 },
    async ({ folder }) => {
      await place("fixtures/valley.ts", folder);
      const run = start([...valley, "--trials", "200", "--workers", "4"], folder, { VALLEY_MS: "100" });
      const rng = Rng.fromSeed("kills");
      let kills = 0;
      await run.said(/Trial 0 complete/);
      while (kills < 30 && run.child.exitCode === null) {
        const workers = childrenOf(run.child.pid ?? 0);
        const victim = workers[rng.integer(Math.max(1, workers.length))];
        if (victim !== undefined && killed(victim)) kills += 1;
        await wait(rng.uniform(0, 150));
      }
      const { trials } = documentOf(await run.ended);
      expect(kills).toBe(30);
      expect(trials.map(({ number, state }) => [number, state])).toEqual(Array.from({ length: 200 }, (_, i) => [i, "complete"]));
      expect(trials.some(({ attempts }) => attempts > 1)).toBe(true);
    },
  );
});

/** The worker processes of a command, without the compiler that it also starts. */
function childrenOf(pid: number): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
    return children.filter((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes("worker.js"));
  } catch {
    return [];
  }
}

function killed(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}
