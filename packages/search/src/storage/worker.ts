import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Liveness } from "./lease.ts";

/** Which process works on a trial. */
export type WorkerIdentity = {
  /** The machine: its name, and on Linux also its boot and its process namespace, since process ids mean nothing outside. */
  readonly host: string;
  readonly pid: number;
  /** When the process started, in the system's own terms; empty where it does not tell. Process ids are used again. */
  readonly started: string;
};

const host = [
  hostname().replaceAll("/", "-"),
  read(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim().slice(0, 8)),
  read(namespace),
]
  .filter((part) => part !== "")
  .join(".");

const ownStart = startOf(process.pid);

/** A new name for a worker of this process. */
export function newWorkerName(): string {
  return `${host}/${process.pid}/${ownStart}/${randomBytes(4).toString("hex")}`;
}

/** The parts of a worker's name; `undefined` if it names no process. */
export function parseWorker(name: string): WorkerIdentity | undefined {
  const [workerHost, pid, started] = name.split("/");
  if (workerHost === undefined || started === undefined || !/^[1-9][0-9]*$/.test(pid ?? "")) return undefined;
  return { host: workerHost, pid: Number(pid), started };
}

/** Whether a worker belongs to this process. */
export function isOfThisProcess(name: string): boolean {
  const worker = parseWorker(name);
  return worker !== undefined && worker.host === host && worker.pid === process.pid && worker.started === ownStart;
}

/** Whether the process behind a worker still runs, as far as this machine can tell. */
export function livenessOf(name: string): Liveness {
  const worker = parseWorker(name);
  if (worker === undefined || worker.host !== host) return "unknown";
  if (!isRunning(worker.pid)) return "ended";
  const started = startOf(worker.pid);
  return worker.started !== "" && started !== "" && started !== worker.started ? "ended" : "alive";
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user exists although it may not be signalled.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** The clock ticks from boot to the start of a process (field 22 of its stat line); empty where there is no /proc. */
function startOf(pid: number): string {
  return read(() => {
    const line = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name, in parentheses, may itself contain spaces and parentheses.
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended: its parent has not asked for its exit code yet.
    return fields[0] === "Z" ? "ended" : (fields[19] ?? "");
  });
}

/** The inode of the process namespace ("pid:[4026531836]"): two containers of one machine may both have a process 7. */
function namespace(): string {
  return readlinkSync("/proc/self/ns/pid").replace(/[^0-9]/g, "");
}

function read(source: () => string): string {
  try {
    return source();
  } catch {
    return "";
  }
}
