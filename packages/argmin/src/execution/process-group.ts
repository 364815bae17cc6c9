import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";

/**
 * Sends a signal to a process that leads a group (`detached` of `node:child_process`) and to all that it has started. Windows has
 * no groups and no signals that could be caught: there the process and its children are ended at once.
 */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  if (process.platform === "win32") {
    execFile("taskkill", ["/pid", String(leader), "/T", "/F"], () => undefined);
    return;
  }
  try {
    process.kill(-leader, signal);
  } catch {
    // All of them have ended.
  }
}

/** Ends, by force, all processes of a group but the one that leads it. */
export async function endFollowers(leader: number): Promise<void> {
  for (const pid of await members(leader)) {
    try {
      if (pid !== leader) process.kill(pid, "SIGKILL");
    } catch {
      // It has just ended.
    }
  }
}

async function members(leader: number): Promise<readonly number[]> {
  if (process.platform === "win32") return [];
  if (process.platform !== "linux")
    return (await askPs("pid=,pgid=")).flatMap(([pid, group]) => (pid !== undefined && group === leader ? [pid] : []));
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    processes.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      // After the name, which may hold anything: its state, its parent, its group.
      const [, , group] = status.slice(status.lastIndexOf(")") + 2).split(" ");
      return Number(group) === leader ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

/**
 * The memory that a process and all that it has started keep resident, in bytes; undefined if the system does not tell. Linux has it in `/proc`; elsewhere
 * `ps` is asked; where there is neither, only V8's own limit holds.
 */
export async function groupBytes(leader: number): Promise<number | undefined> {
  if (process.platform !== "linux") {
    const own = (await askPs("pgid=,rss=")).filter(([group]) => group === leader);
    return own.length === 0 ? undefined : own.reduce((sum, [, kibibytes = 0]) => sum + kibibytes * 1024, 0);
  }
  const own = await residentBytes(leader);
  if (own === undefined) return undefined;
  let total = own;
  for (const child of await descendants(leader)) total += (await residentBytes(child)) ?? 0;
  return total;
}

async function residentBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** Children belong to the thread that has started them. */
async function descendants(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => ""));
  const children = (await Promise.all(lists)).flatMap((list) => list.match(/\d+/g) ?? []).map(Number);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

/** The numbers that `ps` tells of every process; none where there is no such program. */
function askPs(columns: string): Promise<readonly (readonly number[])[]> {
  return new Promise((settle) => {
    execFile("ps", ["-A", "-o", columns], (error, output) => {
      const lines = error === null ? output.split("\n").filter((line) => line.trim() !== "") : [];
      settle(lines.map((line) => line.trim().split(/\s+/).map(Number)));
    });
  });
}
