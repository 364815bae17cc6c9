import { execFile } from "node:child_process";
import { mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { Snippet } from "./snippets.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

type Environment = Readonly<Record<string, string>>;

/** A new folder in which the packages are installed, as a reader of a guide has one. */
export async function makeReadersFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "argmin-guide-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"), "dir");
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return folder;
}

/** Does what a snippet says, in a reader's folder. */
export async function run(snippet: Snippet, folder: string, environment: Environment = {}): Promise<void> {
  switch (snippet.kind) {
    case "file":
      await writeFile(join(folder, snippet.name), snippet.code);
      return;
    case "program": {
      const name = `line-${snippet.line}.ts`;
      await writeFile(join(folder, name), snippet.code);
      await succeed(`tsx ${name}`, folder, `line ${snippet.line}`, environment);
      return;
    }
    case "commands":
      for (const command of snippet.commands)
        await succeed(command.replace(/^npx /, ""), folder, `line ${snippet.line}: ${command}`, environment);
  }
}

/**
 * Runs a command of the guide as its reader would, with the repository's own executables first on the path.
 *
 * @param what - What a failure says of the command.
 * @returns what it printed on standard output.
 */
export async function succeed(command: string, cwd: string, what: string, environment: Environment = {}): Promise<string> {
  const given = { ...process.env, ...environment };
  const env = { ...given, PATH: `${join(root, "node_modules", ".bin")}:${given.PATH ?? ""}` };
  const output = await new Promise<{ status: number | string; stdout: string; text: string }>((resolve) => {
    execFile("sh", ["-c", command], { cwd, env, timeout: 280_000 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : (error.code ?? "killed"), stdout, text: stdout + stderr });
    });
  });
  expect(output.status, `${what}\n${output.text}`).toBe(0);
  return output.stdout;
}
