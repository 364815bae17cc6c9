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
 * @param folder - What paths in messages are relative to.
 * @throws ArgminError `experiment/types` with the place and text of the first error.
 */
export async function checkTypes(path: string, folder: string): Promise<TypeCheck> {
  if (!/\.m?ts$/.test(path)) return { kind: "passed" };
  const temporary = await temporaryFolder();
  if (temporary instanceof Error)
    return { kind: "skipped", reason: `There is no room for temporary files (TMPDIR): ${temporary.message}.` };
  const { code, output } = await compile(path, temporary);
  if (code === 0) return { kind: "passed" };
  // From a checkout the packages' sources are part of the program; how strictly those are checked is not the user's matter.
  const errors = parseDiagnostics(output, dirname(path)).filter(({ file }) => !isOwnSource(file));
  if (errors.length === 0 && fromSource) return { kind: "passed" };
  const [first] = errors;
  if (first === undefined) return { kind: "skipped", reason: output.trim().split("\n").at(-1) ?? `it ended with ${code}` };
  const others = errors.length === 1 ? "" : ` (and ${errors.length - 1} more)`;
  throw new ArgminError(
    "experiment/types",
    `${shownPath(first.file, folder)}:${first.line}:${first.column}: ${first.message}${others}; correct it, or run without checking by --no-check.`,
  );
}

/** Runs the compiler on one file, with a project that exists for this purpose alone. */
async function compile(path: string, temporary: string): Promise<{ readonly code: number | string; readonly output: string }> {
  try {
    const project = join(temporary, "tsconfig.json");
    await writeFile(project, JSON.stringify({ compilerOptions: await compilerOptions(), files: [path] }));
    const compiler = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
    const args = [compiler, "--project", project, "--pretty", "false"];
    return await new Promise((settle) => {
      execFile(process.execPath, args, { cwd: dirname(path), maxBuffer: 2 ** 26 }, (error, output, messages) =>
        settle({ code: error === null ? 0 : (error.code ?? "killed"), output: `${output}${messages}` }),
      );
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function temporaryFolder(): Promise<string | Error> {
  try {
    return await mkdtemp(join(tmpdir(), "argmin-types-"));
  } catch (error) {
    return new Error(messageOf(error), { cause: error });
  }
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
