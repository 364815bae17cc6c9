import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { describe, it } from "vitest";
import { makeReadersFolder, root, run, succeed } from "./reader.ts";
import { snippetsOf } from "./snippets.ts";

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

/** Two at a time: most of a guide waits for processes to start. */
describe.concurrent("a guide", () => {
  it.for(documents)(
    "runs from top to bottom, and passes the type check: %s",
    { timeout: 420_000 },
    async (document, { skip, onTestFinished }) => {
      const snippets = snippetsOf(readFileSync(join(root, document), "utf8"));
      const programs = snippets.filter(
        (snippet) => snippet.kind === "program" || (snippet.kind === "file" && snippet.name.endsWith(".ts")),
      );
      const needsPython = snippets.some((snippet) => snippet.kind === "file" && snippet.name.endsWith(".py"));
      if (needsPython && !isOnPath("python3")) skip("there is no python3 here, which this guide's programs are written for");
      const folder = await makeReadersFolder();
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      for (const snippet of snippets) if (snippet.kind !== "commands" || snippet.needs === undefined) await run(snippet, folder);
      if (programs.length === 0) return;
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
      await succeed("tsc -p tsconfig.json", folder, "types");
    },
  );
});

function isOnPath(program: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => folder !== "" && existsSync(join(folder, program)));
}
