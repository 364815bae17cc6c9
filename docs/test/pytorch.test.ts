import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { writeCifar100 } from "../../packages/argmin/test/experiments/cifar/few-images.ts";
import { makeReadersFolder, root, run, succeed } from "./reader.ts";
import { snippetsOf } from "./snippets.ts";

const python = process.env["ARGMIN_PYTHON"] || "python3";
const ours = "packages/argmin/sweeps/simplecnn-cifar100.yaml";
const theirs = "bench/peers/simplecnn/sweep.yaml";

interface Shown {
  readonly trial: {
    readonly state: string;
    readonly value: number;
    readonly params: Readonly<Record<string, number>>;
    readonly reports: readonly { readonly step: number; readonly metrics: Readonly<Record<string, number>> }[];
  };
  readonly log: string;
}

describe("the sweep of simplecnn-cifar100 over a PyTorch program", { timeout: 280_000 }, () => {
  let folder: string;

  beforeEach(async () => {
    folder = await makeReadersFolder();
    symlinkSync(join(root, "bench"), join(folder, "bench"), "dir");
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("is the sweep over argmin's own engine", () => {
    const [mine, other] = [ours, theirs].map((path) => parse(readFileSync(join(root, path), "utf8")));
    for (const key of ["method", "metric", "parameters", "early_terminate"]) expect(other[key]).toEqual(mine[key]);
  });

  it("runs by the guide's commands: parameters arrive, metrics of each epoch come back", async ({ skip }) => {
    const missing = lacking();
    if (missing !== undefined) skip(missing);
    const environment = await prepared(folder);
    pickled(environment.ARGMIN_DATA);
    const guides = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
    const snippets = guides.flatMap((name) => snippetsOf(readFileSync(join(root, "docs", name), "utf8")));
    for (const snippet of snippets)
      if (snippet.kind === "commands" && snippet.needs === "torch") await run(snippet, folder, environment);
    for (const number of [0, 1]) {
      const { trial, log } = await shown("quick", number, folder);
      expect(trial.state).toBe("complete");
      expect(trial.reports.map(({ step }) => step)).toEqual([1, 2]);
      for (const { metrics } of trial.reports)
        expect(Object.keys(metrics).toSorted()).toEqual(["accuracy", "loss", "validation_accuracy", "validation_loss"]);
      expect(trial.value).toBe(Math.max(...trial.reports.map(({ metrics }) => metrics["validation_accuracy"] ?? 0)));
      const [said = ""] = readFileSync(join(folder, log), "utf8").split("\n");
      const arrived = Object.fromEntries([...said.matchAll(/(\w+) ([\d.e-]+)/g)].map(([, name, value]) => [name, Number(value)]));
      expect(arrived).toMatchObject({ ...trial.params, epochs: 2, subset: 500 });
    }
  });

  it("ends in the middle of an epoch when it is pruned", async ({ skip }) => {
    const missing = lacking();
    if (missing !== undefined) skip(missing);
    const environment = await prepared(folder);
    writeFileSync(
      join(folder, "hopeless.yaml"),
      `program: bench/peers/simplecnn/train.py
method: random
metric: {name: validation_accuracy, goal: maximize}
parameters:
  learning_rate: {min: 0.001, max: 0.002}
  num_filters_1: {value: 8}
  num_filters_2: {value: 8}
  num_filters_3: {value: 8}
  batch_size: {value: 8}
  epochs: {value: 10000}
run_cap: 1
argmin:
  pruner: {name: threshold, settings: {lower: 2}}
`,
    );
    await succeed("argmin sweep hopeless.yaml", folder, "sweep", environment);
    // No trial is complete, and the agent's exit code says so.
    await succeed("argmin agent hopeless --threads 1 || test $? = 7", folder, "agent", environment);
    const { trial, log } = await shown("hopeless", 0, folder);
    expect(trial.state).toBe("pruned");
    expect(readFileSync(join(folder, log), "utf8")).toMatch(/^ended in epoch \d+: pruned: /mu);
  });
});

/** Why the program cannot run here. */
function lacking(): string | undefined {
  try {
    execFileSync(python, ["-c", "import numpy, torch"], { stdio: "ignore" });
    return undefined;
  } catch {
    return `${python} has no torch or no numpy (ARGMIN_PYTHON names another)`;
  }
}

/** A folder with few images, and an environment in which `python` is the Python that has torch. */
async function prepared(folder: string): Promise<{ readonly ARGMIN_DATA: string; readonly PATH: string }> {
  const programs = join(folder, "programs");
  mkdirSync(programs);
  writeFileSync(join(programs, "python"), `#!/bin/sh\nexec "${python}" "$@"\n`);
  chmodSync(join(programs, "python"), 0o755);
  return {
    ARGMIN_DATA: await writeCifar100(folder, 1000, 20),
    PATH: `${programs}${delimiter}${process.env["PATH"] ?? ""}`,
  };
}

/** Puts the official pickled file in the place of the binary one. */
function pickled(data: string): void {
  const script = `
import numpy as np, os, pickle, sys
records = np.fromfile("train.bin", np.uint8).reshape(-1, 3074)
with open("train", "wb") as file:
    pickle.dump({"fine_labels": records[:, 1].tolist(), "data": records[:, 2:]}, file, protocol=2)
os.remove("train.bin")
`;
  execFileSync(python, ["-c", script], { cwd: data });
}

async function shown(study: string, number: number, folder: string): Promise<Shown> {
  const command = `argmin show ${study} ${number} --json`;
  const document: Shown = JSON.parse(await succeed(command, folder, command));
  return document;
}
