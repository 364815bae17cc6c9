import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
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

describe.each(documents)("%s", (document) => {
  const snippets = snippetsOf(readFileSync(join(root, document), "utf8"));
  let folder: string;

  beforeAll(async () => {
    folder = await makeReadersFolder();
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it("runs from top to bottom", { timeout: 300_000 }, async ({ skip }) => {
    const needsPython = snippets.some((snippet) => snippet.kind === "file" && snippet.name.endsWith(".py"));
    if (needsPython && !isOnPath("python3")) skip("there is no python3 here, which this guide's programs are written for");
    for (const snippet of snippets) if (snippet.kind !== "commands" || snippet.needs === undefined) await run(snippet, folder);
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
