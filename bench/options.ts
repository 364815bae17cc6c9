import { parseArgs } from "node:util";
import { ArgminError, messageOf } from "@argmin/base";
import { devices, type Device } from "@argmin/nn";
import type { RaceSettings } from "./training/race.ts";

export const benchmarkNames = [
  "train-mnist-2v7",
  "train-simplecnn",
  "train-vooban-best",
  "train-vooban-demo",
  "memory",
  "storage",
  "suggest-random",
  "suggest-tpe",
  "suggest-gp",
] as const;
export type BenchmarkName = (typeof benchmarkNames)[number];

/** Names that stand for several. */
const groups: Readonly<Record<string, readonly BenchmarkName[]>> = {
  train: benchmarkNames.filter((name) => name.startsWith("train-")),
  suggest: benchmarkNames.filter((name) => name.startsWith("suggest-")),
};

/** What the command line asked for. */
export interface BenchOptions {
  readonly peers: boolean;
  readonly python: string | undefined;
  /** Threads of a training step, on both sides. */
  readonly threads: number;
  /** Where and in what sizes the training races run. */
  readonly race: RaceSettings;
  /** Rounds that count; the table has their medians. */
  readonly rounds: number;
  readonly only: readonly BenchmarkName[];
  readonly json: boolean;
  readonly help: boolean;
}

export const helpText = `Measures argmin on this machine.

  npm run bench                     argmin alone
  npm run bench -- --peers          beside PyTorch and Optuna, in turns, with ratios
  npm run bench -- train --peers    some of the benchmarks, by name

  ${benchmarkNames.join(", ")};
  train and suggest stand for all that begin with them

  npm run bench -- search --help    how far searches come in so many trials, beside hyperopt and Optuna

  --peers          measure PyTorch and Optuna too; installs them into bench/peers/.venv on first use
  --python PATH    a Python that has torch and optuna, instead of that environment (implies --peers)
  --threads N      threads of a training step, on both sides (1)
  --device NAME    where argmin's side of the races of systems A and C trains: ${devices.join(", ")} (cpu)
  --peer-device NAME  where PyTorch's side does: cpu, cuda or whatever else it calls its devices (cpu)
  --batch N        examples a step of those races, instead of the published sizes
  --steps N        steps a round of those races
  --rounds N       rounds to take medians of (5)
  --only NAMES     some of the benchmarks, separated by commas (all)
  --json           one JSON document on stdout, progress on stderr
  --help           this text
`;

/** @throws ArgminError `usage/invalid` for a flag it does not know or a value that makes no sense. */
export function parseOptions(words: readonly string[]): BenchOptions {
  const { values, positionals } = parse(words);
  const chosen = [...positionals, ...(values.only?.split(",") ?? [])].flatMap(benchmarksNamed);
  return {
    peers: values.peers || values.python !== undefined,
    python: values.python,
    threads: positive("threads", values.threads),
    race: {
      device: deviceNamed(values.device),
      peerDevice: values["peer-device"],
      batch: values.batch === undefined ? undefined : positive("batch", values.batch),
      steps: values.steps === undefined ? undefined : positive("steps", values.steps),
    },
    rounds: positive("rounds", values.rounds),
    only: chosen.length === 0 ? benchmarkNames : [...new Set(chosen)],
    json: values.json,
    help: values.help,
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        peers: { type: "boolean", default: false },
        python: { type: "string" },
        threads: { type: "string", default: "1" },
        device: { type: "string", default: "cpu" },
        "peer-device": { type: "string", default: "cpu" },
        batch: { type: "string" },
        steps: { type: "string" },
        rounds: { type: "string", default: "5" },
        only: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new ArgminError("usage/invalid", `${messageOf(error)}; see --help.`, { cause: error });
  }
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new ArgminError("usage/invalid", `--${flag} takes a whole number from 1 on, not "${text}".`);
  }
  return value;
}

function deviceNamed(text: string): Device {
  const device = devices.find((known) => known === text);
  if (device !== undefined) return device;
  throw new ArgminError("usage/invalid", `There is no device "${text}"; choose from ${devices.join(", ")}.`);
}

function benchmarksNamed(text: string): readonly BenchmarkName[] {
  const name = benchmarkNames.find((known) => known === text);
  if (name !== undefined) return [name];
  const group = Object.hasOwn(groups, text) ? groups[text] : undefined;
  if (group !== undefined) return group;
  throw new ArgminError(
    "usage/invalid",
    `There is no benchmark "${text}"; choose from ${[...Object.keys(groups), ...benchmarkNames].join(", ")}.`,
  );
}
