import { ArgminError } from "@argmin/base";
import type { Lease } from "./storage.ts";

/** The errors that every storage raises in the same words. */

export function studyExists(name: string, description: string): ArgminError {
  return new ArgminError(
    "study/exists",
    `There is a study "${name}" in ${description} already; open it, delete it or choose another name.`,
  );
}

export function missingStudy(): ArgminError {
  return new ArgminError("study/missing", "The study is no longer there: somebody deleted it.");
}

export function missingTrial(number: number): ArgminError {
  return new ArgminError("trial/missing", `The study has no trial ${number}.`);
}

export function leaseLost(lease: Lease): ArgminError {
  return new ArgminError(
    "trial/lease-lost",
    `The result of trial ${lease.number} comes too late: its lease ran out and the trial was given back to be tried again. ` +
      "The result is kept among the late ones and does not count.",
  );
}

export function storageClosed(description: string): ArgminError {
  return new ArgminError("storage/closed", `The storage (${description}) was closed; open it again.`);
}
