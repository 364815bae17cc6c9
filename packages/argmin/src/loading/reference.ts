import { ArgminError } from "@argmin/base";
import { existsSync } from "node:fs";
import { extname, resolve } from "node:path";
import { didYouMean } from "../flags/suggestion.ts";
import { bundledExperiments } from "./bundled.ts";
import { isSweepFile, openSweepFile } from "./sweep-file.ts";

/** Where an experiment comes from. */
export type ExperimentReference =
  | { readonly kind: "bundled"; readonly name: string }
  | { readonly kind: "file"; readonly path: string }
  /** `document`: as `SweepFile` has it, as JSON. */
  | { readonly kind: "sweep"; readonly name: string; readonly document: string };

const extensions = [".ts", ".mts", ".js", ".mjs"] as const;

/** Whether a word of the command line means a file. */
export function looksLikeFile(word: string): boolean {
  return /[/\\]/.test(word) || isSweepFile(word) || extensions.some((extension) => extension === extname(word));
}

/**
 * What `argmin run <word>` means: a bundled experiment, or a file relative to `folder`, of an experiment or of a sweep.
 *
 * @throws ArgminError `experiment/missing` if there is neither, `sweep/invalid` for a sweep file with mistakes.
 */
export function findExperiment(word: string, folder: string): ExperimentReference {
  if (Object.hasOwn(bundledExperiments, word)) return { kind: "bundled", name: word };
  if (isSweepFile(word)) return openSweepFile(word, folder).reference;
  const path = resolve(folder, word);
  if (looksLikeFile(word)) {
    if (!existsSync(path)) throw new ArgminError("experiment/missing", `There is no file ${word} in ${folder}.`);
    if (!extensions.some((extension) => extension === extname(path))) {
      throw new ArgminError("experiment/missing", `An experiment is a file ending in ${extensions.join(", ")}; ${word} is not.`);
    }
    return { kind: "file", path };
  }
  const file = extensions.map((extension) => `${word}${extension}`).find((name) => existsSync(resolve(folder, name)));
  const known = Object.keys(bundledExperiments);
  const hint = file === undefined ? didYouMean(word, known) : ` Did you mean '${file}'?`;
  throw new ArgminError(
    "experiment/missing",
    `There is no experiment '${word}'.${hint === "" ? ` Bundled are: ${known.join(", ")}; or give a file.` : hint}`,
  );
}
