import type { JsonValue } from "@argmin/base";
import { SpaceRecorder } from "../space/define-by-run.ts";
import { spaceFromJson } from "../space/json.ts";
import type { Space } from "../space/space.ts";
import type { Storage, StudyRecord } from "../storage/storage.ts";
import { spaceAttribute } from "../study/open.ts";
import { analyzeTrials, type Analysis, type AnalysisSettings } from "./analyze.ts";

/** What the analysis needs of a study; every `Study` has it. */
export type StoredStudy = { readonly definition: StudyRecord; readonly storage: Storage };

/** The space of a study; of a define-by-run one, what its trials have asked for until now. */
export async function spaceOfStudy({ definition, storage }: StoredStudy): Promise<Space<JsonValue>> {
  const document = definition.space ?? (await storage.studyAttributes(definition.id))[spaceAttribute];
  return document === undefined ? new SpaceRecorder().space() : spaceFromJson(document);
}

/** `analyzeTrials` on all trials of a study as they are stored now, with its own direction and, unless another is given, its seed. */
export async function analyzeStudy(study: StoredStudy, settings: Omit<AnalysisSettings, "direction"> = {}): Promise<Analysis> {
  const { definition, storage } = study;
  const trials = await storage.trials(definition.id);
  // The space is kept before a trial ends, so that read after the trials it has all that they speak of.
  const space = await spaceOfStudy(study);
  return analyzeTrials(space, trials, { seed: definition.seed, ...settings, direction: definition.direction });
}
