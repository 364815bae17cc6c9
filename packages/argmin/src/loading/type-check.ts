import { ArgminError, messageOf } from "@argmin/base";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { shownPath } from "./shown-path.ts";

/** What the check came to: types that hold, or a reason why nothing could be checked. */
export type TypeCheck = { readonly kind: "passed" } | { readonly kind: "skipped"; readonly reason: string };

/**
 * Checks a user's TypeScript file, and what it imports, with the compiler that comes with this package.
 *
 * @throws ArgminError `experiment/types` with the place and text of the first error.
 */
export async function checkTypes(path: string, signal?: AbortSignal): Promise<TypeCheck> {
  if (!/\.m?ts$/.test(path)) return { kind: "passed" };
  const folder = await mkdtemp(join(tmpdir(), "argmin-types-"));
  try {
    const project = join(folder, "tsconfig.json");
    await writeFile(project, JSON.stringify({ compilerOptions: await compilerOptions(), files: [path] }));
    return await compile(project, path, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compile(project: string, path: string, signal: AbortSignal | undefined): Promise<TypeCheck> {
  const compiler = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
  const run = await new Promise<{ readonly code: number | string; readonly output: string }>((settle) => {
    execFile(
      process.execPath,
      [compiler, "--project", project, "--pretty", "false"],
      { cwd: dirname(path), maxBuffer: 2 ** 26, ...(signal === undefined ? {} : { signal }) },
      (error, output, messages) =>
        settle({ code: error === null ? 0 : (error.code ?? "killed"), output: `${output}${messages}` }),
    );
  });
  signal?.throwIfAborted();
  if (run.code === 0) return { kind: "passed" };
  // From a checkout the packages' sources are part of the program; how strictly those are checked is not the user's matter.
  const errors = parseDiagnostics(run.output, dirname(path)).filter(({ file }) => !isOwnSource(file));
  if (errors.length === 0 && fromSource) return { kind: "passed" };
  const first = errors[0];
  if (first === undefined)
    return { kind: "skipped", reason: run.output.trim().split("\n").at(-1) ?? `it ended with ${run.code}` };
  const others = errors.length === 1 ? "" : ` (and ${errors.length - 1} more)`;
  throw new ArgminError(
    "experiment/types",
    `${shownPath(first.file)}:${first.line}:${first.column}: ${first.message}${others}; correct it, or run without checking by --no-check.`,
  );
}

function isOwnSource(file: string): boolean {
  return fromSource && /^[a-z]+[/\\]src[/\\]/.test(relative(packagesFolder, file));
}

interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Lines such as `file.ts(3,7): error TS2322: text.`; the indented lines that explain one further are left out. */
function parseDiagnostics(output: string, folder: string): readonly Diagnostic[] {
  return [...output.matchAll(/^(.+?)\((\d+),(\d+)\): error TS\d+: (.*)$/gm)].map(([, file, line, column, message]) => ({
    file: resolve(folder, file ?? ""),
    line: Number(line),
    column: Number(column),
    message: (message ?? "").trim().replace(/\.$/, ""),
  }));
}

async function compilerOptions(): Promise<object> {
  return {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    module: "esnext",
    moduleResolution: "bundler",
    moduleDetection: "force",
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    target: "esnext",
    lib: ["esnext"],
    types: ["node"],
    typeRoots: nodeTypes(),
    paths: await packagePaths(),
    ...(fromSource ? { customConditions: ["@argmin/source"] } : {}),
  };
}

const require = createRequire(import.meta.url);
const fromSource = extname(fileURLToPath(import.meta.url)) === ".ts";
const ownFolder = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const packagesFolder = dirname(ownFolder);

function nodeTypes(): readonly string[] {
  try {
    return [dirname(dirname(require.resolve("@types/node/package.json")))];
  } catch (error) {
    throw new ArgminError("experiment/types", `The types of Node are missing from this installation: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

/** Where the compiler finds the types of each of this project's packages, for a file in any folder. */
async function packagePaths(): Promise<Record<string, readonly string[]>> {
  const siblings = ["@argmin/base", "@argmin/search", "@argmin/nn", "@argmin/vision"].map((name) =>
    packageFolder(name, ownFolder),
  );
  const paths: Record<string, readonly string[]> = {};
  for (const folder of [ownFolder, ...siblings]) {
    const manifest: Manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    for (const [subpath, targets] of Object.entries(manifest.exports)) {
      paths[manifest.name + subpath.slice(1)] = [join(folder, fromSource ? targets["@argmin/source"] : targets.types)];
    }
  }
  return paths;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly "@argmin/source": string; readonly types: string }>>;
}

/** The nearest `node_modules` upwards that holds the package: its exports need not name its package.json. */
function packageFolder(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) throw new Error(`internal: the package ${name} is not installed.`);
  }
}
