import { ArgminError } from "@argmin/base";
import type { Assignment, TrialRecord } from "@argmin/search";
import type { Experiment, OptionValues } from "../experiment.ts";
import { didYouMean } from "../flags/suggestion.ts";
import { readOptions } from "../options.ts";
import { optionsAttribute } from "../results/attributes.ts";
import { bestOf } from "../results/document.ts";
import type { Terminal } from "../terminal.ts";
import { places, withExistingStorage, type WhereFlags } from "./studies.ts";

/** The flags that name a set of parameters. */
export interface PointFlags extends WhereFlags {
  readonly point?: string;
  readonly trial?: string;
}

/** A set of parameters that was asked for. */
export interface Point {
  /** A point's name, or `trial-12`. */
  readonly name: string;
  readonly assignment: Assignment;
  readonly seed: number;
  /** What the study says of the experiment's options; those that set how much is done are left out. */
  readonly options: OptionValues;
  /** Undefined for a point of the experiment. */
  readonly trial: TrialRecord | undefined;
}

/** What is sought, and where. */
export interface PointQuery {
  readonly experiment: Experiment;
  readonly study: string;
  readonly flags: PointFlags;
  /** The point unless the flags name another. */
  readonly usual: string;
  /** What is to be done with it, for messages: "train". */
  readonly purpose: string;
}

/**
 * The point of the experiment, the best trial of the study or any other that the flags name.
 *
 * @throws ArgminError `usage/invalid` if two are named or there is none of that name, `study/missing` or `trial/missing` if it is to come
 *   from a study that is not there or has no such trial.
 */
export async function findPoint(query: PointQuery, terminal: Terminal): Promise<Point> {
  const { experiment, study, flags, purpose } = query;
  const name = nameOf(query);
  const known = flags.trial === undefined && Object.hasOwn(experiment.points, name) ? experiment.points[name] : undefined;
  if (known !== undefined) return { name, assignment: known, seed: experiment.seed, options: {}, trial: undefined };
  if (name !== "best" && !/^\d+$/.test(name)) {
    const names = [...Object.keys(experiment.points), "best"];
    throw new ArgminError(
      "usage/invalid",
      `The experiment '${experiment.name}' has no point '${name}'; there are ${names.join(", ")}, or give the number of a trial.${didYouMean(name, names)}`,
    );
  }
  const { database } = places(flags, terminal);
  return withExistingStorage(database, terminal.folder, async (storage) => {
    const record = await storage.findStudy(study);
    if (record === undefined) throw new ArgminError("study/missing", `There is no study '${study}' in ${storage.description}.`);
    const trial =
      name === "best"
        ? bestOf(await storage.trials(record.id, ["complete"]), record.direction)
        : await storage.trial(record.id, Number(name));
    if (trial === undefined) {
      const problem = name === "best" ? "has no complete trial yet" : `has no trial ${name}`;
      throw new ArgminError("trial/missing", `The study '${study}' ${problem}, so there is nothing to ${purpose}.`);
    }
    experiment.space.validate(trial.assignment);
    const kept = readOptions(experiment.options, (await storage.studyAttributes(record.id))[optionsAttribute], study);
    return {
      name: `trial-${trial.number}`,
      assignment: trial.assignment,
      seed: typeof record.seed === "number" ? record.seed : experiment.seed,
      options: Object.fromEntries(Object.entries(kept).filter(([option]) => experiment.options[option]?.budget !== true)),
      trial,
    };
  });
}

function nameOf({ flags: { point, trial }, usual, purpose }: PointQuery): string {
  if (trial === undefined) return point ?? usual;
  if (point !== undefined)
    throw new ArgminError("usage/invalid", `--point and --trial both say what to ${purpose}; give one of them.`);
  if (trial !== "best" && !/^\d+$/.test(trial))
    throw new ArgminError("usage/invalid", `--trial wants best or the number of a trial, not '${trial}'.`);
  return trial;
}
