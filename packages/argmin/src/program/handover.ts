import { type JsonObject } from "@argmin/base";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

/** What a program is told of its trial. */
export interface TrialFacts {
  readonly study: string;
  readonly number: number;
  readonly seed: number;
  readonly params: JsonObject;
  /** Where its data lie, if anybody said. */
  readonly dataFolder: string | undefined;
  /** How many threads it may keep busy. */
  readonly threads: number;
  /** Where the program may keep what it takes to go on after a pause. */
  readonly checkpointFolder: string | undefined;
  /** The step at which the trial was paused, if it goes on. */
  readonly resumedFrom: number | undefined;
}

/** A folder for what passes between a trial and its program, and what the program's environment says of it. */
export interface Handover {
  /** The parameters as JSON. */
  readonly paramsFile: string;
  /** Where the program may append its metrics. */
  readonly metricsFile: string;
  /** Its being there tells the program that the trial is pruned; it holds the reason. */
  readonly prunedFile: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Removes the folder. */
  close(): Promise<void>;
}

/**
 * Writes the parameters where a program finds them: in `ARGMIN_PARAMS` and, one by one, in `ARGMIN_PARAM_NAME` of its environment, in a JSON file, and
 * in the YAML file that W&B's own library reads. Where trials are paused, `ARGMIN_CHECKPOINT_FOLDER` and `ARGMIN_RESUMED_FROM` tell how one goes on.
 *
 * @param metricsUrl - Where metrics may be posted.
 */
export async function openHandover(facts: TrialFacts, metricsUrl: string): Promise<Handover> {
  const { study, number, seed, params, dataFolder, threads, checkpointFolder, resumedFrom } = facts;
  const folder = await mkdtemp(join(tmpdir(), "argmin-trial-"));
  const paramsFile = join(folder, "params.json");
  const configFile = join(folder, "config.yaml");
  const metricsFile = join(folder, "metrics.jsonl");
  const prunedFile = join(folder, "pruned");
  const json = JSON.stringify(params);
  const config = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, { value }]));
  await writeFile(paramsFile, `${json}\n`);
  await writeFile(configFile, stringify({ wandb_version: 1, ...config }));
  await writeFile(metricsFile, "");
  return {
    paramsFile,
    metricsFile,
    prunedFile,
    environment: {
      ARGMIN_STUDY: study,
      ARGMIN_TRIAL: String(number),
      ARGMIN_SEED: String(seed),
      ARGMIN_THREADS: String(threads),
      ...(dataFolder === undefined ? {} : { ARGMIN_DATA: dataFolder }),
      ARGMIN_PARAMS: json,
      ARGMIN_PARAMS_FILE: paramsFile,
      ...paramVariables(params),
      ARGMIN_METRICS_FILE: metricsFile,
      ARGMIN_METRICS_URL: metricsUrl,
      ARGMIN_PRUNED_FILE: prunedFile,
      // Empty rather than absent: a search that a trial's program starts would find those of that trial.
      ARGMIN_CHECKPOINT_FOLDER: checkpointFolder ?? "",
      ARGMIN_RESUMED_FROM: resumedFrom === undefined ? "" : String(resumedFrom),
      WANDB_SWEEP_ID: study,
      WANDB_RUN_ID: `${study}-${number}`,
      WANDB_SWEEP_PARAM_PATH: configFile,
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** `ARGMIN_PARAM_LEARNING_RATE=0.1` for `learning_rate`: what a shell script reads without a JSON parser. Texts stay as they are. */
function paramVariables(params: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      `ARGMIN_PARAM_${name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, "_")}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
