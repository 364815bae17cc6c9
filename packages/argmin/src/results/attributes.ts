import { isJsonObject, type JsonObject, type JsonValue } from "@argmin/base";
import type { FinishRecord } from "./document.ts";

/** Under these names a study keeps what the experiment's file alone would know, the experiment's options, what its last step returned, and who is at that step. */
export const experimentAttribute = "experiment";
export const optionsAttribute = "options";
export const finishAttribute = "finish";
export const finishingAttribute = "finishing";

/** What a study keeps of its experiment. */
export interface ExperimentFacts {
  readonly name: string;
  readonly metric: string;
  readonly summary: string;
  /** What its trials' steps are, one of them. */
  readonly step?: string | undefined;
}

/** What is kept under `experimentAttribute`. */
export function experimentDocument({ name, metric, summary, step }: ExperimentFacts): JsonObject {
  return { name, metric, summary, ...(step === undefined ? {} : { step }) };
}

/** The facts under `experimentAttribute`; undefined for a study that a program made. */
export function readExperiment(attribute: JsonValue | undefined): ExperimentFacts | undefined {
  if (!isJsonObject(attribute)) return undefined;
  const { name, metric, summary, step } = attribute;
  return typeof name === "string" && typeof metric === "string" && typeof summary === "string"
    ? { name, metric, summary, ...(typeof step === "string" ? { step } : {}) }
    : undefined;
}

export function readMetric(attribute: JsonValue | undefined): string {
  return readExperiment(attribute)?.metric ?? "value";
}

export function readFinish(attribute: JsonValue | undefined): FinishRecord | undefined {
  if (!isJsonObject(attribute)) return undefined;
  const { trial, result } = attribute;
  return typeof trial === "number" && isJsonObject(result) ? { trial, result } : undefined;
}
