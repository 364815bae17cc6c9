import { ArgminError, messageOf } from "@argmin/base";
import { existsSync, readFileSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readSweepFile, type SweepFile } from "../sweep-file/read.ts";
import type { ExperimentReference } from "./reference.ts";
import { shownPath } from "./shown-path.ts";

const extensions: ReadonlySet<string> = new Set([".yaml", ".yml", ".json"]);

/** The sweep file of a bundled experiment that was searched by one. */
export function bundledSweep(word: string): string | undefined {
  return word === "simplecnn-cifar100" ? fileURLToPath(new URL(`../../sweeps/${word}.yaml`, import.meta.url)) : undefined;
}

/** Whether a word of the command line means a sweep file. */
export function isSweepFile(word: string): boolean {
  return extensions.has(extname(word).toLowerCase());
}

/** A sweep as it was read from a file. */
export interface OpenedSweep {
  readonly sweep: SweepFile;
  /** By the sweep's own name, or the file's: lower case letters, digits, '-', '_' and '.'. */
  readonly reference: Extract<ExperimentReference, { kind: "sweep" }>;
}

/**
 * Reads the sweep file that a word of the command line means, relative to `folder`.
 *
 * @throws ArgminError `experiment/missing` if there is no such file, `sweep/invalid` for what is wrong in it.
 */
export function openSweepFile(word: string, folder: string): OpenedSweep {
  const path = resolve(folder, word);
  const sweep = readSweepFile(textOf(path, word, folder), shownPath(path, folder));
  const name = (sweep.name ?? basename(word, extname(word)))
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+|-+$/g, "");
  return { sweep, reference: { kind: "sweep", name: name === "" ? "sweep" : name, document: JSON.stringify(sweep.document) } };
}

function textOf(path: string, word: string, folder: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (!existsSync(path)) throw new ArgminError("experiment/missing", `There is no file ${word} in ${folder}.`);
    throw new ArgminError("experiment/missing", `The sweep file ${word} cannot be read: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}
