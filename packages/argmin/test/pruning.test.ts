import { createStudy, hp } from "@argmin/search";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect } from "vitest";
import { argmin, argminHere, argminProcess, makeFolder, removeFolder, type Ended } from "./command.ts";
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

const run = ["run", "curves.ts", "--no-check", "--seed", "3", "--json"];
const halving = [...run, "--pruner", "successive-halving"];
const epochs = 9;

function documentOf({ stdout, stderr }: Ended): Document {
  if (stdout === "") throw new Error(stderr);
  const document: Document = JSON.parse(stdout);
  return document;
}

/** What must be the same whoever ran the trials and in however many pieces. */
function essence({ trials }: Document): readonly (readonly unknown[])[] {
  return trials.map(({ number, state, params, value, step, reason }) => [number, state, params, value, step, reason]);
}

/** How many steps the trials have done. */
function stepsOf({ trials }: Document): number {
  return trials.reduce((sum, { state, step = 0 }) => sum + (state === "complete" ? epochs : step), 0);
}

/** Thirty trials, run in one go. */
let once: Document;

beforeAll(async () => {
  const folder = await makeFolder();
  await place("fixtures/curves.ts", folder);
  once = documentOf(await argmin(halving, folder));
  await removeFolder(folder);
});

describe("successive halving on the command line", { timeout: 120_000 }, () => {
  it("prunes the very trials that the study's own loop would prune, each with value, step and reason", async () => {
    const space = { end: hp.uniform(0, 1), speed: hp.uniform(0, 1) };
    const pruner = { name: "successive-halving", settings: { reductionFactor: 3, minimumResource: 1 }, metric: "score" };
    const study = await createStudy({ name: "curves", space, sampler: "random", direction: "maximize", seed: 3, pruner });
    for (let i = 0; i < 30; i++) {
      const trial = await study.ask();
      const { end, speed } = trial.params;
      let isPruned = end < 0.04;
      let score = 0;
      for (let step = 1; step <= epochs && !isPruned; step++) {
        score = end - (1 + speed) / step;
        trial.report(step, score, { of: epochs });
        isPruned = await trial.shouldPrune();
      }
      await study.tell(trial, isPruned ? { state: "pruned" } : score);
    }
    const expected = (await study.trials()).map((trial) => [
      trial.number,
      trial.state,
      trial.state === "complete" || trial.state === "pruned" ? (trial.value ?? null) : null,
      trial.state === "pruned" ? trial.step : undefined,
    ]);
    expect(once.trials.map(({ number, state, value, step }) => [number, state, value, step])).toEqual(expected);
    expect(once.study.pruner).toEqual({
      ...pruner,
      settings: { ...pruner.settings, bracket: 0, bootstrapTrials: 0, promote: false },
    });
    const pruned = once.trials.filter(({ state, value }) => state === "pruned" && value !== null);
    expect(pruned.length).toBeGreaterThan(10);
    for (const { step, reason } of pruned) {
      expect([1, 3]).toContain(step);
      expect(reason).toMatch(/^place \d+ of \d+ at step [13], where the best (one goes|\d+ go) on$/);
    }
  });

  it("goes on in pieces as in one go, also after a trial lost its process", async ({ folder }) => {
    await place("fixtures/curves.ts", folder);
    const first = once.trials.find(({ number, state }) => number > 0 && state === "complete")?.number ?? 0;
    await argminProcess([...halving, "--trials", "10"], folder, { CURVES_VICTIM: String(first) });
    const document = documentOf(await argmin([...run, "--trials", "30"], folder));
    expect(essence(document)).toEqual(essence(once));
    expect(document.trials.find(({ number }) => number === first)?.attempts).toBe(first < 10 ? 2 : 1);
  });

  it("stops an objective that waits for no verdict at a later report, of the same trials", async ({ folder }) => {
    await place("fixtures/curves.ts", folder);
    const few = documentOf(await argmin([...halving, "--careless", "--trials", "6"], folder));
    const same = once.trials.slice(0, 6);
    expect(few.trials.map(({ state }) => state)).toEqual(same.map(({ state }) => state));
    expect(few.trials.map(({ reason }) => reason)).toEqual(same.map(({ reason }) => reason));
    const later = few.trials.filter(({ step }, i) => step !== undefined && step > (same[i]?.step ?? 0));
    for (const { step = 0 } of later) expect(step).toBeLessThan(epochs);
  });

  it("judges each trial once by what all workers have reported", async ({ folder }) => {
    await place("fixtures/curves.ts", folder);
    const document = documentOf(await argmin([...halving, "--workers", "3"], folder));
    expect(document.trials).toHaveLength(30);
    const states = (name: string): number => document.trials.filter(({ state }) => state === name).length;
    expect(states("complete") + states("pruned")).toBe(30);
    expect(states("complete")).toBeGreaterThan(0);
    expect(states("pruned")).toBeGreaterThan(10);
    expect(document.trials.map(({ params }) => params)).toEqual(once.trials.map(({ params }) => params));
  });

  it("shows where and why, and apart from the others those that were rejected", async ({ folder }) => {
    await place("fixtures/curves.ts", folder);
    const { stderr } = await argmin(
      halving.filter((word) => word !== "--json"),
      folder,
    );
    expect(stderr).toMatch(/Trial \d+ pruned at step 1 with score -?\d[\d.]* in .*: place \d+ of \d+ at step 1/);
    expect(stderr).toMatch(/Trial \d+ rejected in .*: too poor to begin with/);
    expect(stderr).toMatch(/30 trials, \d+ of them pruned, \d+ rejected,/);
    const table = (await argminHere(["trials", "curves", "--sort", "value"], folder)).stdout;
    expect(table).toMatch(/^trial +state +score +at step +time .* why/);
    expect(table.trimEnd().split("\n").at(-1)).toMatch(/rejected .*too poor to begin with$/);
    const { number } = once.trials.find(({ step }) => step === 3) ?? { number: -1 };
    const shown = (await argminHere(["show", "curves", String(number)], folder)).stdout;
    expect(shown).toMatch(/state +pruned\n.*score +-?\d.*\n.*at step +3\n.*reason +place/);
    const files = await readdir(join(folder, "results", "curves"));
    expect(files.filter((name) => name.startsWith("pruned_-"))).not.toHaveLength(0);
    const rejected = once.trials.filter(({ state, value }) => state === "pruned" && value === null);
    for (const { number } of rejected) expect(files).toContain(`pruned_trial-${number}.json`);
    const csv = (await argminHere(["export", "curves"], folder)).stdout;
    expect(csv).toContain(",too poor to begin with,");
  });
});

describe("a budget", { timeout: 120_000 }, () => {
  it("is what all trials together may spend, whoever runs them; more of it goes on with the same pruner", async ({ folder }) => {
    await place("fixtures/curves.ts", folder);
    const first = documentOf(await argmin([...run, "--budget", "40"], folder));
    expect(first.stopped).toBe("budget");
    expect(stepsOf(first)).toBeGreaterThanOrEqual(40);
    expect(stepsOf(first)).toBeLessThan(40 + epochs);
    const again = documentOf(await argmin([...run, "--budget", "40"], folder));
    expect(essence(again)).toEqual(essence(first));
    const more = documentOf(await argmin([...run, "--budget", "70", "--workers", "2"], folder));
    expect(essence(more).slice(0, first.trials.length)).toEqual(essence(first));
    expect(stepsOf(more)).toBeGreaterThanOrEqual(70);
    expect(stepsOf(more)).toBeLessThan(70 + 2 * epochs);
    expect(more.study.pruner).toEqual(first.study.pruner);
  });

  it("may go without a pruner", async ({ folder }) => {
    await place("fixtures/curves.ts", folder);
    const document = documentOf(await argmin([...run, "--budget", "20", "--pruner", "none"], folder));
    expect(document.trials.filter(({ state }) => state === "complete")).toHaveLength(3);
  });
});

describe("what cannot be pruned", { timeout: 120_000 }, () => {
  it("is refused in one clear sentence, before there is a study", async ({ folder }) => {
    await place("fixtures/curves.ts", folder);
    await place("fixtures/valley.ts", folder);
    const cases: readonly (readonly [line: string, code: number, sentence: RegExp])[] = [
      ["run curves.ts --pruner medain", 2, /There is no pruner 'medain'; there are none, .*\. Did you mean 'median'\?/],
      [
        "run curves.ts --budget 5",
        2,
        /A budget of 5 steps does not pay for one trial of 'curves', which has 9; give at least as many\./,
      ],
      ["run valley.ts --budget 50", 2, /'valley' does not tell by which reports its trials can be judged, as --budget needs/],
      ["run valley.ts --pruner median", 2, /'valley' does not tell by which reports its trials can be judged, as --pruner needs/],
    ];
    for (const [line, code, sentence] of cases) {
      const ended = await argmin([...line.split(" "), "--no-check"], folder);
      expect([ended.code, ended.stdout], line).toEqual([code, ""]);
      expect(ended.stderr).toMatch(sentence);
    }
    expect((await argminHere(["list", "--json"], folder)).stdout).not.toContain('"curves"');
  });

  it("is a study with another pruner; without a word it keeps its own", async ({ folder }) => {
    await place("fixtures/curves.ts", folder);
    await argmin([...run, "--trials", "2"], folder);
    const other = await argmin([...run, "--pruner", "median", "--trials", "3"], folder);
    expect(other.code).toBe(4);
    expect(other.stderr).toMatch(/was started with other settings: pruner none, not median\./);
    const kept = await argmin([...run, "--budget", "30"], folder);
    expect(kept.stderr).toMatch(/The study 'curves' keeps what it began with: no pruner\./);
    expect(stepsOf(documentOf(kept))).toBeLessThan(30 + epochs);
  });
});
