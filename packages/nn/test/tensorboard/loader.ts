import { messageOf } from "@argmin/base";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What TensorBoard's own loader made of a folder of logs. */
export interface Loaded {
  readonly runs: Readonly<Record<string, LoadedRun>>;
  readonly hparams: {
    readonly experiment: LoadedExperiment;
    /** In TensorBoard's JSON, which leaves zeros out: one group a session here. */
    readonly groups: readonly LoadedGroup[];
  };
}

export interface LoadedRun {
  readonly tags: Readonly<Record<string, LoadedTag>>;
  readonly graph: Readonly<Record<string, LoadedNode>> | null;
}

export interface LoadedTag {
  readonly plugin: string;
  readonly description: string;
  /** Step and tensor; strings are base64. */
  readonly points: readonly (readonly [number, unknown])[];
}

export interface LoadedNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly shape: readonly number[];
}

export interface LoadedExperiment {
  readonly name?: string;
  readonly hparamInfos?: readonly { readonly name: string; readonly type: string }[];
  readonly metricInfos?: readonly { readonly name: { readonly tag: string; readonly group?: string } }[];
}

export interface LoadedGroup {
  readonly name: string;
  readonly hparams: Readonly<Record<string, unknown>>;
  readonly metricValues?: readonly { readonly name: { readonly tag: string }; readonly value?: number }[];
  readonly sessions: readonly { readonly status: string; readonly startTimeSecs: number; readonly endTimeSecs?: number }[];
}

const run = promisify(execFile);
const script = fileURLToPath(new URL("../../../../bench/peers/read_event_files.py", import.meta.url));
/** The Python that has TensorBoard. */
export const python = process.env["ARGMIN_PYTHON"] ?? "python3";

/** Why TensorBoard's loader cannot be asked here; undefined if it can. */
export const missing: string | undefined = await run(python, [script]).then(
  () => undefined,
  (error: unknown) => `${python} has no TensorBoard (ARGMIN_PYTHON names another): ${messageOf(error).trim().split("\n").at(-1)}`,
);

if (missing !== undefined) process.stderr.write(`Tests with TensorBoard's own loader are skipped. ${missing}\n`);

/** Reads logs through TensorBoard's own loader. */
export async function load(folder: string): Promise<Loaded> {
  const { stdout } = await run(python, [script, folder], { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout);
}
