import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { snippetsOf, type Snippet } from "./snippets.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const documents = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`),
];

/** Programs are checked as strictly as a careful user's would be. */
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    module: "nodenext",
    target: "es2023",
    lib: ["es2023"],
    types: ["node"],
    skipLibCheck: true,
    allowImportingTsExtensions: true,
  },
};

describe.each(documents)("%s", (document) => {
  const snippets = snippetsOf(readFileSync(join(root, document), "utf8"));
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "argmin-guide-"));
    await symlink(join(root, "node_modules"), join(folder, "node_modules"), "dir");
    await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it("runs from top to bottom", { timeout: 300_000 }, async ({ skip }) => {
    const needsPython = snippets.some((snippet) => snippet.kind === "file" && snippet.name.endsWith(".py"));
    if (needsPython && !isOnPath("python3")) skip("there is no python3 here, which this guide's programs are written for");
    for (const snippet of snippets) await run(snippet, folder);
  });

  it("passes the type check", { timeout: 120_000 }, async () => {
    if (!snippets.some((snippet) => snippet.kind === "program" || (snippet.kind === "file" && snippet.name.endsWith(".ts"))))
      return;
    await succeed("tsc -p tsconfig.json", folder, "types");
  });
});

function isOnPath(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => folder !== "" && existsSync(join(folder, program)));
}

async function run(snippet: Snippet, folder: string): Promise<void> {
  switch (snippet.kind) {
    case "file":
      await writeFile(join(folder, snippet.name), snippet.code);
      return;
    case "program": {
      const name = `line-${snippet.line}.ts`;
      await writeFile(join(folder, name), snippet.code);
      await succeed(`tsx ${name}`, folder, `line ${snippet.line}`);
      return;
    }
    case "commands":
      for (const command of snippet.commands)
        await succeed(command.replace(/^npx /, ""), folder, `line ${snippet.line}: ${command}`);
  }
}

/** Runs a command of the guide as its reader would, with the repository's own executables first on the path. */
async function succeed(command: string, cwd: string, what: string): Promise<void> {
  const env = { ...process.env, PATH: `${join(root, "node_modules", ".bin")}:${process.env["PATH"] ?? ""}` };
  const output = await new Promise<{ status: number | string; text: string }>((resolve) => {
    execFile("sh", ["-c", command], { cwd, env, timeout: 280_000 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : (error.code ?? "killed"), text: stdout + stderr });
    });
  });
  expect(output.status, `${what}\n${output.text}`).toBe(0);
}
