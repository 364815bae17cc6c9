import { messageOf, type JsonObject } from "@argmin/base";
import type { FinishedTrial, TrialReport } from "@argmin/search";
import type { Experiment, OptionValues } from "../experiment.ts";
import { trialDocument, valueOf } from "./document.ts";

/** What a trial's file in the results folder holds. */
export type TrialFile = JsonObject;

/**
 * A trial's document with what its experiment adds. An experiment that cannot say what it adds does not keep the trial from having
 * its file: the file then says why.
 */
export function trialFile({
  experiment,
  options,
  study,
  trial,
  reports,
}: {
  readonly experiment: Experiment;
  readonly options: OptionValues;
  readonly study: string;
  readonly trial: FinishedTrial;
  readonly reports: readonly TrialReport[];
}): TrialFile {
  const { reports: written = [], ...own } = trialDocument((assignment) => experiment.space.describe(assignment), trial, reports);
  const { number, state, attributes, assignment } = trial;
  const facts = { study, number, state, attributes, assignment, value: valueOf(trial), reports };
  return { ...added(() => experiment.document(facts, options)), ...own, reports: written };
}

function added(make: () => JsonObject): JsonObject {
  try {
    return make();
  } catch (error) {
    return { documentError: messageOf(error) };
  }
}
