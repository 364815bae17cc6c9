import { ArgminError } from "@argmin/base";
import { Pruned } from "@argmin/search";
import { Worker as Thread } from "node:worker_threads";
import type { Environment, PreparedExperiment, Task } from "../experiment.ts";
import { loadExperiment } from "../loading/load-experiment.ts";
import { parseOrder, toFailure, toJson, type Answer, type Order } from "./messages.ts";

/**
 * A process that evaluates trials: the experiment and its data are loaded once, then tasks come one at a time.
 * It lives as long as the process that started it, never longer.
 */

/** The task at work, or undefined while the process waits or loads. */
let current: number | undefined;
let prepared: PreparedExperiment | undefined;
const stopping = new AbortController();

process.on("message", (message) => void obey(parseOrder(message)));
process.on("disconnect", () => process.exit());
// Ctrl-C reaches every process of the terminal; what becomes of this one is decided by the one that started it.
process.on("SIGINT", () => undefined);
process.on("uncaughtException", (error) => {
  answer(
    current === undefined
      ? { kind: "broken", failure: toFailure(error) }
      : { kind: "failed", task: current, failure: toFailure(error), last: true },
    () => process.exit(1),
  );
});
exitWithParent();

async function obey(order: Order): Promise<void> {
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
  try {
    answer(await perform(order));
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
}: Extract<Order, { kind: "prepare" }>): Promise<PreparedExperiment> {
  const environment: Environment = {
    dataFolder,
    device,
    threads,
    signal: stopping.signal,
    log: (text) => answer({ kind: "log", text }),
  };
  return (await loadExperiment(reference, process.cwd())).prepare(environment);
}

async function perform(order: Exclude<Order, { kind: "prepare" }>): Promise<Answer> {
  if (prepared === undefined) throw new Error("internal: a task before the experiment was prepared.");
  const { task, seed } = order;
  const work: Task = {
    seed,
    signal: stopping.signal,
    report: (step, metrics, options) => report(task, step, metrics, options ?? {}),
  };
  if (order.kind === "evaluate") return evaluate(prepared, order, work);
  if (order.kind === "finish") {
    return {
      kind: "finished",
      task,
      result: toJson(await prepared.finish(order.best, work), "The result of the experiment's finish"),
    };
  }
  return { kind: "estimated", task, lines: (await prepared.estimate(order.trials, work)) ?? [] };
}

async function evaluate(
  experiment: PreparedExperiment,
  { task, number, assignment }: Extract<Order, { kind: "evaluate" }>,
  work: Task,
): Promise<Answer> {
  try {
    const { value, attributes } = await experiment.evaluate(assignment, { ...work, number });
    return { kind: "evaluated", task, value, attributes: toJson(attributes, "The attributes of the objective's result") };
  } catch (error) {
    if (error instanceof Pruned) return { kind: "pruned", task, value: error.value, reason: error.message };
    throw error;
  }
}

function report(
  task: number,
  step: number,
  metrics: Readonly<Record<string, number>>,
  { of, phase }: { readonly of?: number; readonly phase?: string },
): void {
  if (!Number.isSafeInteger(step) || step < 0)
    throw new ArgminError("value/invalid", `A report's step is a whole number from 0, not ${step}.`);
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value !== "number")
      throw new ArgminError("value/invalid", `The metric '${name}' must be a number, not a ${typeof value}.`);
  }
  answer({ kind: "report", task, step, metrics, of, phase });
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
  const code = `setInterval(() => { if (process.ppid !== ${Number(process.argv[2])}) process.kill(process.pid, "SIGKILL"); }, 500);`;
  new Thread(code, { eval: true, execArgv: [], env: {}, stdout: false, stderr: false }).unref();
}
