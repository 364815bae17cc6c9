import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { argmin, argminHere, argminProcess, makeFolder, removeFolder, type Ended } from "./command.ts";
import { bytesIn, fieldsOf, messagesIn, readScalars, readValues, textIn } from "../../nn/test/tensorboard/read-events.ts";
import { place } from "./folder-fixture.ts";

let folder: string;
let ran: Ended;

beforeAll(async () => {
  folder = await makeFolder();
  await place("fixtures/valley.ts", folder);
  await place("bad-inputs/fixtures/throwing-objective.ts", folder);
  ran = await argmin(["run", "valley.ts"], folder);
  await argmin(["run", "throwing-objective.ts", "--no-check"], folder);
});
afterAll(async () => removeFolder(folder));

const here = (...args: readonly string[]): Promise<Ended> => argminHere(args, folder);

interface Document {
  readonly trials?: readonly { readonly value: number | null }[];
}

async function json(...args: readonly string[]): Promise<Document> {
  const { code, stdout, stderr } = await here(...args, "--json");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const document: Document = JSON.parse(stdout);
  return document;
}

describe("argmin run", () => {
  it("ends with the best parameters, their value and what was made of them, and tells its progress elsewhere", () => {
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(
      /^Best of study 'valley'\n\n {2}trial +\d+\n {2}height +[0-9.]+\n {2}time +.*\n\nParameters\n\n {2}x +.*\n {2}y +.*\n {2}shape +(?:plain|rippled)\n/,
    );
    expect(ran.stdout).toMatch(/\nResult\n\n {2}distance +[0-9.]+\n/);
    expect(ran.stderr.match(/^Trial \d+ complete: height /gm)).toHaveLength(12);
    expect(ran.stderr).toMatch(/\nStudy 'valley': all trials are done \(12 trials, .*\); best height [0-9.]+\.\n$/);
    expect(ran.stderr).not.toContain("\u001B");
  });

  it("leaves a file for each trial, the best first by name", async () => {
    const names = (await readdir(join(folder, "results", "valley"))).toSorted();
    expect(names).toHaveLength(12);
    const values = await Promise.all(
      names.map(async (name) => {
        const document: { value: number } = JSON.parse(await readFile(join(folder, "results", "valley", name), "utf8"));
        return document.value;
      }),
    );
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  });
});

describe("--json", () => {
  it("has standard output for itself, whatever an experiment prints", async () => {
    await place("fixtures/talkative.ts", folder);
    const { stdout, stderr } = await argminProcess(["run", "talkative.ts", "--no-check", "--json", "--out", "other"], folder);
    expect(JSON.parse(stdout)).toMatchObject({ study: { name: "talkative" }, stopped: "trials" });
    expect(stderr).toContain("said while loading\n");
    expect(stderr).toContain("said in a trial\n");
  });
});

describe("argmin trials", () => {
  it("sorts, filters and cuts", async () => {
    const all = await json("trials", "valley");
    expect(all).toMatchObject({ study: { name: "valley", metric: "height", direction: "minimize", seed: 0 } });
    const best = await json("trials", "valley", "--sort", "value", "--limit", "3");
    const values = best.trials?.map(({ value }) => value ?? Number.NaN) ?? [];
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(values).toHaveLength(3);
    expect(await json("trials", "valley", "--state", "failed")).toMatchObject({ trials: [] });
    expect((await here("trials", "valley", "--state", "failed")).stdout).toBe("There are no such trials.\n");
  });

  it("prints a line for each, with what went wrong", async () => {
    const { stdout } = await here("trials", "throwing-objective");
    const [heading, ...lines] = stdout.trimEnd().split("\n");
    expect(heading).toMatch(/^trial +state +height +time +x +why$/);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/failed .*no value today$/);
  });

  it("means the only study there is, or the one an experiment's file belongs to", async () => {
    const { code, stderr } = await here("best");
    expect([code, stderr]).toEqual([4, expect.stringMatching(/Name one of the studies in .*: valley, throwing-objective\.\n$/)]);
    const named = await argmin(["trials", "valley.ts", "--json"], folder);
    expect(JSON.parse(named.stdout)).toMatchObject({ study: { name: "valley" } });
  });
});

describe("argmin best", () => {
  it("shows what run showed", async () => {
    const { stdout } = await here("best", "valley");
    expect(stdout).toBe(ran.stdout);
    const document = await json("best", "valley");
    expect(document).toMatchObject({
      best: { state: "complete", params: { x: expect.any(Number) } },
      finish: { distance: expect.any(Number) },
    });
  });

  it("has nothing to show of a study without a result, and says so by its exit code", async () => {
    const { code, stdout, stderr } = await here("best", "throwing-objective");
    expect([code, stdout]).toEqual([7, ""]);
    expect(stderr).toContain("has no complete trial yet");
    const { stdout: document } = await here("best", "throwing-objective", "--json");
    expect(JSON.parse(document)).toMatchObject({ best: null, finish: null });
  });
});

describe("argmin show", () => {
  it("tells everything of a trial", async () => {
    const { stdout } = await here("show", "valley", "0");
    expect(stdout).toMatch(/^Trial 0 of study 'valley'\n/);
    expect(stdout).toMatch(/\nAttributes\n[^]*ripple/);
    expect(stdout).toMatch(/\nReports\n\n {2}step +height\n {5}1 +/);
    expect(await json("show", "valley", "0")).toMatchObject({
      trial: { number: 0, reports: [{ step: 1, metrics: { height: expect.any(Number) } }] },
    });
  });
});

describe("argmin export", () => {
  it("writes CSV and JSON, to a file or to standard output", async () => {
    const csv = (await here("export", "valley")).stdout;
    expect(csv.split("\r\n")).toHaveLength(14);
    const written = await here("export", "valley", "--out", "deep/trials.csv");
    expect([written.code, written.stdout]).toEqual([0, ""]);
    expect(await readFile(join(folder, "deep", "trials.csv"), "utf8")).toBe(csv);
    const document: unknown = JSON.parse((await here("export", "valley", "--format", "json")).stdout);
    expect(document).toMatchObject({
      study: { name: "valley", seed: 0, sampler: { name: "random" } },
      finish: { result: { distance: expect.any(Number) } },
    });
  });
});

describe("argmin export --format tensorboard", () => {
  it("writes a folder with a run a trial, and says how to look at it", async () => {
    const { code, stdout, stderr } = await here("export", "valley", "--format", "tensorboard", "--out", "my logs");
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toBe("12 trials of study 'valley' written; look at them: tensorboard --logdir 'my logs'\n");
    const runs = (await readdir(join(folder, "my logs"))).filter((name) => name.startsWith("trial-"));
    expect(runs).toHaveLength(12);
    const { params, reports } = JSON.parse((await here("show", "valley", "3", "--json")).stdout).trial;
    const trial = join(folder, "my logs", "trial-03");
    expect(await readScalars(trial)).toMatchObject({ "reports/height": [[1, Math.fround(reports[0].metrics.height)]] });
    const start = (await readValues(trial)).find(({ tag }) => tag === "_hparams_/session_start_info");
    const names = messagesIn(fieldsOf(bytesIn(fieldsOf(start!.content!), 3)), 1).map((entry) => textIn(entry, 1));
    expect(names.toSorted()).toEqual(Object.keys(params).toSorted());
  });

  it("lies in the study's results unless said otherwise, and is written anew each time", async () => {
    for (let i = 0; i < 2; i++) await here("export", "valley", "--format", "tensorboard", "--json");
    const own = join(folder, "results", "valley", "tensorboard");
    expect(JSON.parse((await here("export", "valley", "--format", "tensorboard", "--json")).stdout)).toMatchObject({
      study: { name: "valley" },
      folder: own,
      trials: 12,
    });
    expect(await readdir(join(own, "trial-00"))).toHaveLength(1);
    await rm(own, { recursive: true });
  });
});

describe("argmin export --json", () => {
  it("is JSON, and no table", async () => {
    const { code, stdout } = await here("export", "valley", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ study: { name: "valley" } });
    expect((await here("export", "valley", "--json", "--format", "csv")).code).toBe(2);
  });
});

describe("a study of any name", () => {
  it.each(["argmin.db", "argmin.db-wal", "a/b", "数".repeat(80), "../up"])("%s has a folder of its own", async (name) => {
    const run = await argmin(["run", "valley.ts", "--no-check", "--trials", "1", "--study", name], folder);
    expect([run.code, run.stderr]).toEqual([0, expect.stringContaining("all trials are done")]);
    expect(await json("best", name)).toMatchObject({ study: { name } });
    expect(await json("reset", name, "--yes")).toMatchObject({ deleted: true });
  });
});

describe("an experiment file with a life of its own", () => {
  it.each([
    ["process.exit(0);\n", 3],
    ["await new Promise(() => undefined);\n", 3],
    ["setInterval(() => undefined, 1000);\n", 0],
  ])("neither ends the program nor keeps it: %s", async (line, code) => {
    const text = await readFile(join(folder, "valley.ts"), "utf8");
    await writeFile(join(folder, "alive.ts"), `${text}${line}`);
    const ended = await argminProcess(["run", "alive.ts", "--no-check", "--trials", "1", "--study", "alive", "--json"], folder);
    expect(ended.code).toBe(code);
    const document: unknown = JSON.parse(ended.stdout);
    expect(document).toMatchObject(
      code === 0 ? { study: { name: "alive" } } : { error: { code: "experiment/invalid", exit: 3 } },
    );
    if (code === 0) await json("reset", "alive", "--yes");
  });
});

describe("argmin list", () => {
  it("names what can be run and what has been run", async () => {
    expect(await json("list")).toMatchObject({
      experiments: [
        { name: "mnist-2v7", trials: 20 },
        { name: "simplecnn-cifar100" },
        { name: "vooban-cifar100", trials: "unlimited" },
      ],
      studies: [
        { name: "valley", trials: { complete: 12, failed: 0 } },
        { name: "throwing-objective", trials: { complete: 0, failed: 3 } },
      ],
    });
    expect((await here("list")).stdout).toMatch(
      /^experiment +what it does\nmnist-2v7 .*\nsimplecnn-cifar100 .*\nvooban-cifar100 .*\n\nstudy +complete +pruned +failed +running +waiting +created\nvalley +12 +0 +0 +0 +0 /,
    );
  });
});

describe("argmin estimate", () => {
  it("counts, and takes its times from the trials there are", async () => {
    const { code, stdout } = await argmin(
      ["estimate", "valley.ts", "--no-check", "--trials", "100", "--workers", "2", "--json"],
      folder,
    );
    expect(code).toBe(0);
    const document: { cost: { secondsPerTrial: number; secondsOfSearch: number } } = JSON.parse(stdout);
    expect(document).toMatchObject({
      experiment: "valley",
      parameters: [
        { label: "x", values: null },
        { label: "y", values: null },
        { label: "shape", values: 2 },
        { label: "shape.rippled.waves", values: 9 },
      ],
      combinations: null,
      trials: 100,
    });
    expect(document.cost.secondsOfSearch).toBeCloseTo(document.cost.secondsPerTrial * 50, 9);
  });

  it("says what it does not know yet", async () => {
    const { stdout } = await argmin(["estimate", "valley.ts", "--no-check", "--study", "new"], folder);
    expect(stdout).toMatch(/^Cost of 'valley'\n\nparameter +values\nx +infinitely many\n/);
    expect(stdout).toContain("will be known after the first trials");
  });
});

describe("results that somebody deleted", () => {
  it("are there again after the next run", async () => {
    await rm(join(folder, "results", "valley"), { recursive: true });
    expect((await argmin(["run", "valley.ts", "--no-check"], folder)).stdout).toBe(ran.stdout);
    expect(await readdir(join(folder, "results", "valley"))).toHaveLength(12);
  });
});

describe("argmin reset", () => {
  it("keeps networks that were trained for good", async () => {
    await argmin(["run", "valley.ts", "--no-check", "--study", "trained", "--trials", "2"], folder);
    const kept = join(folder, "results", "trained", "retrain-best");
    await mkdir(kept);
    await writeFile(join(kept, "model.onnx"), "weights");
    const { code, stderr } = await argminHere(["reset", "trained"], folder, "trained");
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^The study 'trained' with 2 trials and all of .*trained but retrain-best are deleted\.\n$/),
    ]);
    expect(await readdir(join(folder, "results", "trained"))).toEqual(["retrain-best"]);
    expect(await readFile(join(kept, "model.onnx"), "utf8")).toBe("weights");
  });

  it("deletes a study and its folder once somebody has typed its name", async () => {
    const { code, stderr } = await argminHere(["reset", "valley"], folder, "valley");
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^The study 'valley' with 12 trials and the folder .*valley are deleted\.\n$/),
    ]);
    expect(await readdir(join(folder, "results"))).not.toContain("valley");
    expect(await json("reset", "throwing-objective", "--yes")).toMatchObject({
      study: { name: "throwing-objective" },
      deleted: true,
      trials: 3,
    });
    expect(await json("list")).toMatchObject({ studies: [] });
  });
});
