import { ArgminError } from "@argmin/base";
import type { Experiment } from "../experiment.ts";
import { loadExperiment } from "../loading/load-experiment.ts";
import { findExperiment, type ExperimentReference } from "../loading/reference.ts";
import { isSweepFile, openSweepFile } from "../loading/sweep-file.ts";
import { checkTypes } from "../loading/type-check.ts";
import type { Terminal } from "../terminal.ts";

/**
 * The experiment that a word of the command line means. A TypeScript file is loaded and its types are checked at the same time;
 * an error of types is told rather than what it led to.
 *
 * @throws ArgminError `experiment/missing`, `experiment/types`, `experiment/invalid` or what the file's space throws.
 */
export async function openExperiment(
  word: string,
  flags: { readonly "no-check"?: boolean },
  terminal: Terminal,
): Promise<{ readonly experiment: Experiment; readonly reference: ExperimentReference }> {
  if (isSweepFile(word))
    for (const warning of openSweepFile(word, terminal.folder).sweep.warnings) terminal.messages.write(`argmin: ${warning}\n`);
  const reference = findExperiment(word, terminal.folder);
  const checks = reference.kind === "file" && flags["no-check"] !== true;
  const [check, loaded] = await Promise.allSettled([
    checks ? checkTypes(reference.path, terminal.folder) : undefined,
    loadExperiment(reference, terminal.folder),
  ]);
  // A file that stopped for a reason of its own (a space with its bounds swapped) has the better sentence.
  if (check.status === "rejected" && !(loaded.status === "rejected" && isTelling(loaded.reason))) throw check.reason;
  if (loaded.status === "rejected") throw loaded.reason;
  if (check.status === "fulfilled" && check.value?.kind === "skipped") {
    terminal.messages.write(`argmin: The types of ${word} were not checked: ${check.value.reason}\n`);
  }
  return { experiment: loaded.value, reference };
}

function isTelling(error: unknown): boolean {
  return error instanceof ArgminError && error.code.startsWith("space/");
}
