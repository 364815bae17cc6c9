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
import { goOn, type Verdict } from "@argmin/search";
import {
  flag,
  list,
  number,
  object,
  optional,
  record,
  scalar,
  text,
  variants,
  word,
  type Decoded,
  type Decoder,
} from "./decode.ts";

/** What the command line and its worker processes say to each other. Either side parses what it receives. */

/** Plain JSON in the order it was written in; `canonicalJson` refuses what JSON has no word for. */
const json: Decoder<JsonObject> = (value) => {
  const written: JsonValue = canonicalJson(value ?? {}) === "{}" ? {} : JSON.parse(JSON.stringify(value));
  return isJsonObject(written) ? written : object({})(written, "result");
};

const reference = variants({ bundled: { name: text }, file: { path: text }, sweep: { name: text, document: text } });

const assignment = record(number);

/** To a worker. `task` numbers what it is asked to do, so that a late report cannot be taken for one of the next task. */
const order = variants({
  prepare: {
    reference,
    dataFolder: optional(text),
    device: word(["auto", "cpu", "webgpu", "cuda", "tensorrt"]),
    threads: number,
    options: record(scalar),
    study: text,
    graceMs: number,
  },
  /** `judged`: each report is answered with a verdict. `checkpointFolder`: absent where trials are not paused. */
  evaluate: {
    task: number,
    seed: number,
    number,
    assignment,
    judged: flag,
    checkpointFolder: optional(text),
    resumed: optional(object({ step: number, reports: list(object({ step: number, phase: text, metrics: record(number) })) })),
  },
  /** What the pruner says to a report; `reason` why the trial is to be pruned or paused. */
  verdict: { task: number, report: number, verdict: word(["continue", "prune", "pause"]), reason: optional(text) },
  finish: { task: number, seed: number, best: object({ number, value: number, assignment, attributes: json }) },
  estimate: { task: number, seed: number, trials: number },
  retrain: {
    task: number,
    seed: number,
    plan: object({ name: text, assignment, folder: text, checkpoint: text, holdout: optional(number) }),
  },
});

const failure = object({ code: optional(text), message: text, stack: optional(text) });

const costLines = list(object({ key: text, label: text, amount: number, unit: word(["count", "seconds"]) }));

/** From a worker. */
const answer = variants({
  ready: {},
  broken: { failure },
  log: { text },
  /** `report` numbers the reports of a task, for the verdicts. */
  report: { task: number, report: number, step: number, metrics: record(number), of: optional(number), phase: optional(text) },
  pruned: { task: number, value: optional(number), reason: optional(text) },
  evaluated: { task: number, value: number, attributes: json },
  finished: { task: number, result: json },
  estimated: { task: number, lines: costLines },
  retrained: { task: number, result: json },
  /** `last`: the process ends after this. */
  failed: { task: number, failure, last: flag },
  /** Something that an earlier task started failed after that task had its result. The process ends after this. */
  late: { failure },
});

export type Order = Decoded<typeof order>;
export type Answer = Decoded<typeof answer>;
/** An error on its way between processes. */
export type Failure = Decoded<typeof failure>;
/** What a report of a trial holds. */
export type Report = Omit<Extract<Answer, { kind: "report" }>, "kind" | "task" | "report">;

export function parseOrder(message: unknown): Order {
  return order(message, "order");
}

/** What the pruner says to a report. */
export function toVerdict({ verdict, reason = "" }: Extract<Order, { kind: "verdict" }>): Verdict {
  return verdict === "continue" ? goOn : { kind: verdict, reason };
}

/** @throws ArgminError `objective/failed`: the experiment's own code can send messages, too. */
export function parseAnswer(message: unknown): Answer {
  try {
    return answer(message, "answer");
  } catch (error) {
    throw new ArgminError(
      "objective/failed",
      `The experiment sent a message to argmin's own process that it cannot read (${messageOf(error)}); leave process.send alone.`,
      { cause: error },
    );
  }
}

/** An error as another process can be told of it. */
export function toFailure(error: unknown): Failure {
  return {
    code: isArgminError(error) ? error.code : undefined,
    message: thrownText(error),
    stack: error instanceof Error ? error.stack : undefined,
  };
}

/** The text of whatever was thrown, an object with a message included. */
function thrownText(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message === "" ? thrown.name : thrown.message;
  try {
    const message: unknown = typeof thrown === "object" && thrown !== null ? Reflect.get(thrown, "message") : undefined;
    if (typeof message === "string" && message !== "") return message;
    return typeof thrown === "object" && thrown !== null ? `${JSON.stringify(thrown)} was thrown` : String(thrown);
  } catch {
    return "something without a text was thrown";
  }
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

/**
 * What an experiment's estimate returned, checked.
 *
 * @throws ArgminError `objective/failed` for anything but a list of cost lines.
 */
export function toCostLines(value: unknown): Decoded<typeof costLines> {
  try {
    return costLines(value ?? [], "lines");
  } catch (error) {
    throw new ArgminError("objective/failed", `What the estimate returned is no list of costs: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
