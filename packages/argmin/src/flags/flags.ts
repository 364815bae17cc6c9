import { choiceFlag, countFlag, durationFlag, integerFlag, numberFlag, sizeFlag, switchFlag, textFlag } from "./values.ts";

/** Every flag, under the one name and meaning it has in all commands that take it. */
export const flags = {
  study: textFlag({ placeholder: "NAME", help: "the study; the experiment's name unless given" }),
  storage: textFlag({ placeholder: "FILE", help: "the SQLite database; argmin.db in the results folder unless given" }),
  trials: integerFlag({
    placeholder: "N",
    min: 1,
    max: 1e9,
    help: "trials the study has in all when it ends, earlier runs included",
  }),
  timeout: durationFlag({ help: "start no further trial after this time" }),
  workers: integerFlag({
    placeholder: "N",
    min: 1,
    max: 1024,
    help: "processes that evaluate trials at the same time; 1 unless given",
  }),
  sampler: textFlag({
    placeholder: "NAME",
    help: "what proposes trials: auto, random, grid, tpe, gp, wandb-bayes or hyperopt-tpe",
  }),
  pruner: textFlag({
    placeholder: "NAME",
    help: "stops trials early: none, successive-halving, hyperband, median, percentile, threshold, patience or wandb-hyperband",
  }),
  promote: switchFlag("pause trials that fall behind, and let them go on once they are among the best, instead of stopping them"),
  budget: integerFlag({
    placeholder: "STEPS",
    min: 1,
    max: 1e12,
    help: "steps (epochs) that all trials of the study together may take; stops hopeless ones by successive halving",
  }),
  seed: integerFlag({ placeholder: "N", help: "the seed from which all random numbers follow" }),
  device: choiceFlag(["auto", "cpu", "webgpu", "cuda", "tensorrt"], {
    placeholder: "NAME",
    help: "where networks run: auto, cpu, webgpu, cuda or tensorrt; cpu unless given",
  }),
  threads: integerFlag({
    placeholder: "N",
    min: 1,
    max: 4096,
    help: "threads of each worker; the cores shared out unless given",
  }),
  data: textFlag({ placeholder: "FOLDER", help: "where the data set lies" }),
  out: textFlag({ placeholder: "FOLDER", help: "the results folder; results unless given" }),
  json: switchFlag("print one JSON document on standard output and nothing else there"),
  "trial-timeout": durationFlag({ help: "end a trial that runs longer and record it as failed" }),
  stop: switchFlag("let its agents finish what runs, and leave"),
  cancel: switchFlag("let its agents end what runs, and leave"),
  pause: switchFlag("let its agents finish what runs, and wait"),
  resume: switchFlag("let agents run trials again"),
  count: integerFlag({ placeholder: "N", help: "run no more than this many trials here", min: 1 }),
  "term-timeout": durationFlag({ help: "how long a program that is told to end may take before it is killed; 30s unless given" }),
  "memory-limit": sizeFlag({ help: "end a trial whose process grows beyond this and record it as failed" }),
  "max-params": countFlag({ help: "reject candidates with more parameters, before they are trained" }),
  "max-flops": countFlag({ help: "reject candidates whose forward pass of one example takes more floating-point operations" }),
  "max-memory": sizeFlag({ help: "reject candidates whose training is likely to hold more memory" }),
  retries: integerFlag({
    placeholder: "N",
    max: 1000,
    help: "how often a trial that lost its process is run again; 3 unless given",
  }),
  patience: integerFlag({ placeholder: "N", min: 1, max: 1e9, help: "stop after this many trials in a row without a new best" }),
  target: numberFlag({ placeholder: "VALUE", help: "stop as soon as a trial is this good" }),
  "fail-fast": switchFlag("stop at the first trial that fails"),
  duplicates: choiceFlag(["avoid", "reuse", "allow"], {
    placeholder: "POLICY",
    help: "a proposal that was tried before: avoid it, reuse its value, or allow it",
  }),
  point: textFlag({
    placeholder: "NAME",
    help: "a point of the experiment, best, or a trial's number",
  }),
  trial: textFlag({ placeholder: "TRIAL", help: "one of the study's trials: best or a number" }),
  checkpoint: textFlag({
    placeholder: "FILE",
    help: "where the training is kept, to go on from; last.safetensors among its results unless given",
  }),
  holdout: integerFlag({ placeholder: "N", max: 1e9, help: "training examples to hold out and to judge each epoch by" }),
  "no-check": switchFlag("run a TypeScript file without checking its types"),
  state: choiceFlag(["waiting", "running", "paused", "complete", "pruned", "failed"], {
    placeholder: "STATE",
    help: "only trials that are waiting, running, paused, complete, pruned or failed",
  }),
  sort: choiceFlag(["number", "value", "duration"], { placeholder: "KEY", help: "by number, value (best first) or duration" }),
  limit: integerFlag({ placeholder: "N", min: 1, help: "show no more than this many" }),
  format: choiceFlag(["csv", "json", "tensorboard"], {
    placeholder: "NAME",
    help: "csv, json, or tensorboard: a folder of logs; csv unless given",
  }),
  file: textFlag({
    placeholder: "PATH",
    help: "the file to write, standard output unless given; or the folder of tensorboard's logs",
  }),
  level: choiceFlag(["full", "compact"], {
    placeholder: "LEVEL",
    help: "full: every layer; compact: blocks of them; full unless given",
  }),
  picture: choiceFlag(["svg", "png", "both"], { placeholder: "NAME", help: "svg, png or both; both unless given" }),
  pictures: textFlag({
    placeholder: "FOLDER",
    help: "the folder to write to; the study's results, or that of the .onnx file, unless given",
  }),
  analysis: textFlag({
    placeholder: "FOLDER",
    help: "the folder to write to; analysis in the study's results unless given",
  }),
  pruned: choiceFlag(["leave-out", "last-value"], {
    placeholder: "POLICY",
    help: "pruned trials in the figures: leave-out or last-value; left out unless given",
  }),
  unimportant: choiceFlag(["keep", "fix"], {
    placeholder: "POLICY",
    help: "what hardly matters: keep its range in the next space, or fix the best value",
  }),
  theme: choiceFlag(["light", "dark"], { placeholder: "NAME", help: "light or dark; light unless given" }),
  "own-threads": integerFlag({ placeholder: "N", min: 1, max: 4096, help: "threads; one a core unless given" }),
  yes: switchFlag("do not ask"),
} as const;
