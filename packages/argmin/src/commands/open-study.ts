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
import type { Experiment, OptionValues, SamplerChoice } from "../experiment.ts";
import { choosePruner, ensurePruner, usualPruner } from "./choose-pruner.ts";
import { didYouMean } from "../flags/suggestion.ts";
import { fillOptions, optionText, readOptions } from "../options.ts";
import {
  experimentAttribute,
  experimentDocument,
  optionsAttribute,
  readExperiment,
  type ExperimentFacts,
} from "../results/attributes.ts";
import type { Terminal } from "../terminal.ts";

/** The flags that define a study. */
export interface DefinitionFlags {
  readonly study?: string;
  readonly sampler?: string;
  readonly pruner?: string;
  readonly promote?: boolean;
  /** Chooses a pruner for a study that begins with it. */
  readonly budget?: number;
  readonly seed?: number;
  readonly duplicates?: DuplicatePolicy;
  readonly retries?: number;
}

/** A study and the options of its experiment. */
export interface OpenedStudyOf {
  readonly study: Study<unknown>;
  readonly options: OptionValues;
  /** Whether it is begun here. */
  readonly isNew: boolean;
}

/**
 * The study of an experiment: the one there is, or a new one by the flags and, where they are silent, by the experiment.
 *
 * @throws ArgminError `study/mismatch` if the one there is was started otherwise than the flags say; `sampler/unsupported` or
 *   `usage/invalid` for a sampler that cannot search the space, before anything is kept.
 */
export async function openStudyOf(
  experiment: Experiment,
  flags: DefinitionFlags,
  given: OptionValues,
  storage: Storage,
  terminal: Terminal,
): Promise<OpenedStudyOf> {
  const name = flags.study ?? experiment.name;
  const { space, direction } = experiment;
  const { sampler, seed, duplicates, retries } = flags;
  const asked = {
    ...(sampler === undefined ? {} : { sampler: checkedSampler(sampler, experiment) }),
    ...(seed === undefined ? {} : { seed }),
    ...(duplicates === undefined ? {} : { duplicates }),
    ...(retries === undefined ? {} : { retries }),
  };
  try {
    const known = await storage.findStudy(name);
    const exists = known !== undefined;
    if (!exists) probeSampler(experiment, asked.sampler);
    // Of another budget other settings of the pruner would follow, but a study keeps those it has.
    if (known !== undefined) ensurePruner(experiment, fillOptions(experiment.options, given), flags, known);
    const study = exists
      ? await openStudy({ storage, name, space, direction, ...asked })
      : await loadOrCreate({
          storage,
          name,
          space,
          direction,
          seed: experiment.seed,
          sampler: experiment.sampler,
          pruner: choosePruner(experiment, fillOptions(experiment.options, given), flags),
          ...asked,
        });
    const facts = experimentDocument(experiment);
    const kept = (await study.attributes())[experimentAttribute];
    refuseAnother(name, readExperiment(kept), experiment);
    const options = await settleOptions(study, experiment, given);
    if (exists) warnOfChanges(study, experiment, { flags, given, options }, terminal);
    if (canonicalJson(kept ?? null) !== canonicalJson(facts)) await study.setAttribute(experimentAttribute, facts);
    return { study, options, isNew: !exists };
  } catch (error) {
    if (!isArgminError(error, "study/mismatch")) throw error;
    throw new ArgminError(
      "study/mismatch",
      `${error.message} Another name is --study NAME; 'argmin reset ${name}' deletes the old study.`,
      { cause: error },
    );
  }
}

/** Two experiments may have the same space, but their values cannot be compared. */
function refuseAnother(study: string, known: ExperimentFacts | undefined, { name, metric }: Experiment): void {
  const differs =
    known === undefined ? [] : [...unlike("experiment", known.name, name), ...unlike("metric", known.metric, metric)];
  if (differs.length > 0)
    throw new ArgminError("study/mismatch", `The study '${study}' was started with other settings: ${differs.join("; ")}.`);
}

function unlike(what: string, known: string, found: string): readonly string[] {
  return known === found ? [] : [`${what} '${known}', not '${found}'`];
}

/**
 * The options of a study: those it was begun with, or now begins with. A study from before an option existed has its default.
 *
 * @throws ArgminError `study/mismatch` for an option that is given otherwise: its trials could not be compared.
 */
async function settleOptions(
  study: Study<unknown>,
  { options: table }: Pick<Experiment, "options">,
  given: OptionValues,
): Promise<OptionValues> {
  const kept = (await study.attributes())[optionsAttribute];
  const isNew = kept === undefined && study.history.length === 0;
  const options: OptionValues = fillOptions(table, isNew ? given : readOptions(table, kept, study.name));
  const differs = Object.keys(given).filter((name) => given[name] !== options[name]);
  if (differs.length > 0) {
    const list = differs.map((name) => `${optionText(name, options[name])}, not ${optionText(name, given[name])}`).join("; ");
    throw new ArgminError("study/mismatch", `The study '${study.name}' was started with other settings: ${list}.`);
  }
  // Of two processes that begin a study at the same time, the second one is held to what the first one says.
  if (kept === undefined && !(await study.replaceAttribute(optionsAttribute, undefined, options)))
    return settleOptions(study, { options: table }, given);
  return options;
}

interface Settled {
  readonly flags: DefinitionFlags;
  readonly given: OptionValues;
  readonly options: OptionValues;
}

/** What the file says of the seed, the sampler and the options is for a new study; without a word, nobody would know. */
function warnOfChanges(
  study: Study<unknown>,
  experiment: Experiment,
  { flags, given, options }: Settled,
  terminal: Terminal,
): void {
  const { sampler, pruner, seed } = study.definition;
  const { name, settings } = createSampler(experiment.sampler.name, experiment.sampler.settings);
  const asks = canonicalJson({ name, settings }) === canonicalJson({ name: sampler.name, settings: sampler.settings });
  const kept = [
    ...(flags.seed === undefined && experiment.seed !== seed ? [`seed ${seed} (the file says ${experiment.seed})`] : []),
    ...(flags.sampler === undefined && !asks ? [`its ${sampler.name} sampler (the file has another, or other settings)`] : []),
  ];
  const wanted = usualPruner(experiment, flags);
  if (flags.pruner === undefined && pruner.name !== wanted)
    kept.push(pruner.name === "none" ? "no pruner" : `its ${pruner.name} pruner`);
  const defaults: OptionValues = fillOptions(experiment.options, {});
  for (const [name, value] of Object.entries(options))
    if (!Object.hasOwn(given, name) && defaults[name] !== value) kept.push(optionText(name, value));
  if (kept.length > 0) terminal.messages.write(`argmin: The study '${study.name}' keeps what it began with: ${listed(kept)}.\n`);
}

function listed(parts: readonly string[]): string {
  return [parts.slice(0, -1).join(", "), ...parts.slice(-1)].filter((part) => part !== "").join(" and ");
}

/** The sampler of that name, as the experiment sets it. */
function checkedSampler(name: string, { samplerSettings }: Experiment): SamplerChoice {
  const known = samplerNames.find((candidate) => candidate === name);
  if (known !== undefined) return { name: known, settings: samplerSettings(known) };
  throw new ArgminError(
    "usage/invalid",
    `There is no sampler '${name}'; there are ${listed(samplerNames)}.${didYouMean(name, samplerNames)}`,
  );
}

/** Asks for one suggestion, so that a sampler that cannot search this space is refused before there is a study. */
function probeSampler({ space, sampler, seed }: Experiment, asked: SamplerChoice = sampler): void {
  createSampler(asked.name, asked.settings).suggest({
    space,
    rng: Rng.fromSeed(seed),
    studyRng: Rng.fromSeed(seed),
    number: 0,
    index: 0,
    history: new TrialHistory(),
    pending: [],
    attempt: 0,
  });
}
