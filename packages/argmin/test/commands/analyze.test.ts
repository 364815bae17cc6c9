import { createStudy, hp, type SpaceDefinition, type Storage, type Study } from "@argmin/search";
import { openSqliteStorage } from "@argmin/search/sqlite";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { argmin, argminHere, type Ended } from "../command.ts";
import { it, place } from "../folder-fixture.ts";

const space = {
  rate: hp.loguniform(-3, 0),
  norm: hp.choice([false, true]),
  residual: hp.choice([null, hp.quniform(1, 4, 1, { label: "residual_units" })]),
};

/** Makes a study in the folder's database. */
async function withStudyIn(folder: string, work: (storage: Storage) => Promise<unknown>): Promise<void> {
  await mkdir(join(folder, "results"), { recursive: true });
  const storage = await openSqliteStorage(join(folder, "results", "argmin.db"));
  await work(storage);
  await storage.close();
}

const newStudy = (storage: Storage, name: string, definition: SpaceDefinition = space) =>
  createStudy({ storage, name, space: definition, seed: 4, direction: "maximize", duplicates: "allow" });

/** Trials in every way a trial can end: each fifth fails, each seventh is pruned or rejected, and two are alike. */
async function fill(study: Study<unknown>, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const trial = await study.ask();
    const { rate, norm }: { rate: number; norm: boolean } = JSON.parse(JSON.stringify(trial.params));
    const value = 0.5 - Math.abs(Math.log(rate) + 1.5) / 5 + (norm ? 0.3 : 0);
    for (let step = 1; step <= 3; step++) trial.report(step, { accuracy: (value * step) / 3, loss: Number.NaN });
    if (i % 5 === 4) await study.tell(trial, { state: "failed", error: { message: `out of memory at ${i} MB` } });
    else if (i % 14 === 6) await study.tell(trial, { state: "pruned", reason: "too large" });
    else if (i % 14 === 13) await study.tell(trial, { state: "pruned", step: 2, value: value / 2, reason: "hopeless" });
    else await study.tell(trial, { state: "complete", value });
  }
}

/** Only a command that loads a file needs a process of its own. */
const analyze = (folder: string, ...args: readonly string[]): Promise<Ended> =>
  (args.some((arg) => arg.endsWith(".ts")) ? argmin : argminHere)(["analyze", ...args], folder);

interface Document {
  readonly study: { readonly name: string };
  readonly analysis: {
    readonly counts: object;
    readonly narrowed: { readonly code: string };
    readonly confidence: { readonly level: string };
  };
  readonly folder: string;
  readonly report: string;
  readonly charts: readonly { readonly name: string; readonly files: readonly string[]; readonly why?: string }[];
}

describe("argmin analyze", () => {
  it("writes the report and the charts, and tells what the study has taught", async ({ folder }) => {
    await withStudyIn(folder, async (storage) => {
      const study = await newStudy(storage, "mixed");
      await study.setAttribute("experiment", {
        name: "mixed",
        metric: "fine accuracy",
        summary: "a mixed search",
        step: "epoch",
      });
      await fill(study, 70);
      await study.ask();
    });
    const { code, stdout, stderr } = await analyze(folder);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^Study 'mixed': 71 trials, 4\d complete, \d+ pruned, 14 failed, 1 running; best fine accuracy 0\.\d+/,
    );
    expect(stdout).toMatch(/- `(norm|rate)` explains \d+ % of the variance/);
    expect(stdout).toContain("export const space = {");
    const report = join("results", "mixed", "analysis", "report.html");
    expect(stdout).toContain(`The report: ${report}\n`);
    const page = await readFile(join(folder, report), "utf8");
    expect(page).toContain("a mixed search");
    expect(page).toContain("out of memory at");
    expect(await readFile(join(folder, "results", "mixed", "analysis", "learning-curves.svg"), "utf8")).toContain(
      ">epoch</text>",
    );
    const files = await readdir(join(folder, "results", "mixed", "analysis"));
    expect(files.filter((file) => file.endsWith(".svg")).length).toBeGreaterThan(3);
    expect(files.filter((file) => file.endsWith(".png"))).toHaveLength(files.filter((file) => file.endsWith(".svg")).length);
    expect(files.filter((file) => !/\.(svg|png|html)$/.test(file))).toEqual([]);
  });

  it.for([0, 1, 3])("says of %d trials what is missing", async (count, { folder }) => {
    await withStudyIn(folder, async (storage) => {
      const study = await newStudy(storage, "short");
      for (let i = 0; i < count; i++) await study.tell(await study.ask(), { state: "complete", value: i });
    });
    const { code, stdout, stderr } = await analyze(folder, "short", "--format", "svg", "--json", "--out", "there");
    expect([code, stderr]).toEqual([0, ""]);
    const document: Document = JSON.parse(stdout);
    expect(document).toMatchObject({
      study: { name: "short" },
      analysis: { counts: { total: count, complete: count }, confidence: { level: "none" } },
      folder: join(folder, "there"),
      report: join(folder, "there", "report.html"),
    });
    for (const { files, why } of document.charts) {
      expect(why === undefined).toBe(files.length > 0);
      for (const file of files) expect(existsSync(file)).toBe(true);
    }
    expect(document.charts.flatMap(({ files }) => files).every((file) => file.endsWith(".svg"))).toBe(true);
    expect((await analyze(folder, "short", "--format", "svg")).stdout).toContain("Too little to say what matters: ");
  });

  it("removes the files of a chart that is no longer there to draw", async ({ folder }) => {
    await withStudyIn(folder, (storage) => newStudy(storage, "empty"));
    const { charts }: Document = JSON.parse((await analyze(folder, "empty", "--json")).stdout);
    const nothing = charts.find(({ why }) => why !== undefined)!;
    const stale = join(folder, "results", "empty", "analysis", `${nothing.name}.svg`);
    await writeFile(stale, "old");
    await analyze(folder, "empty");
    expect(existsSync(stale)).toBe(false);
  });

  it("takes pruned trials in and fixes what hardly matters where that is asked for", async ({ folder }) => {
    await withStudyIn(folder, async (storage) => fill(await newStudy(storage, "mixed"), 60));
    const of = async (...args: readonly string[]): Promise<Document> =>
      JSON.parse((await analyze(folder, "mixed", "--format", "svg", "--json", ...args)).stdout);
    const used = ({ analysis }: Document): unknown => Reflect.get(analysis.counts, "used");
    expect(used(await of("--pruned", "last-value"))).toBeGreaterThan(Number(used(await of())));
    expect((await of("--unimportant", "fix")).analysis.narrowed.code).toContain("export const space");
  });

  it("analyzes a define-by-run study by what its trials have asked for", async ({ folder }) => {
    await withStudyIn(folder, async (storage) => {
      const study = await createStudy({ storage, name: "by run", seed: 1 });
      await study.optimize((trial) => trial.suggestFloat("x", 0, 1) + trial.suggestInt("n", 1, 5), { trials: 15 });
    });
    const { code, stdout } = await analyze(folder, "--format", "svg");
    expect(code).toBe(0);
    expect(stdout).toMatch(/Study 'by run': 15 trials/);
  });

  it("says in a sentence what it cannot analyze, and why", async ({ folder }) => {
    const refuse = async (sentence: RegExp, ...args: readonly string[]): Promise<void> => {
      const { code, stdout, stderr } = await analyze(folder, ...args);
      expect(stderr).toMatch(sentence);
      expect([code === 0, stdout, stderr.trim().split("\n").length]).toEqual([false, "", 1]);
    };
    await refuse(/There is no database results.argmin\.db/);
    await withStudyIn(folder, async (storage) => {
      const study = await newStudy(storage, "valley-2");
      await study.setAttribute("experiment", { name: "valley", metric: "height", summary: "a valley" });
    });
    await refuse(/There is no study 'valey-2' .* Did you mean 'valley-2'/, "valey-2");
    await refuse(/is one of the experiment 'valley', not of 'widths'/, "widths", "--study", "valley-2");
    await place("fixtures/widths.ts", folder);
    await refuse(/is one of the experiment 'valley', not of 'widths'/, "widths.ts", "--study", "valley-2");
    await refuse(/There is no study 'widths'/, "widths.ts");
    await writeFile(join(folder, "file"), "");
    await refuse(/Cannot write .*file/, "valley-2", "--out", "file");
    await refuse(/Cannot write .*file.below/, "valley-2", "--out", "file/below");
    expect((await analyze(folder, "valley", "--study", "valley-2", "--format", "svg")).code).toBe(0);
  });
});
