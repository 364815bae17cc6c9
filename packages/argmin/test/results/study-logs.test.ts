import { isJsonObject } from "@argmin/base";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { load, missing } from "../../../nn/test/tensorboard/loader.ts";
import { readScalars, readValues, stringsOf } from "../../../nn/test/tensorboard/read-events.ts";
import { hparamColumns, hparamValues } from "../../src/results/hparam-columns.ts";
import { writeStudyLogs } from "../../src/results/study-logs.ts";
import { it } from "../folder-fixture.ts";
import { exportedStudy } from "./exported-study.ts";

describe("a study as TensorBoard's logs", () => {
  it("has a run a trial with its reports and its value", async ({ folder }) => {
    const study = await exportedStudy();
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
      const study = await exportedStudy();
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
      expect(infos.get("offset")).toEqual({ name: "offset", type: "DATA_TYPE_FLOAT64", differs: true });
      const groups = new Map(hparams.groups.map((group) => [group.name, group]));
      for (const trial of study.trials) {
        const group = groups.get(`trial-${trial.number}`)!;
        const { residual, shape = null, ...others } = study.describe(trial.assignment);
        const kind = isJsonObject(shape) ? shape["kind"] : undefined;
        expect(group.hparams).toEqual({ ...others, shape: kind, ...(residual === null ? {} : { residual }) });
        const ended = { complete: "SUCCESS", pruned: "SUCCESS", paused: "SUCCESS", failed: "FAILURE" };
        const statuses = { ...ended, running: "RUNNING", waiting: undefined };
        expect(group.sessions[0]!.status).toBe(`STATUS_${statuses[trial.state]}`);
        const values = Object.fromEntries((group.metricValues ?? []).map(({ name, value = 0 }) => [name.tag, value]));
        expect(values["value"]).toBe(trial.state === "complete" ? 0.5 + trial.number : undefined);
      }
      expect(study.trials.some(({ assignment }) => study.describe(assignment)["residual"] === null)).toBe(true);
    },
    120_000,
  );

  it("is written anew: trials that the study does not have go, files of others stay", async ({ folder }) => {
    const study = await exportedStudy();
    await writeStudyLogs(folder, study);
    await mkdir(join(folder, "trial-99"));
    await writeFile(join(folder, "trial-99", "notes.txt"), "mine");
    await mkdir(join(folder, "trial-best"));
    await writeStudyLogs(folder, { ...study, trials: study.trials.slice(0, 2) });
    const folders = (await readdir(folder)).filter((name) => name.startsWith("trial-"));
    expect(folders.toSorted()).toEqual(["trial-0", "trial-1", "trial-99", "trial-best"]);
    expect((await readScalars(join(folder, "trial-1")))["value"]).toEqual([[2, 1.5]]);
  });

  it("has runs whose names sort as their trials' numbers do, also once there are more", async ({ folder }) => {
    const study = await exportedStudy();
    await writeStudyLogs(folder, study);
    const last = study.trials.find(({ state }) => state === "complete")!;
    await writeStudyLogs(folder, { ...study, trials: [...study.trials, { ...last, number: 104 }] });
    const runs = (await readdir(folder)).filter((name) => name.startsWith("trial-")).toSorted();
    expect(runs).toEqual([...Array.from({ length: 10 }, (_, i) => `trial-00${i}`), "trial-104"]);
  });

  it("holds values that are too great for float32", async ({ folder }) => {
    const { trials, ...study } = await exportedStudy();
    const [first] = trials;
    await writeStudyLogs(folder, { ...study, trials: first?.state === "complete" ? [{ ...first, value: -1e300 }] : [] });
    expect((await readScalars(join(folder, "trial-0")))["value"]).toEqual([[2, -Infinity]]);
  });

  it("is empty but for the study where no trial was begun", async ({ folder }) => {
    expect(await writeStudyLogs(folder, { ...(await exportedStudy()), trials: [], reports: new Map() })).toBe(0);
    expect(await readdir(folder)).toHaveLength(1);
  });
});

describe("hparamColumns", () => {
  it("takes a column of several kinds of values for text, and no value for none", () => {
    const rows = [{ a: 1, b: null }, { a: "x" }, { a: true, c: { option: 1 } }, { c: [1, 2] }];
    const columns = hparamColumns(undefined, rows);
    expect(columns).toEqual([
      { name: "a", type: "string", domain: ["1", "x", "true"], differs: true },
      { name: "b", type: "string", domain: [], differs: false },
      { name: "c", type: "string", domain: ["option 1", "[1,2]"], differs: true },
    ]);
    expect(rows.map((row) => hparamValues(columns, row))).toEqual([
      { a: "1" },
      { a: "x" },
      { a: "true", c: "option 1" },
      { c: "[1,2]" },
    ]);
  });

  it("says in which columns trials differ, and what there is to choose among", () => {
    const columns = hparamColumns(undefined, [
      { rate: 0.1, units: 8, kind: "adam", norm: true },
      { rate: 0.2, units: 8, kind: "adam" },
    ]);
    expect(columns).toEqual([
      { name: "rate", type: "number", differs: true },
      { name: "units", type: "number", differs: false },
      { name: "kind", type: "string", domain: ["adam"], differs: false },
      { name: "norm", type: "boolean", domain: [true], differs: false },
    ]);
  });
});
