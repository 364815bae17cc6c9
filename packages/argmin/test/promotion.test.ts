import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect } from "vitest";
import { argmin, makeFolder, removeFolder, type Ended } from "./command.ts";
import { it, place } from "./folder-fixture.ts";

interface Trial {
  readonly number: number;
  readonly state: string;
  readonly params: object;
  readonly value: number | null;
  readonly step?: number;
  readonly reason?: string;
  readonly attempts: number;
}

interface Document {
  readonly study: { readonly pruner: object };
  readonly stopped: string;
  readonly trials: readonly Trial[];
}

const run = ["run", "pausing.ts", "--no-check", "--seed", "3", "--json"];
const promoting = [...run, "--promote"];

function documentOf({ stdout, stderr }: Ended): Document {
  if (stdout === "") throw new Error(stderr);
  const document: Document = JSON.parse(stdout);
  return document;
}

/** What must be the same whoever ran the trials and in however many pieces. */
function essence({ trials }: Document): readonly (readonly unknown[])[] {
  return trials.map(({ number, state, params, value, step, reason }) => [number, state, params, value, step, reason]);
}

/** The steps that were done, in order: `trial:step`. */
async function stepsIn(folder: string): Promise<readonly string[]> {
  return (await readFile(join(folder, "steps.log"), "utf8")).trim().split("\n");
}

async function checkpointsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, "results/pausing/checkpoints")).catch((): string[] => []);
  return names.toSorted();
}

function pausedFolders({ trials }: Document): readonly string[] {
  return trials.flatMap(({ state, number }) => (state === "paused" ? [`trial-${number}`] : [])).toSorted();
}

/** Thirty trials, run in one go, and what they did. */
let once: Document;
let steps: readonly string[];
let promoted: readonly number[];

beforeAll(async () => {
  const folder = await makeFolder();
  await place("fixtures/pausing.ts", folder);
  once = documentOf(await argmin(promoting, folder));
  steps = await stepsIn(folder);
  // A trial that went on after another one had begun was promoted.
  const begun = steps.map((step) => Number(step.split(":")[0]));
  promoted = [...new Set(begun.filter((number, i) => i > 0 && begun[i - 1] !== number && begun.slice(0, i).includes(number)))];
  expect(await checkpointsIn(folder)).toEqual(pausedFolders(once));
  await removeFolder(folder);
});

describe("promotion on the command line", { timeout: 120_000 }, () => {
  it("pauses trials and lets them go on from their checkpoints: no step is done twice", () => {
    expect(once.study.pruner).toMatchObject({ name: "successive-halving", settings: { promote: true } });
    expect(promoted.length).toBeGreaterThan(1);
    expect(new Set(steps).size).toBe(steps.length);
    expect(new Set(once.trials.map(({ state }) => state))).toEqual(new Set(["complete", "paused"]));
    const expected = once.trials.reduce((sum, { state, step = 0 }) => sum + (state === "complete" ? 9 : step), 0);
    expect(steps).toHaveLength(expected);
    expect(once.trials.every(({ attempts }) => attempts === 1)).toBe(true);
    for (const { state, step, reason } of once.trials) {
      if (state === "paused")
        expect([[1, 3].includes(step ?? 0), reason]).toEqual([true, expect.stringMatching(/^place \d+ of/)]);
    }
  });

  it("goes on in pieces as in one go, also after trials lost their processes when they were promoted", async ({ folder }) => {
    await place("fixtures/pausing.ts", folder);
    const victims = promoted.slice(-3);
    await writeFile(join(folder, "victims"), victims.join(","));
    await argmin([...promoting, "--trials", "20"], folder);
    const document = documentOf(await argmin([...run, "--trials", "30"], folder));
    expect(essence(document)).toEqual(essence(once));
    const attempts = (number: number): number => document.trials[number]!.attempts;
    expect(victims.map(attempts)).toEqual(victims.map(() => 2));
    const done = await stepsIn(folder);
    // The one step at which each of them was lost is done again, and no other.
    expect(done.length).toBe(steps.length + victims.length);
    expect(new Set(done)).toEqual(new Set(steps));
    expect(await checkpointsIn(folder)).toEqual(pausedFolders(document));
  });

  it("shares paused trials among workers: each is taken up by one", async ({ folder }) => {
    await place("fixtures/pausing.ts", folder);
    const document = documentOf(await argmin([...promoting, "--workers", "3"], folder));
    expect(document.trials).toHaveLength(30);
    expect(document.trials.map(({ params }) => params)).toEqual(once.trials.map(({ params }) => params));
    expect(new Set(document.trials.map(({ state }) => state))).toEqual(new Set(["complete", "paused"]));
    const done = await stepsIn(folder);
    expect(new Set(done).size).toBe(done.length);
  });

  it("comes to the same results with an objective that keeps no checkpoint, whose steps count once", async ({ folder }) => {
    await place("fixtures/pausing.ts", folder);
    const forgetful = documentOf(await argmin([...promoting, "--forgetful", "--trials", "30"], folder));
    expect(essence(forgetful)).toEqual(essence(once));
    expect((await stepsIn(folder)).length).toBeGreaterThan(steps.length);
    const shown: { readonly trial: { readonly reports: readonly { readonly step: number }[] } } = JSON.parse(
      (await argmin(["show", "--study", "pausing", String(promoted[0]), "--json"], folder)).stdout,
    );
    const reported = shown.trial.reports.map(({ step }) => step);
    expect(reported).toEqual(reported.map((_, i) => i + 1));
  });

  it("counts each trial once, and says of those that are left where they are paused and why", async ({ folder }) => {
    await place("fixtures/pausing.ts", folder);
    const words = promoting.filter((word) => word !== "--json");
    const { stderr } = await argmin([...words, "--trials", "12"], folder);
    const first = once.trials.slice(0, 12);
    expect(stderr).toMatch(/Trial \d+ paused at step 1 with score -?[\d.]+ in [\d.]+ m?s: place \d of \d at step 1/);
    expect(stderr).toMatch(/all trials are done \(12 trials, \d of them paused, /);
    const list = await argmin(["list"], folder);
    expect(list.stdout).toMatch(/complete +pruned +paused +failed/);
    const paused: { readonly trials: readonly Trial[] } = JSON.parse(
      (await argmin(["trials", "pausing", "--state", "paused", "--json"], folder)).stdout,
    );
    expect(paused.trials.length).toBeGreaterThan(first.length / 3);
    const files = await readdir(join(folder, "results/pausing"));
    expect(files.filter((name) => name.startsWith("paused_")).toSorted()).toEqual(
      paused.trials
        .map(({ number, value, step }) => `paused_${Number(value!.toPrecision(6))}_step-${step}_trial-${number}.json`)
        .toSorted(),
    );
    expect((await argmin(["export", "pausing"], folder)).stdout).toMatch(/,paused,/);
    const shown = await argmin(["show", "--study", "pausing", String(paused.trials[0]!.number)], folder);
    expect(shown.stdout).toMatch(/state +paused/);
    // A later call with more trials may promote them, under new names.
    await argmin([...words, "--trials", "30"], folder);
    const later = await readdir(join(folder, "results/pausing"));
    expect(later.filter((name) => name.endsWith(".json"))).toHaveLength(30);
  });

  it("is refused for a pruner that stops trials, and for a study that began without", async ({ folder }) => {
    await place("fixtures/pausing.ts", folder);
    const refused = await argmin([...promoting, "--pruner", "median"], folder);
    expect(refused.stderr).toMatch(
      /--promote is for pruners that pause trials, which are successive-halving and hyperband; 'median'/,
    );
    await argmin([...run, "--pruner", "successive-halving", "--trials", "1"], folder);
    const another = await argmin([...promoting, "--trials", "2"], folder);
    expect(another.stderr).toMatch(/its pruner successive-halving stops trials, and --promote pauses them/);
  });
});
