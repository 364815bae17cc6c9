import { ArgminError, messageOf, type JsonObject } from "@argmin/base";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { ExitName } from "../exit-codes.ts";
import { StopRequests } from "../execution/stop-requests.ts";
import { WorkerPool } from "../execution/worker-pool.ts";
import type { Experiment, OptionValues } from "../experiment.ts";
import type { CommandInput } from "../flags/command.ts";
import { shownPath } from "../loading/shown-path.ts";
import { fillOptions } from "../options.ts";
import { formatParameter } from "../render/format.ts";
import { renderRetrained, RetrainProgress } from "../render/retraining.ts";
import { renderPairs } from "../render/summary.ts";
import { logsFolder, openLogsCommand } from "../results/logs.ts";
import type { Terminal } from "../terminal.ts";
import { findPoint, type Point } from "./find-point.ts";
import type { retrainFlags } from "./flags.ts";
import { openExperiment } from "./open-experiment.ts";
import { printDocument, printText } from "./output.ts";
import { places, retrainPrefix, studyFolder } from "./studies.ts";
import { workerSettings } from "./worker-settings.ts";

type Input = CommandInput<typeof retrainFlags>;

/** `argmin retrain`. */
export async function retrain({ words: [word], flags, options: given }: Input, terminal: Terminal): Promise<ExitName> {
  const { experiment, reference } = await openExperiment(word ?? "", flags, terminal);
  if (!experiment.has.retrain)
    throw new ArgminError(
      "usage/invalid",
      `The experiment '${experiment.name}' has no 'retrain' step, so there is nothing to run.`,
    );
  const study = flags.study ?? experiment.name;
  const point = await findPoint({ experiment, study, flags, usual: "best", purpose: "train" }, terminal);
  const options = fillOptions(experiment.options, { ...point.options, ...given });
  const folder = join(studyFolder(places(flags, terminal), study), `${retrainPrefix}${point.name}`);
  await makeFolder(folder);
  const checkpoint =
    flags.checkpoint === undefined ? join(folder, "last.safetensors") : resolve(terminal.folder, flags.checkpoint);
  terminal.messages.write(`${announce(experiment, point)}\n`);
  const progress = new RetrainProgress(terminal.messages);
  const stop = new StopRequests(terminal, () => false);
  const pool = new WorkerPool({
    ...workerSettings({ reference, study }, options, flags, terminal),
    size: 1,
    trialTimeoutMs: undefined,
    prepareTimeoutMs: undefined,
    events: {
      onLoading: () => undefined,
      onBegin: () => undefined,
      onReport: (_, report) => progress.report(report),
      onIdle: () => undefined,
      onLine: (_, line) => progress.line(line),
    },
  });
  try {
    const plan = { name: point.name, assignment: point.assignment, folder, checkpoint, holdout: flags.holdout };
    const result = await pool.retrain(plan, flags.seed ?? point.seed, stop.abort);
    progress.close();
    if (result === undefined) {
      terminal.messages.write("Stopped; the same command goes on from the last checkpoint.\n");
      return stop.exit ?? "interrupted";
    }
    return tell({ experiment, point, options, folder, result, asJson: flags.json === true }, terminal);
  } finally {
    progress.close();
    stop.close();
    await pool.close();
  }
}

function announce({ name, space }: Experiment, point: Point): string {
  const params = Object.entries(space.describe(point.assignment)).map(([label, value]) => [label, formatParameter(value)]);
  return [`Training ${point.name} of '${name}':`, renderPairs(params)].join("\n");
}

interface Retrained {
  readonly experiment: Experiment;
  readonly point: Point;
  readonly options: OptionValues;
  readonly folder: string;
  readonly result: JsonObject;
  readonly asJson: boolean;
}

function tell({ experiment, point, options, folder, result, asJson }: Retrained, terminal: Terminal): ExitName {
  const logs = join(folder, logsFolder);
  const tensorboard = existsSync(logs) ? logs : null;
  if (asJson) {
    const params = experiment.space.describe(point.assignment);
    printDocument(terminal, { experiment: experiment.name, point: point.name, params, options, folder, tensorboard, result });
  } else {
    const look = tensorboard === null ? undefined : openLogsCommand(tensorboard, terminal.folder);
    printText(terminal, renderRetrained(point.name, shownPath(folder, terminal.folder), result, look));
  }
  return "ok";
}

async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new ArgminError("file/unwritable", `The folder ${folder} cannot be made: ${messageOf(error)}.`, { cause: error });
  }
}
