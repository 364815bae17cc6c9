import { ArgminError, parseJson, type JsonObject } from "@argmin/base";
import { readSweepDocument, type SweepFile } from "../sweep-file/read.ts";

/** Under these names a study keeps the sweep it is, and what its agents are to do. */
export const sweepAttribute = "sweep";
export const sweepStateAttribute = "sweepState";

/**
 * What the agents of a sweep are told: to run trials; to begin none for now; to finish what runs and leave; to drop what runs and leave. The words are
 * those of W&B.
 */
export const sweepStates = ["running", "paused", "stopped", "cancelled"] as const;
export type SweepState = (typeof sweepStates)[number];

/** The state that a study keeps: `running` until another is said. */
export function readSweepState(attributes: JsonObject): SweepState {
  return sweepStates.find((state) => state === attributes[sweepStateAttribute]) ?? "running";
}

/**
 * The sweep that a study keeps, as JSON: a text, since storages do not keep the order of members, and parameters have one.
 *
 * @throws ArgminError `study/mismatch` if the study is none.
 */
export function sweepDocumentOf(attributes: JsonObject, study: string): string {
  const document = attributes[sweepAttribute];
  if (typeof document === "string") return document;
  throw new ArgminError(
    "study/mismatch",
    `The study '${study}' is no sweep; 'argmin run' goes on with it, 'argmin sweep FILE' makes one.`,
  );
}

/** As `sweepDocumentOf`, read. */
export function readSweep(attributes: JsonObject, study: string): SweepFile {
  const name = `the sweep '${study}'`;
  return readSweepDocument(parseJson(sweepDocumentOf(attributes, study), name), name);
}
