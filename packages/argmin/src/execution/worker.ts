import { ArgminError } from "@argmin/base";
import { Pruned } from "@argmin/search";
import { AsyncLocalStorage } from "node:async_hooks";
import { Worker as Thread } from "node:worker_threads";
import type { Environment, OptionValues, PreparedExperiment, ReportedMetrics, Task } from "../experiment.ts";
import { loadExperiment } from "../loading/load-experiment.ts";
import { signalGroup } from "./process-group.ts";
import { Verdicts } from "./verdicts.ts";
import { parseOrder, toCostLines, toFailure, toJson, toVerdict, type Answer, type Order } from "./messages.ts";

/**
 * A process that evaluates trials: the experiment and its data are loaded once, then tasks come one at a time.
 * It lives as long as the process that started it, never longer.
 */

/** The task at work, or undefined while the process waits or loads. */
let current: number | undefined;
/** The task that began whatever runs: a timer keeps it, even when the task itself has long ended. */
const origin = new AsyncLocalStorage<number>();
let prepared: PreparedExperiment | undefined;
const stopping = new AbortController();

process.on("message", (message) => void obey(parseOrder(message)));
process.on("disconnect", () => {
  if (current !== undefined) signalGroup(process.pid, "SIGKILL");
  process.exit();
});
// Ctrl-C reaches every process of the terminal; what becomes of this one is decided by the one that started it.
process.on("SIGINT", () => undefined);
process.on("uncaughtException", (error) => {
  answer(uncaught(error), () => process.exit(1));
});
exitWithParent();

function uncaught(error: unknown): Answer {
  const failure = toFailure(error);
  if (prepared === undefined) return { kind: "broken", failure };
  const from = origin.getStore() ?? current;
  return current === undefined || from !== current
    ? { kind: "late", failure }
    : { kind: "failed", task: current, failure, last: true };
}

/** What the pruner says of the task at work. */
let verdicts = new Verdicts(false);

async function obey(order: Order): Promise<void> {
  if (order.kind === "verdict") {
    if (order.task === current) verdicts.settle(order.report, toVerdict(order));
    return;
  }
  if (order.kind === "prepare") {
    try {
      prepared = await prepare(order);
      answer({ kind: "ready" });
    } catch (error) {
      answer({ kind: "broken", failure: toFailure(error) });
    }
    return;
  }
  const { task } = order;
  current = task;
  verdicts = new Verdicts(order.kind === "evaluate" && order.judged);
  try {
    answer(await origin.run(task, () => perform(order)));
  } catch (error) {
    answer({ kind: "failed", task, failure: toFailure(error), last: false });
  } finally {
    current = undefined;
  }
}

async function prepare({
  reference,
  dataFolder,
  device,
  threads,
  options,
  study,
  graceMs,
}: Extract<Order, { kind: "prepare" }>): Promise<PreparedExperiment> {
  const environment: Environment<OptionValues> = {
    dataFolder,
    device,
    threads,
    options,
    study,
    graceMs,
    signal: stopping.signal,
    log: (text) => answer({ kind: "log", text: logged(text) }),
  };
  // Once, before any trial fails by it. ONNX Runtime is loaded for it alone where an experiment has no networks.
  if (device !== "cpu" && device !== "auto") await (await import("@argmin/nn")).checkDevice(device);
  return (await loadExperiment(reference, process.cwd())).prepare(environment);
}

async function perform(order: Exclude<Order, { kind: "prepare" | "verdict" }>): Promise<Answer> {
  if (prepared === undefined) throw new Error("internal: a task before the experiment was prepared.");
  const { task, seed } = order;
  const own = verdicts;
  const work: Task = {
    seed,
    signal: stopping.signal,
    report: (step, metrics, options) => report(task, own, step, metrics, options ?? {}),
  };
  if (order.kind === "evaluate") return evaluate(prepared, order, work);
  if (order.kind === "finish") {
    return {
      kind: "finished",
      task,
      result: toJson(await prepared.finish(order.best, work), "The result of the experiment's finish"),
    };
  }
  if (order.kind === "retrain") {
    return {
      kind: "retrained",
      task,
      result: toJson(await prepared.retrain(order.plan, work), "The result of the experiment's retrain"),
    };
  }
  return { kind: "estimated", task, lines: toCostLines(await prepared.estimate(order.trials, work)) };
}

async function evaluate(
  experiment: PreparedExperiment,
  { task, number, assignment, checkpointFolder, resumed }: Extract<Order, { kind: "evaluate" }>,
  work: Task,
): Promise<Answer> {
  try {
    const { value, attributes } = await experiment.evaluate(assignment, { ...work, number, checkpointFolder, resumed });
    return { kind: "evaluated", task, value, attributes: toJson(attributes, "The attributes of the objective's result") };
  } catch (error) {
    if (error instanceof Pruned) return { kind: "pruned", task, value: prunedValue(error), reason: prunedReason(error) };
    throw error;
  }
}

function prunedValue(pruned: Pruned): number | undefined {
  const value: unknown = pruned.value;
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return value;
  throw new ArgminError("value/invalid", `The value of a pruned trial is a number, not a ${typeof value}.`);
}

/** Left to the pruner, if it gave the reason. */
function prunedReason({ reason, message }: Pruned): string | undefined {
  const given: unknown = reason;
  return given === undefined ? undefined : message;
}

/** The types do not hold in a file that is not checked, so what a user's code hands over is looked at. */
function logged(text: unknown): string {
  if (typeof text === "string") return text;
  throw new ArgminError("value/invalid", `What is logged is a text, not a ${typeof text}.`);
}

/** @returns when the verdict is in; rejected if the trial is hopeless. */
function report(
  task: number,
  verdicts: Verdicts,
  step: number,
  given: ReportedMetrics,
  { of, phase }: { readonly of?: unknown; readonly phase?: unknown },
): Promise<void> {
  verdicts.ensureHope();
  if (!Number.isSafeInteger(step) || step < 0)
    throw new ArgminError("value/invalid", `A report's step is a whole number from 0, not ${step}.`);
  const metrics: Record<string, number> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (typeof value !== "number")
      throw new ArgminError("value/invalid", `The metric '${name}' must be a number, not a ${typeof value}.`);
    metrics[name] = value;
  }
  if (of !== undefined && typeof of !== "number")
    throw new ArgminError("value/invalid", `How many steps there are (of) is a number, not a ${typeof of}.`);
  if (phase !== undefined && typeof phase !== "string")
    throw new ArgminError("value/invalid", `The phase of a report is a text, not a ${typeof phase}.`);
  const { report, verdict } = verdicts.await();
  answer({ kind: "report", task, report, step, metrics, of, phase });
  return verdict;
}

function answer(message: Answer, sent: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, undefined, {}, sent);
  else sent();
}

/**
 * An objective that never yields also never hears that its parent is gone. A thread of its own does: when the parent, which
 * has given its process id as the first argument, ends, the system gives the process another one.
 */
function exitWithParent(): void {
  const group = process.platform === "win32" ? process.pid : -process.pid;
  const code = `setInterval(() => { if (process.ppid !== ${Number(process.argv[2])}) process.kill(${group}, "SIGKILL"); }, 500);`;
  new Thread(code, { eval: true, execArgv: [], env: {}, stdout: false, stderr: false }).unref();
}
