import { createSampler, openStudy, samplerNames } from "@argmin/search";
import { openSqliteStorage } from "@argmin/search/sqlite";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { readSweepFile } from "../../src/sweep-file/read.ts";
import { sweepExperiment } from "../../src/sweep/experiment.ts";
import { imputationSettings } from "../../src/sweep/imputation.ts";
import { readSweep } from "../../src/sweep/state.ts";
import { argminHere } from "../command.ts";
import { it } from "../folder-fixture.ts";

const metric = { name: "loss", direction: "minimize", target: undefined, impute: "worst", imputeWhileRunning: false } as const;

function samplerOf(metricText: string, block: string): Promise<unknown> {
  const text = `program: train.py\nmethod: bayes\nmetric: {name: loss${metricText}}\nparameters: {x: {min: 0.0, max: 1.0}}\n${block}`;
  const noExperiment = (): never => {
    throw new Error("no experiment is named");
  };
  return sweepExperiment(readSweepFile(text, "sweep.yaml"), "sweep", noExperiment).then(({ sampler }) => sampler);
}

describe("what a sweep says of runs without a value", () => {
  it("is what its sampler is told, unless the block says otherwise", async () => {
    const block = "argmin: {sampler: wandb-bayes}\n";
    expect(await samplerOf("", block)).toEqual({
      name: "wandb-bayes",
      settings: { impute: "worst", imputeWhileRunning: "never" },
    });
    expect(await samplerOf(", impute: latest, impute_while_running: best", block)).toEqual({
      name: "wandb-bayes",
      settings: { impute: "latest", imputeWhileRunning: "best" },
    });
    const own = "argmin: {sampler: {name: wandb-bayes, settings: {impute: best, candidates: 50}}}\n";
    expect(await samplerOf(", impute: latest", own)).toEqual({
      name: "wandb-bayes",
      settings: { impute: "best", imputeWhileRunning: "never", candidates: 50 },
    });
    expect(await samplerOf(", impute: latest", "argmin: {sampler: tpe}\n")).toEqual({
      name: "tpe",
      settings: { failed: "ignore" },
    });
    expect(await samplerOf(", impute: worst", "argmin: {sampler: tpe}\n")).toEqual({ name: "tpe", settings: { failed: "bad" } });
  });

  it("has no settings that a sampler does not know", () => {
    for (const name of samplerNames) {
      for (const impute of ["latest", "best", "worst"] as const) {
        expect(() => createSampler(name, imputationSettings(name, { ...metric, impute }))).not.toThrow();
      }
    }
    expect(imputationSettings("random", metric)).toEqual({});
    expect(imputationSettings("constructor", metric)).toEqual({});
  });

  it.for([
    ["by the flag", ["--sampler", "wandb-bayes"], "", "best"],
    ["by the block", [], "argmin: {sampler: wandb-bayes}\n", "latest"],
  ] as const)("reaches the study of a sweep, with what its runs report: %s", async ([, flags, block, impute], { folder }) => {
    await writeFile(
      join(folder, "sweep.yaml"),
      `program: train.py\nmethod: bayes\nmetric: {name: loss, impute: ${impute}}\nparameters: {x: {min: 0.0, max: 1.0}}\n${block}`,
    );
    const made = await argminHere(["sweep", "sweep.yaml", "--storage", "a.db", "--seed", "5", "--json", ...flags], folder);
    expect(JSON.parse(made.stdout)).toMatchObject({ sweep: "sweep", sampler: "wandb-bayes" });
    const storage = await openSqliteStorage(join(folder, "a.db"));
    const study = await openStudy({ storage, name: "sweep" });
    expect(study.definition).toMatchObject({
      seed: 5,
      sampler: { name: "wandb-bayes", settings: { impute, imputeWhileRunning: "never", candidates: 1000 } },
    });
    // What fails reports more the better it is; what does not fail is no good.
    let good = 0;
    for (let i = 0; i < 24; i++) {
      const trial = await study.ask();
      const x = trial.assignment["x"]!;
      trial.report(1, { loss: 5 + x });
      trial.report(2, { loss: x, accuracy: 100 });
      if (i >= 14) good += x < 0.3 ? 1 : 0;
      await study.tell(trial, x < 0.3 ? { state: "failed", error: "no memory" } : 5 + x);
    }
    expect(good).toBeGreaterThan(5);
    // Its agents read what the flags said as if the file had.
    const { settings, sampler } = readSweep(await study.attributes(), "sweep");
    expect([settings.seed, sampler?.name]).toEqual([5, "wandb-bayes"]);
    await study.close();
    await storage.close();
  });
});
