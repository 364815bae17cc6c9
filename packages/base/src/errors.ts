/**
 * Every kind of failure argmin raises on purpose: the part before the slash is the area, the part after it the problem.
 * Codes are stable and may be matched on; messages are for people and may change.
 */
export const errorCodes = [
  "usage/invalid",
  "value/invalid",
  "json/invalid",
  "matrix/shape",
  "matrix/not-positive-definite",
  "matrix/singular",
  "space/invalid",
  "space/bounds",
  "space/duplicate-label",
  "space/inactive",
  "sampler/unsupported",
  "sampler/exhausted",
  "study/exists",
  "study/missing",
  "study/mismatch",
  "trial/missing",
  "trial/finished",
  "trial/lease-lost",
  "trial/out-of-memory",
  "trial/timed-out",
  "trial/crashed",
  "trial/not-finite",
  "objective/failed",
  "storage/unwritable",
  "storage/corrupt",
  "storage/newer",
  "storage/full",
  "storage/busy",
  "storage/closed",
  "experiment/missing",
  "experiment/invalid",
  "experiment/types",
  "sweep/invalid",
  "graph/shape",
  "graph/unsupported",
  "model/invalid",
  "model/weights",
  "runtime/device",
  "training/diverged",
  "training/interrupted",
  "checkpoint/corrupt",
  "data/missing",
  "data/corrupt",
  "file/unwritable",
  "file/full",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Whether a text is one of the codes: for errors that come from another process or a database. */
export function isErrorCode(text: string): text is ErrorCode {
  return knownCodes.has(text);
}

const knownCodes: ReadonlySet<string> = new Set(errorCodes);

/**
 * The one error class of the project.
 *
 * @remarks A message says what was found, what was wanted and the way out, in one sentence or two.
 */
export class ArgminError extends Error {
  override readonly name = "ArgminError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Whether `error` was raised by argmin on purpose, optionally with one certain code. */
export function isArgminError(error: unknown, code?: ErrorCode): error is ArgminError {
  return error instanceof ArgminError && (code === undefined || error.code === code);
}

/** The text of whatever was thrown: JavaScript lets any value be. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Marks a branch that the types say cannot be reached. */
export function assertNever(value: never): never {
  throw new Error(`internal: unexpected ${JSON.stringify(value)}`);
}
