import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";

/**
 * The memory a process keeps resident, in bytes; undefined if the system does not tell. Linux has it in `/proc`; elsewhere `ps` is asked;
 * where there is neither, only V8's own limit holds.
 */
export async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return process.platform === "linux" ? undefined : askPs(pid);
  }
}

function askPs(pid: number): Promise<number | undefined> {
  return new Promise((settle) => {
    execFile("ps", ["-o", "rss=", "-p", String(pid)], (error, output) => {
      const kibibytes = Number(output.trim());
      settle(error === null && kibibytes > 0 ? kibibytes * 1024 : undefined);
    });
  });
}
