import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Builds what has changed: the processes that tests start run the packages as a user has them. */
export function setup(): void {
  const compiler = join(createRequire(import.meta.url).resolve("typescript/package.json"), "../bin/tsc");
  execFileSync(process.execPath, [compiler, "--build"], { cwd: import.meta.dirname, stdio: "inherit" });
}
