import fc from "fast-check";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TrialDocument } from "../../src/results/document.ts";
import { fileNames, ResultsFolder, type RankedTrial } from "../../src/results/folder.ts";

const complete = (number: number, value: number): RankedTrial => ({ number, state: "complete", value });
const failed = (number: number): RankedTrial => ({ number, state: "failed", value: undefined });

function documentOf({ number, state, value }: RankedTrial): TrialDocument {
  return {
    number,
    state,
    params: {},
    value: value ?? null,
    duration: 1,
    attributes: {},
    startedAt: null,
    finishedAt: null,
    attempts: 1,
  };
}

describe("the names of result files", () => {
  it("sort as the results do, the best first in either direction", () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 30 }),
        fc.constantFrom("minimize" as const, "maximize" as const),
        (values, direction) => {
          const trials = [
            failed(99),
            { number: 98, state: "pruned" as const, value: 0 },
            ...values.map((each, i) => complete(i, each)),
          ];
          const names = fileNames(trials, direction);
          const byName = trials.toSorted((a, b) => (names.get(a.number)! < names.get(b.number)! ? -1 : 1));
          const sorted = byName.filter(({ state }) => state === "complete").map((trial) => trial.value!);
          expect(sorted).toEqual(values.toSorted((a, b) => (direction === "minimize" ? a - b : b - a)).map((each) => each));
        },
      ),
    );
  });

  it("sort as the values do where their range is known, whatever else there is, and never change", () => {
    const range = [0, 250] as const;
    const value = fc.double({ min: 0, max: 250, noNaN: true }).map((each) => Number(each.toFixed(6)));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), (values) => {
        const trials = values.map((each, i) => complete(i, each));
        const names = fileNames([failed(99), ...trials], "maximize", range);
        const byName = trials.toSorted((a, b) => (names.get(a.number)! < names.get(b.number)! ? -1 : 1));
        expect(byName.map((trial) => trial.value)).toEqual(values.toSorted((a, b) => a - b));
        expect([...names.values()].toSorted().at(-1)).toBe("failed_trial-99.json");
        for (const trial of trials) expect(fileNames([trial], "maximize", range).get(trial.number)).toBe(names.get(trial.number));
      }),
    );
    expect(fileNames([complete(12, 0.6761)], "maximize", [0, 1]).get(12)).toBe("0.676100_trial-12.json");
  });

  it("can be read", () => {
    expect([...fileNames([complete(0, 0.5), complete(12, 0.99443661), failed(3)], "maximize").values()]).toEqual([
      "0001_0.994437_trial-12.json",
      "0002_0.5_trial-0.json",
      "failed_trial-3.json",
    ]);
  });
});

describe("the results folder", () => {
  let path: string;
  let trials: RankedTrial[];
  let reads: number;
  let folder: ResultsFolder;

  beforeEach(async () => {
    path = join(await mkdtemp(join(tmpdir(), "argmin-results-")), "study");
    trials = [];
    reads = 0;
    folder = new ResultsFolder(path, async (number) => {
      reads += 1;
      const trial = trials.find((candidate) => candidate.number === number);
      return trial === undefined ? undefined : documentOf(trial);
    });
  });
  afterEach(async () => rm(join(path, ".."), { recursive: true }));

  const names = async (): Promise<readonly string[]> => (await readdir(path)).toSorted();

  it("writes each trial once and then only renames", async () => {
    trials = [complete(0, 0.5)];
    await folder.mirror(trials, "maximize", "trusted");
    trials = [complete(0, 0.5), complete(1, 0.75)];
    await folder.mirror(trials, "maximize", "trusted");
    expect(await names()).toEqual(["0001_0.75_trial-1.json", "0002_0.5_trial-0.json"]);
    expect(JSON.parse(await readFile(join(path, "0002_0.5_trial-0.json"), "utf8"))).toEqual(documentOf(complete(0, 0.5)));
    expect(reads).toBe(2);
  });

  it("writes again what somebody deleted, and once more what belongs to another study", async () => {
    trials = [complete(0, 0.5), failed(1)];
    await folder.mirror(trials, "minimize", "trusted");
    await rm(join(path, "failed_trial-1.json"));
    await writeFile(join(path, "0001_0.5_trial-0.json"), "{}");
    await writeFile(join(path, "0002_7_trial-5.json"), "{}");
    await writeFile(join(path, "notes.txt"), "mine");
    await folder.mirror(trials, "minimize", "compared");
    expect(await names()).toEqual(["0001_0.5_trial-0.json", "failed_trial-1.json", "notes.txt"]);
    expect(JSON.parse(await readFile(join(path, "0001_0.5_trial-0.json"), "utf8"))).toMatchObject({ number: 0, value: 0.5 });
  });

  it("leaves the file of a trial that another process has just written", async () => {
    trials = [complete(0, 0.5), complete(1, 0.25)];
    await folder.mirror(trials, "minimize", "trusted");
    await folder.mirror([complete(0, 0.5)], "minimize", "trusted");
    expect(await names()).toEqual(["0001_0.25_trial-1.json", "0001_0.5_trial-0.json"]);
  });

  it("says which folder cannot be used", async () => {
    await writeFile(path, "a file where the folder should be");
    await expect(folder.mirror([], "minimize", "trusted")).rejects.toMatchObject({
      code: "file/unwritable",
      message: expect.stringContaining(path),
    });
  });
});
