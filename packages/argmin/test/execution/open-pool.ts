import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Report } from "../../dist/execution/messages.js";
import { WorkerPool, type PoolSettings } from "../../dist/execution/worker-pool.js";

/** Worker processes with an experiment of the fixtures, and what they have said so far. */
export interface OpenedPool {
  readonly pool: WorkerPool;
  readonly lines: readonly string[];
  readonly reports: readonly Report[];
}

/** Opens a pool of one process, with one thread and no limits unless the settings say otherwise. Whoever opens it closes it. */
export function openPool(experiment: string, settings: Partial<PoolSettings> = {}): OpenedPool {
  const path = fileURLToPath(new URL(`../fixtures/${experiment}.ts`, import.meta.url));
  const lines: string[] = [];
  const reports: Report[] = [];
  const pool = new WorkerPool({
    reference: { kind: "file", path },
    study: experiment,
    graceMs: 1000,
    dataFolder: undefined,
    device: "cpu",
    threads: 1,
    options: {},
    memoryLimit: undefined,
    folder: dirname(path),
    nodeFlags: [],
    size: 1,
    trialTimeoutMs: undefined,
    prepareTimeoutMs: undefined,
    events: {
      onLoading: () => undefined,
      onBegin: () => undefined,
      onReport: (_place, report) => void reports.push(report),
      onIdle: () => undefined,
      onLine: (_place, line) => void lines.push(line),
    },
    ...settings,
  });
  return { pool, lines, reports };
}
