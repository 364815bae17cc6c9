import { execFile } from "node:child_process";
import { availableParallelism, cpus, totalmem, type } from "node:os";
import { promisify } from "node:util";

/** Where and on what a benchmark ran. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** The commit measured, with "+changes" if the working tree differs from it; "unknown" outside a repository. */
  readonly commit: string;
}

export async function describeMachine(): Promise<Machine> {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${process.arch}`,
    node: process.version,
    commit: await describeCommit(),
  };
}

async function describeCommit(): Promise<string> {
  const git = async (...words: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)("git", words, { cwd: import.meta.dirname });
    return stdout.trim();
  };
  try {
    const commit = await git("rev-parse", "--short", "HEAD");
    // What a benchmark has saved so far is no change of what it measures.
    const changes = await git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":(top,exclude)bench/search/results");
    return changes === "" ? commit : `${commit}+changes`;
  } catch {
    return "unknown";
  }
}
