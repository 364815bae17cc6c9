import { isArgminError, type ErrorCode } from "@argmin/base";

/** Every way `argmin` can end, with the number the shell sees. */
export const exitCodes = {
  ok: { code: 0, meaning: "done" },
  failed: { code: 1, meaning: "something went wrong while running; the message says what" },
  usage: { code: 2, meaning: "the command, a flag or a value was not understood" },
  experiment: { code: 3, meaning: "the experiment was not found, has type errors or cannot be searched" },
  study: { code: 4, meaning: "the study or trial does not exist, or was started with other settings" },
  storage: { code: 5, meaning: "the database or a file could not be read or written" },
  data: { code: 6, meaning: "the data set or an image file is missing or damaged" },
  noResult: { code: 7, meaning: "the search ended without a single complete trial" },
  interrupted: { code: 130, meaning: "interrupted with Ctrl-C; the same command goes on" },
  terminated: { code: 143, meaning: "asked to stop by the system; the same command goes on" },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>;

export type ExitName = keyof typeof exitCodes;

type Area<Code> = Code extends `${infer Name}/${string}` ? Name : never;

/** Which end an error leads to, by the area of its code: a new area does not compile before it has its line here. */
const exitOfArea: { readonly [A in Area<ErrorCode>]: ExitName } = {
  usage: "usage",
  value: "usage",
  sampler: "usage",
  json: "failed",
  matrix: "failed",
  space: "experiment",
  experiment: "experiment",
  sweep: "experiment",
  study: "study",
  trial: "failed",
  objective: "failed",
  storage: "storage",
  file: "storage",
  graph: "failed",
  model: "failed",
  runtime: "failed",
  training: "failed",
  checkpoint: "failed",
  data: "data",
};

/** Codes that lead elsewhere than the others of their area. */
const exitOfCode: { readonly [C in ErrorCode]?: ExitName } = { "trial/missing": "study" };

/** The end an error leads to; an error that argmin did not raise itself is a plain failure. */
export function exitOf(error: unknown): ExitName {
  if (!isArgminError(error)) return "failed";
  const area = error.code.slice(0, error.code.indexOf("/"));
  return exitOfCode[error.code] ?? (isArea(area) ? exitOfArea[area] : "failed");
}

function isArea(name: string): name is keyof typeof exitOfArea {
  return Object.hasOwn(exitOfArea, name);
}
