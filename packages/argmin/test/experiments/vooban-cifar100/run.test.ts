import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReportedMetrics } from "../../../src/experiment.ts";
import { voobanCifar100 } from "../../../src/experiments/vooban-cifar100.ts";
import { points } from "../../../src/experiments/vooban-cifar100/space.ts";
import { argmin, makeFolder, removeFolder } from "../../command.ts";
import { writeCifar100 } from "../cifar/few-images.ts";

let folder: string;
let data: string;

beforeAll(async () => {
  folder = await makeFolder();
  data = await writeCifar100(folder, 240, 20);
});
afterAll(async () => removeFolder(folder));

/** The smallest networks of the space. */
const small = {
  ...points.published,
  conv_hiddn_units_mult: 0.55,
  fc_units_1_mult: 0.55,
  nb_conv_pool_layers: 2,
  residual: null,
  first_conv: null,
  conv_kernel_size: 2,
  batch_size: 100,
} as const;

describe("vooban-cifar100 on a few images", () => {
  it("evaluates a candidate by images that it does not train on, with a report an epoch", async () => {
    const signal = new AbortController().signal;
    const options = { epochs: 2, dataset: "cifar100", heads: "softmax", subset: 120 } as const;
    const prepared = await voobanCifar100.prepare({
      dataFolder: data,
      device: "cpu",
      threads: 1,
      study: "test",
      graceMs: 1000,
      options,
      signal,
      log: () => undefined,
    });
    const reports: (readonly [number, ReportedMetrics, unknown])[] = [];
    const task = {
      seed: 1,
      number: 0,
      signal,
      report: async (step: number, metrics: ReportedMetrics, place: unknown): Promise<void> =>
        void reports.push([step, metrics, place]),
    };
    const assignment = voobanCifar100.space.encode(small);
    const { value } = await prepared.evaluate(assignment, task);
    expect(reports.map(([step, , place]) => [step, place])).toEqual([
      [1, { of: 2 }],
      [2, { of: 2 }],
    ]);
    expect(value).toBe(Math.max(...reports.map(([, metrics]) => metrics["validationFineAccuracy"]!)));
    expect(Object.keys(reports[0]![1])[0]).toBe("validationFineAccuracy");
    expect(voobanCifar100.cost(assignment, options)).toMatchObject({ parameters: expect.any(Number), flops: expect.any(Number) });
  }, 30_000);

  it("keeps a document with every published member of a candidate that is rejected or fails", async () => {
    const line = ["run", "vooban-cifar100", "--data", data, "--epochs", "1", "--trials", "2", "--max-params", "1000", "--json"];
    const rejected = await argmin(line, folder);
    expect(rejected.code).toBe(7);
    expect(JSON.parse(rejected.stdout)).toMatchObject({
      study: { sampler: { name: "tpe" }, options: { dataset: "cifar100", epochs: 1, heads: "softmax" } },
      trials: [{ state: "pruned" }, { state: "pruned" }],
    });
    // A subset that the images do not suffice for fails the trial.
    const failing = ["--study", "failing", "--data", data, "--subset", "230", "--trials", "1", "--json"];
    const failed = await argmin(["run", "vooban-cifar100", ...failing], folder);
    expect(JSON.parse(failed.stdout).trials[0].error.message).toBe(
      "There are 240 training images: 230 to train on and 24 to hold out are too many; ask for fewer.",
    );
    const names = async (study: string) => (await readdir(join(folder, "results", study))).toSorted();
    expect(await names("vooban-cifar100")).toEqual(["network-demo.svg", "pruned_trial-0.json", "pruned_trial-1.json"]);
    expect(await names("failing")).toEqual(["failed_trial-0.json", "network-demo.svg"]);
    const document = JSON.parse(await readFile(join(folder, "results", "failing", "failed_trial-0.json"), "utf8"));
    expect(document).toMatchObject({
      status: "fail",
      fine_best_accuracy: null,
      error: { stack: expect.stringMatching(/\n +at /) },
    });
    expect(Object.keys(document.space)).toHaveLength(19);
  }, 60_000);
});
