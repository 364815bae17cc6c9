import { isJsonObject } from "@argmin/base";
import { createStudy, hp, MemoryStorage, spaceFromJson, type TrialReport } from "@argmin/search";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { load, missing } from "../../../nn/test/tensorboard/loader.ts";
import { readScalars, readValues, stringsOf } from "../../../nn/test/tensorboard/read-events.ts";
import { hparamColumns, hparamValues } from "../../src/results/hparam-columns.ts";
import { writeStudyLogs, type ExportedStudy } from "../../src/results/study-logs.ts";
import { it } from "../folder-fixture.ts";

const definition = {
  rate: hp.float(0.01, 1, { log: true }),
  units: hp.int(8, 64, { step: 8 }),
  kind: hp.choice(["adam", "sgd"]),
  norm: hp.choice([false, true]),
  depth: hp.choice([2, 3]),
  residual: hp.choice([null, hp.quniform(1, 4, 1, { label: "residual_units" })]),
  shape: hp.choice([{ kind: "plain" }, { kind: "rippled", waves: hp.int(1, 9) }]),
  offset: hp.normal(0, 1),
};

/** A study of which every third trial fails, and one is pruned. */
async function exported(): Promise<ExportedStudy> {
  const storage = new MemoryStorage();
  const study = await createStudy({ storage, name: "mixed", direction: "minimize", space: definition, seed: 3 });
  for (let i = 0; i < 9; i++) {
    const trial = await study.ask();
    trial.report(1, { loss: 2 + i });
    trial.report(1, { score: i }, { phase: "fold 2" });
    trial.report(2, { loss: 1 + i });
    if (i % 3 === 2) await study.tell(trial, { state: "failed", error: { message: "too\n| hot" } });
    else if (i === 4) await study.tell(trial, { state: "pruned", step: 2, reason: "hopeless" });
    else await study.tell(trial, { state: "complete", value: 0.5 + i });
  }
  await study.ask();
  const record = (await storage.findStudy("mixed"))!;
  const space = spaceFromJson(record.space);
  const reports = new Map<number, TrialReport[]>();
  for (const report of await storage.reports(record.id))
    reports.set(report.number, [...(reports.get(report.number) ?? []), report]);
  return {
    record,
    metric: "final loss",
    describe: (assignment) => space.describe(assignment),
    trials: await storage.trials(record.id),
    reports,
    document: { name: "mixed", seed: 3 },
  };
}

describe("a study as TensorBoard's logs", () => {
  it("has a run a trial with its reports and its value", async ({ folder }) => {
    const study = await exported();
    expect(await writeStudyLogs(folder, study)).toBe(10);
    const runs = (await readdir(folder)).filter((name) => name.startsWith("trial-"));
    expect(runs).toHaveLength(10);
    expect(await readScalars(join(folder, "trial-1"))).toEqual({
      "reports/loss": [
        [1, 3],
        [2, 2],
      ],
      "reports/fold 2/score": [[1, 1]],
      value: [[2, 1.5]],
    });
    expect(await readScalars(join(folder, "trial-2"))).not.toHaveProperty("value");
    const text = (await readValues(join(folder, "trial-2"))).find(({ tag }) => tag === "trial")!;
    expect(stringsOf(text)).toEqual(["| | |\n|---|---|\n| state | failed |\n| error | too \\| hot |"]);
  });

  it.skipIf(missing !== undefined)(
    "reads in TensorBoard with types, domains and ends, inactive parameters absent",
    async ({ folder }) => {
      const study = await exported();
      await writeStudyLogs(folder, study);
      const { runs, hparams } = await load(folder);
      expect(Object.keys(runs)).toHaveLength(11);
      expect(runs["trial-4"]!.tags["reports/loss"]!.points).toEqual([
        [1, 6],
        [2, 5],
      ]);
      expect(hparams.experiment).toMatchObject({
        name: "mixed",
        metricInfos: [{ name: { tag: "value" } }, { name: { tag: "reports/loss" } }],
      });
      const infos = new Map(hparams.experiment.hparamInfos!.map((info) => [info.name, info]));
      expect(infos.get("rate")).toMatchObject({ type: "DATA_TYPE_FLOAT64", domainInterval: { minValue: 0.01, maxValue: 1 } });
      expect(infos.get("kind")).toMatchObject({ type: "DATA_TYPE_STRING", domainDiscrete: ["adam", "sgd"] });
      expect(infos.get("norm")).toMatchObject({ type: "DATA_TYPE_BOOL", domainDiscrete: [false, true] });
      expect(infos.get("depth")).toMatchObject({ type: "DATA_TYPE_FLOAT64", domainDiscrete: [2, 3] });
      expect(infos.get("offset")).toEqual({ name: "offset", type: "DATA_TYPE_FLOAT64" });
      const groups = new Map(hparams.groups.map((group) => [group.name, group]));
      for (const trial of study.trials) {
        const group = groups.get(`trial-${trial.number}`)!;
        const { residual, shape = null, ...others } = study.describe(trial.assignment);
        const kind = isJsonObject(shape) ? shape["kind"] : undefined;
        expect(group.hparams).toEqual({ ...others, shape: kind, ...(residual === null ? {} : { residual }) });
        const statuses = { complete: "SUCCESS", pruned: "SUCCESS", failed: "FAILURE", running: undefined, waiting: undefined };
        const status = statuses[trial.state];
        expect(group.sessions[0]!.status).toBe(status && `STATUS_${status}`);
        const values = Object.fromEntries((group.metricValues ?? []).map(({ name, value = 0 }) => [name.tag, value]));
        expect(values["value"]).toBe(trial.state === "complete" ? 0.5 + trial.number : undefined);
      }
      expect(study.trials.some(({ assignment }) => study.describe(assignment)["residual"] === null)).toBe(true);
    },
    120_000,
  );

  it("is empty but for the study where no trial was begun", async ({ folder }) => {
    expect(await writeStudyLogs(folder, { ...(await exported()), trials: [], reports: new Map() })).toBe(0);
    expect(await readdir(folder)).toHaveLength(1);
  });
});

describe("hparamColumns", () => {
  it("takes a column of several kinds of values for text, and no value for none", () => {
    const rows = [{ a: 1, b: null }, { a: "x" }, { a: true, c: { option: 1 } }, { c: [1, 2] }];
    const columns = hparamColumns(undefined, rows);
    expect(columns).toEqual([
      { name: "a", type: "string" },
      { name: "b", type: "string" },
      { name: "c", type: "string" },
    ]);
    expect(rows.map((row) => hparamValues(columns, row))).toEqual([
      { a: "1" },
      { a: "x" },
      { a: "true", c: "option 1" },
      { c: "[1,2]" },
    ]);
  });
});
