import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { WorkerSettings } from "../execution/worker-process.ts";
import type { Device, OptionValues } from "../experiment.ts";
import type { ExperimentReference } from "../loading/reference.ts";
import type { Terminal } from "../terminal.ts";

/** The flags that say what worker processes get. */
export interface MachineFlags {
  readonly device?: Device;
  readonly threads?: number;
  readonly data?: string;
  readonly workers?: number;
  readonly "memory-limit"?: number;
  readonly "term-timeout"?: number;
}

/** As W&B's agents have it. */
const usualGraceMs = 30_000;

/** What every worker process of a command is given. The cores are shared out among the workers unless `--threads` says otherwise. */
export function workerSettings(
  { reference, study }: { readonly reference: ExperimentReference; readonly study: string },
  options: OptionValues,
  flags: MachineFlags,
  terminal: Terminal,
): Omit<WorkerSettings, "onLine"> {
  const { workers = 1, data } = flags;
  const { ARGMIN_DATA: usual = "" } = terminal.environment;
  return {
    reference,
    study,
    options,
    dataFolder: data !== undefined ? resolve(terminal.folder, data) : usual === "" ? undefined : usual,
    device: flags.device ?? "cpu",
    threads: flags.threads ?? Math.max(1, Math.floor(availableParallelism() / workers)),
    memoryLimit: flags["memory-limit"],
    graceMs: flags["term-timeout"] ?? usualGraceMs,
    folder: terminal.folder,
    nodeFlags: terminal.nodeFlags,
  };
}
