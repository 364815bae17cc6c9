import { ArgminError, isArgminError, messageOf, parseJson } from "@argmin/base";
import module from "node:module";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import type { Experiment } from "../experiment.ts";
import { bundledExperiments } from "./bundled.ts";
import { readSweepDocument } from "../sweep-file/read.ts";
import { sweepExperiment } from "../sweep/experiment.ts";
import { findExperiment, type ExperimentReference } from "./reference.ts";
import { resolveRules } from "./resolve-hook.ts";
import { shownPath } from "./shown-path.ts";

/**
 * The experiment of a reference; a user's file is imported as it is, TypeScript included.
 *
 * @param folder - What paths in messages are relative to.
 * @throws ArgminError `experiment/invalid` if the file does not parse, throws while it loads or exports no experiment; the
 *   file's own ArgminError (a space that cannot be) under its own code.
 */
export async function loadExperiment(reference: ExperimentReference, folder: string): Promise<Experiment> {
  if (reference.kind === "bundled") {
    const load = bundledExperiments[reference.name];
    if (load === undefined) throw new ArgminError("experiment/missing", `There is no experiment '${reference.name}'.`);
    return load();
  }
  if (reference.kind === "sweep") return loadSweep(reference, folder);
  await acceptTypeScript();
  const shown = shownPath(reference.path, folder);
  const exported = await importFile(reference.path, shown);
  if (isExperiment(exported)) return exported;
  throw new ArgminError(
    "experiment/invalid",
    `${shown} ${exported === undefined ? "has no default export" : "has a default export that is no experiment"}; end it with 'export default defineExperiment({ ... })'.`,
  );
}

function loadSweep({ name, document }: Extract<ExperimentReference, { kind: "sweep" }>, folder: string): Promise<Experiment> {
  const sweep = readSweepDocument(parseJson(document, `The sweep '${name}'`), `the sweep '${name}'`);
  return sweepExperiment(sweep, name, (word) => loadExperiment(findExperiment(word, folder), folder));
}

async function importFile(path: string, shown: string): Promise<unknown> {
  try {
    const loaded: { readonly default?: unknown } = await import(pathToFileURL(path).href);
    return loaded.default;
  } catch (error) {
    if (isArgminError(error)) throw new ArgminError(error.code, `${shown}: ${error.message}`, { cause: error });
    const message = firstLine(messageOf(error));
    const place = placeIn(path, error);
    throw new ArgminError(
      "experiment/invalid",
      isSyntaxError(error)
        ? `${shown}${place} does not parse: ${message}.`
        : `${shown}${place} failed while it was loaded: ${message}.`,
      { cause: error },
    );
  }
}

/** A file may import another copy of this package, so an experiment is known by its mark and not by its class. */
function isExperiment(value: unknown): value is Experiment {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "argmin/experiment";
}

let accepted: Promise<void> | undefined;

/**
 * Makes `import` understand TypeScript, which it does already if this program itself runs from its sources, and from any folder
 * the names of this project's packages.
 */
function acceptTypeScript(): Promise<void> {
  accepted ??= (async () => {
    const own = extname(new URL(import.meta.url).pathname);
    if (own !== ".ts") {
      const { register: registerTsx } = await import("tsx/esm/api");
      registerTsx({ tsconfig: false });
    }
    registerRules(own);
  })();
  return accepted;
}

/** Node 22.15 and later take hooks that run in this thread, and deprecate the others. */
function registerRules(extension: string): void {
  const registerHooks: unknown = Reflect.get(module, "registerHooks");
  if (typeof registerHooks !== "function") {
    module.register(`./resolve-hook${extension}`, import.meta.url, { data: { parentUrl: import.meta.url } });
    return;
  }
  const rules = resolveRules(import.meta.url);
  const resolve = (specifier: string, context: module.ResolveHookContext, next: NextResolve): module.ResolveFnOutput =>
    rules.found(specifier, context, next(specifier, rules.context(specifier, context)));
  Reflect.apply(registerHooks, module, [{ resolve }]);
}

type NextResolve = (specifier: string, context: module.ResolveHookContext) => module.ResolveFnOutput;

/** esbuild reports "path:line:column: ERROR: text" below a heading. */
const esbuildReport = /^(.*):(\d+):(\d+): ERROR: (.*)$/m;

function isSyntaxError(error: unknown): boolean {
  return error instanceof SyntaxError || esbuildReport.test(messageOf(error));
}

function firstLine(message: string): string {
  const text = esbuildReport.exec(message)?.[4] ?? message.split("\n")[0] ?? "";
  return text.replace(/\.$/, "");
}

function placeIn(path: string, error: unknown): string {
  const report = esbuildReport.exec(messageOf(error));
  if (report !== null) return `:${report[2]}:${Number(report[3]) + 1}`;
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const at = stack.split("\n").find((line) => line.includes(path));
  const found = /:(\d+):(\d+)\)?$/.exec(at ?? "");
  return found === null ? "" : `:${found[1]}:${found[2]}`;
}
