import { filterFlags } from "../flags/filter-flags.ts";
import { flags } from "../flags/flags.ts";
import { modelFlags } from "../flags/model-flags.ts";

/** The flags of each command; what they mean stands in one place for all. */

const where = { study: flags.study, storage: flags.storage, out: flags.out };
const machine = { device: flags.device, threads: flags.threads, data: flags.data, "memory-limit": flags["memory-limit"] };
const search = { trials: flags.trials, sampler: flags.sampler, seed: flags.seed, workers: flags.workers };

export const runFlags = {
  trials: search.trials,
  budget: flags.budget,
  timeout: flags.timeout,
  workers: search.workers,
  sampler: search.sampler,
  pruner: flags.pruner,
  promote: flags.promote,
  seed: search.seed,
  ...where,
  ...machine,
  "trial-timeout": flags["trial-timeout"],
  "term-timeout": flags["term-timeout"],
  "max-params": flags["max-params"],
  "max-flops": flags["max-flops"],
  "max-memory": flags["max-memory"],
  retries: flags.retries,
  patience: flags.patience,
  target: flags.target,
  "fail-fast": flags["fail-fast"],
  duplicates: flags.duplicates,
  "no-check": flags["no-check"],
  json: flags.json,
};

export const sweepFlags = {
  stop: flags.stop,
  cancel: flags.cancel,
  pause: flags.pause,
  resume: flags.resume,
  sampler: flags.sampler,
  pruner: flags.pruner,
  promote: flags.promote,
  trials: flags.trials,
  seed: flags.seed,
  ...where,
  json: flags.json,
};

export const agentFlags = {
  count: flags.count,
  timeout: flags.timeout,
  workers: flags.workers,
  ...where,
  ...machine,
  "trial-timeout": flags["trial-timeout"],
  "term-timeout": flags["term-timeout"],
  json: flags.json,
};

export const estimateFlags = { ...search, ...where, ...machine, "no-check": flags["no-check"], json: flags.json };

export const retrainFlags = {
  point: flags.point,
  trial: flags.trial,
  holdout: flags.holdout,
  checkpoint: flags.checkpoint,
  seed: flags.seed,
  ...where,
  ...machine,
  "no-check": flags["no-check"],
  json: flags.json,
};

/**
 * The commands by which trials and networks come to be, and their flags: an option of an experiment cannot have the name of one of
 * these. With other commands it can; there the flag is the command's, and the option keeps what it has.
 */
export const trainingFlags = { run: runFlags, estimate: estimateFlags, retrain: retrainFlags } as const;

export const drawFlags = {
  point: flags.point,
  trial: flags.trial,
  study: flags.study,
  storage: flags.storage,
  level: flags.level,
  format: flags.picture,
  theme: flags.theme,
  out: flags.pictures,
  "no-check": flags["no-check"],
  json: flags.json,
};

export const filtersFlags = {
  point: flags.point,
  trial: flags.trial,
  study: flags.study,
  storage: flags.storage,
  weights: filterFlags.weights,
  layers: filterFlags.layers,
  count: filterFlags.count,
  steps: filterFlags.steps,
  jitter: filterFlags.jitter,
  "total-variation": filterFlags["total-variation"],
  l2: filterFlags.l2,
  compare: filterFlags.compare,
  seed: flags.seed,
  theme: flags.theme,
  out: filterFlags.grids,
  device: flags.device,
  threads: flags["own-threads"],
  "no-check": flags["no-check"],
  json: flags.json,
};

export const analyzeFlags = {
  study: flags.study,
  storage: flags.storage,
  pruned: flags.pruned,
  unimportant: flags.unimportant,
  format: flags.picture,
  theme: flags.theme,
  out: flags.analysis,
  json: flags.json,
};

const savedModel = { classes: modelFlags.classes, device: flags.device, threads: flags["own-threads"] };

export const predictFlags = { top: modelFlags.top, ...savedModel, json: flags.json };

export const evaluateFlags = {
  dataset: modelFlags.dataset,
  data: flags.data,
  format: flags.picture,
  theme: flags.theme,
  out: modelFlags.beside,
  ...savedModel,
  json: flags.json,
};

export const trialsFlags = { ...where, state: flags.state, sort: flags.sort, limit: flags.limit, json: flags.json };

export const bestFlags = { ...where, json: flags.json };

export const showFlags = { ...where, json: flags.json };

export const exportFlags = {
  study: flags.study,
  storage: flags.storage,
  format: flags.format,
  out: flags.file,
  json: flags.json,
};

export const resetFlags = { ...where, yes: flags.yes, json: flags.json };

export const listFlags = { storage: flags.storage, out: flags.out, json: flags.json };
