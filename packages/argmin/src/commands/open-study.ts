import { ArgminError, canonicalJson, isArgminError, Rng } from "@argmin/base";
import {
  createSampler,
  loadOrCreate,
  openStudy,
  samplerNames,
  TrialHistory,
  type DuplicatePolicy,
  type Storage,
  type Study,
} from "@argmin/search";
import type { Experiment } from "../experiment.ts";
import { didYouMean } from "../flags/suggestion.ts";
import { experimentAttribute, experimentFacts } from "./studies.ts";

/** The flags that define a study. */
export interface DefinitionFlags {
  readonly study?: string;
  readonly sampler?: string;
  readonly seed?: number;
  readonly duplicates?: DuplicatePolicy;
  readonly retries?: number;
}

/**
 * The study of an experiment: the one there is, or a new one by the flags and, where they are silent, by the experiment.
 *
 * @throws ArgminError `study/mismatch` if the one there is was started otherwise than the flags say; `sampler/unsupported` or
 *   `usage/invalid` for a sampler that cannot search the space, before anything is kept.
 */
export async function openStudyOf(experiment: Experiment, flags: DefinitionFlags, storage: Storage): Promise<Study<unknown>> {
  const name = flags.study ?? experiment.name;
  const { space, direction } = experiment;
  const { sampler, seed, duplicates, retries } = flags;
  const asked = {
    ...(sampler === undefined ? {} : { sampler: checkedSampler(sampler) }),
    ...(seed === undefined ? {} : { seed }),
    ...(duplicates === undefined ? {} : { duplicates }),
    ...(retries === undefined ? {} : { retries }),
  };
  try {
    const exists = (await storage.findStudy(name)) !== undefined;
    if (!exists) probeSampler(experiment, asked.sampler);
    const study = exists
      ? await openStudy({ storage, name, space, direction, ...asked })
      : await loadOrCreate({ storage, name, space, direction, seed: experiment.seed, sampler: experiment.sampler, ...asked });
    const facts = experimentFacts(experiment);
    const known = (await study.attributes())[experimentAttribute];
    if (canonicalJson(known ?? null) !== canonicalJson(facts)) await study.setAttribute(experimentAttribute, facts);
    return study;
  } catch (error) {
    if (!isArgminError(error, "study/mismatch")) throw error;
    throw new ArgminError(
      "study/mismatch",
      `${error.message} Another name is --study NAME; 'argmin reset ${name}' deletes the old study.`,
      { cause: error },
    );
  }
}

function checkedSampler(name: string): string {
  const known = samplerNames.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  throw new ArgminError(
    "usage/invalid",
    `There is no sampler '${name}'; there are ${samplerNames.join(" and ")}.${didYouMean(name, samplerNames)}`,
  );
}

/** Asks for one suggestion, so that a sampler that cannot search this space is refused before there is a study. */
function probeSampler({ space, sampler, seed }: Experiment, asked: string | undefined): void {
  const probed = asked === undefined ? createSampler(sampler.name, sampler.settings) : createSampler(asked);
  probed.suggest({ space, rng: Rng.fromSeed(seed), number: 0, index: 0, history: new TrialHistory(), attempt: 0 });
}
