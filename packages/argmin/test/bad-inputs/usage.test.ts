import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { argminHere } from "../command.ts";
import { expectRefusal } from "./refusal.ts";

const folder = tmpdir();

const cases: readonly (readonly [line: string, exit: number, sentence: string])[] = [
  ["rnu mnist-2v7", 2, "There is no command 'rnu'. Did you mean 'run'?"],
  [
    "frobnicate",
    2,
    "There is no command 'frobnicate'. There are: run, sweep, agent, estimate, retrain, draw, filters, analyze, predict, evaluate, trials, best, show, export, reset, list.",
  ],
  ["--seed 1 run mnist-2v7", 2, "The first word is a command, not --seed"],
  ["run", 2, "argmin run needs <experiment>: a bundled experiment"],
  ["run mnist-2v7 again", 2, "argmin run does not know what to do with 'again'"],
  ["run mnist-2v7 --sede 3", 2, "argmin run mnist-2v7 has no flag --sede. Did you mean '--seed'?"],
  ["run mnist-2v7 --verbose", 2, "argmin run mnist-2v7 has no flag --verbose."],
  ["run mnist-2v7 --trials", 2, "--trials needs a value: --trials N."],
  ["run mnist-2v7 --seed 1 --seed 2", 2, "--seed is given twice; give it once."],
  ["run mnist-2v7 --fail-fast=yes", 2, '--fail-fast is a switch and takes no value, but was given "yes".'],
  ["run mnist-2v7 --trials 0", 2, '--trials "0" is not understood; give a whole number from 1 to 1000000000.'],
  ["run mnist-2v7 --trials twenty", 2, '--trials "twenty" is not understood'],
  ["run mnist-2v7 --workers 1.5", 2, '--workers "1.5" is not understood; give a whole number from 1 to 1024.'],
  ["run mnist-2v7 --seed -1", 2, '--seed "-1" is not understood; give a whole number from 0 on.'],
  ["run mnist-2v7 --threads 0", 2, '--threads "0" is not understood'],
  ["run mnist-2v7 --retries x", 2, '--retries "x" is not understood'],
  ["run mnist-2v7 --patience 0", 2, '--patience "0" is not understood'],
  ["run mnist-2v7 --target high", 2, '--target "high" is not understood; give a number.'],
  ["run mnist-2v7 --timeout 10", 2, '--timeout "10" is not understood; give a time above 0 such as 90s, 10m or 2h.'],
  ["run mnist-2v7 --trial-timeout 0s", 2, '--trial-timeout "0s" is not understood'],
  [
    "run mnist-2v7 --memory-limit lots",
    2,
    '--memory-limit "lots" is not understood; give a size from 64M on, such as 512M or 4G.',
  ],
  ["run mnist-2v7 --device gpu", 2, '--device "gpu" is not understood; give one of auto, cpu, webgpu, cuda, tensorrt.'],
  ["run mnist-2v7 --duplicates avid", 2, "Did you mean 'avoid'?"],
  ["run mnist-2v8", 3, "There is no experiment 'mnist-2v8'. Did you mean 'mnist-2v7'?"],
  ["run elsewhere/mine.ts", 3, "There is no file elsewhere/mine.ts in"],
  ["run sweep.yaml/", 3, "There is no file sweep.yaml/ in"],
  ["trials --state done", 2, '--state "done" is not understood'],
  ["trials --sort best", 2, '--sort "best" is not understood; give one of number, value, duration.'],
  ["trials --limit 0", 2, '--limit "0" is not understood'],
  ["show", 2, "argmin show needs <trial>: the number of a trial."],
  ["show best", 2, "The number of a trial is a whole number from 0 on, not 'best'."],
  ["export --format xlsx", 2, '--format "xlsx" is not understood; give one of csv, json, tensorboard.'],
  ["analyze --pruned maybe", 2, '--pruned "maybe" is not understood; give one of leave-out, last-value.'],
  ["analyze missing.ts", 4, "There is no database results/argmin.db"],
  ["predict", 2, "argmin predict needs <model>: an .onnx file, or the folder that 'argmin retrain' wrote it to."],
  ["predict model.onnx", 2, "argmin predict needs <images>: image files, and folders of them."],
  ["predict model.onnx cat.png --top 0", 2, '--top "0" is not understood; give a whole number from 1 to 1000000.'],
  ["predict missing.onnx cat.png dog.png", 6, "There is no file missing.onnx; give an .onnx file"],
  ["evaluate model.onnx --dataset cifar", 2, '--dataset "cifar" is not understood; give one of mnist, cifar10, cifar100.'],
  ["reset", 2, "argmin reset needs <study>"],
];

describe("a command line that cannot be understood", () => {
  it.each(cases)("argmin %s ends with %d: %s", async (line, exit, sentence) => {
    const ended = await argminHere(line.split(" "), folder);
    expectRefusal(ended, exit, new RegExp(sentence.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  });

  it("is also told as a document where one is wanted", async () => {
    const { code, stdout, stderr } = await argminHere(["run", "mnist-2v7", "--trials", "0", "--json"], folder);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: "usage/invalid", message: expect.stringContaining("--trials"), exit: 2 },
    });
    expect(stderr).toMatch(/^argmin: --trials .*\n$/);
    expect(code).toBe(2);
  });
});
