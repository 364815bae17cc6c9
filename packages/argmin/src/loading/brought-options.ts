import type { Brought } from "../flags/command.ts";
import { optionFlags } from "../options.ts";
import { loadExperiment } from "./load-experiment.ts";
import { findExperiment } from "./reference.ts";

/**
 * The flags that the experiment of a command line brings with it. Before its flags are known, a word may also be the value of one
 * (`--dataset cifar10 vooban-cifar100`): the experiment is the first word that is one.
 *
 * @throws ArgminError what loading the experiment throws, if none of the words is one.
 */
export async function broughtOptions(words: readonly string[], folder: string): Promise<Brought> {
  const [first] = words;
  if (first === undefined) return { by: undefined, flags: {} };
  const word = words.find((candidate) => isExperiment(candidate, folder)) ?? first;
  const experiment = await loadExperiment(findExperiment(word, folder), folder);
  return { by: experiment.name, flags: optionFlags(experiment.options) };
}

function isExperiment(word: string, folder: string): boolean {
  try {
    findExperiment(word, folder);
    return true;
  } catch {
    return false;
  }
}
