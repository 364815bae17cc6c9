import type { JsonValue } from "@argmin/base";
import type { TrialDocument } from "./document.ts";

/**
 * Trials as a table by RFC 4180: one line each, CRLF between them, quotes where a field needs them. Columns of parameters
 * are `params.<label>`, those of attributes `attributes.<name>`; a field is empty where there is nothing to say. A parameter that is null says
 * so, since one that is not active is empty.
 */
export function toCsv(trials: readonly TrialDocument[]): string {
  const params = namesOf(trials.map((trial) => trial.params));
  const attributes = namesOf(trials.map((trial) => trial.attributes));
  const heading = [
    ...Object.keys(fixed),
    ...params.map((label) => `params.${label}`),
    ...attributes.map((name) => `attributes.${name}`),
  ];
  const rows = trials.map((trial) => [
    ...Object.values(fixed).map((read) => read(trial)),
    ...params.map((label) => (trial.params[label] === null ? "null" : trial.params[label])),
    ...attributes.map((name) => trial.attributes[name]),
  ]);
  return [heading, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

const fixed: Readonly<Record<string, (trial: TrialDocument) => JsonValue | undefined>> = {
  number: ({ number }) => number,
  state: ({ state }) => state,
  value: ({ value }) => value,
  duration: ({ duration }) => duration,
  started_at: ({ startedAt }) => startedAt,
  finished_at: ({ finishedAt }) => finishedAt,
  attempts: ({ attempts }) => attempts,
  step: ({ step }) => step,
  reason: ({ reason }) => reason,
  error_code: ({ error }) => error?.code,
  error: ({ error }) => error?.message,
};

/** All names in the order in which they first appear. */
function namesOf(objects: readonly Readonly<Record<string, JsonValue>>[]): readonly string[] {
  return [...new Set(objects.flatMap((object) => Object.keys(object)))];
}

function field(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
