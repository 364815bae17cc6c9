import {
  ArgminError,
  canonicalJson,
  isArgminError,
  isErrorCode,
  isJsonObject,
  messageOf,
  type JsonObject,
  type JsonValue,
} from "@argmin/base";
import { flag, list, number, object, optional, record, text, variants, word, type Decoded, type Decoder } from "./decode.ts";

/** What the command line and its worker processes say to each other. Either side parses what it receives. */

/** Plain JSON in the order it was written in; `canonicalJson` refuses what JSON has no word for. */
const json: Decoder<JsonObject> = (value) => {
  const written: JsonValue = canonicalJson(value ?? {}) === "{}" ? {} : JSON.parse(JSON.stringify(value));
  return isJsonObject(written) ? written : object({})(written, "result");
};

const reference = variants({ bundled: { name: text }, file: { path: text } });

const assignment = record(number);

/** To a worker. `task` numbers what it is asked to do, so that a late report cannot be taken for one of the next task. */
const order = variants({
  prepare: {
    reference,
    dataFolder: optional(text),
    device: word(["auto", "cpu", "webgpu", "cuda", "tensorrt"]),
    threads: number,
  },
  evaluate: { task: number, seed: number, number, assignment },
  finish: { task: number, seed: number, best: object({ number, value: number, assignment, attributes: json }) },
  estimate: { task: number, seed: number, trials: number },
});

const failure = object({ code: optional(text), message: text, stack: optional(text) });

const costLine = object({ key: text, label: text, amount: number, unit: word(["count", "seconds"]) });

/** From a worker. */
const answer = variants({
  ready: {},
  broken: { failure },
  log: { text },
  report: { task: number, step: number, metrics: record(number), of: optional(number), phase: optional(text) },
  pruned: { task: number, value: optional(number), reason: text },
  evaluated: { task: number, value: number, attributes: json },
  finished: { task: number, result: json },
  estimated: { task: number, lines: list(costLine) },
  /** `last`: the process ends after this. */
  failed: { task: number, failure, last: flag },
});

export type Order = Decoded<typeof order>;
export type Answer = Decoded<typeof answer>;
/** An error on its way between processes. */
export type Failure = Decoded<typeof failure>;
/** What a report of a trial holds. */
export type Report = Omit<Extract<Answer, { kind: "report" }>, "kind" | "task">;

export function parseOrder(message: unknown): Order {
  return order(message, "order");
}

export function parseAnswer(message: unknown): Answer {
  return answer(message, "answer");
}

/** An error as another process can be told of it. */
export function toFailure(error: unknown): Failure {
  return {
    code: isArgminError(error) ? error.code : undefined,
    message: messageOf(error),
    stack: error instanceof Error ? error.stack : undefined,
  };
}

/** The error that another process told of, with its code; `objective/failed` if it had none. */
export function fromFailure({ code, message, stack }: Failure): ArgminError {
  const error = new ArgminError(code !== undefined && isErrorCode(code) ? code : "objective/failed", message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

/**
 * What an experiment's function returned, as JSON.
 *
 * @param what - Names it in the message.
 * @throws ArgminError `objective/failed` for anything JSON has no word for.
 */
export function toJson(value: unknown, what: string): JsonObject {
  try {
    return json(value, what);
  } catch (error) {
    throw new ArgminError("objective/failed", `${what} cannot be kept: ${messageOf(error)}`, { cause: error });
  }
}
