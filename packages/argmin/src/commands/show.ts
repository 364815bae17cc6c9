import { ArgminError } from "@argmin/base";
import type { TrialReport } from "@argmin/search";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ExitName } from "../exit-codes.ts";
import type { CommandInput } from "../flags/command.ts";
import { formatDuration, formatNumber, formatParameter } from "../render/format.ts";
import { flatten, indent, renderPairs } from "../render/summary.ts";
import { renderTable } from "../render/table.ts";
import { studyDocument, trialDocument, type TrialDocument } from "../results/document.ts";
import type { Terminal } from "../terminal.ts";
import type { showFlags } from "./flags.ts";
import { printDocument, printText } from "./output.ts";
import { shownPath } from "../loading/shown-path.ts";
import { trialLogFile } from "../results/trial-logs.ts";
import { places, studyFolder, withStudy } from "./studies.ts";

/** `argmin show`. */
export function show({ words: [study, number], flags }: CommandInput<typeof showFlags>, terminal: Terminal): Promise<ExitName> {
  if (number === undefined || !/^\d+$/.test(number)) {
    throw new ArgminError("usage/invalid", `The number of a trial is a whole number from 0 on, not '${number}'.`);
  }
  return withStudy<ExitName>(study, flags, terminal, async ({ storage, record, describe, metric, options }) => {
    const trial = await storage.trial(record.id, Number(number));
    if (trial === undefined) {
      const count = (await storage.trials(record.id)).length;
      const range = count === 0 ? "it has none yet" : count === 1 ? "it has trial 0 only" : `its trials are 0 to ${count - 1}`;
      throw new ArgminError("trial/missing", `The study '${record.name}' has no trial ${number}; ${range}.`);
    }
    const reports = await storage.reports(record.id, trial.number);
    const document = trialDocument(describe, trial, reports);
    const logFile = trialLogFile(studyFolder(places(flags, terminal), record.name), trial.number);
    const log = existsSync(logFile) ? shownPath(logFile, terminal.folder) : undefined;
    if (flags.json === true)
      printDocument(terminal, { study: studyDocument(record, metric, options), trial: document, log: log ?? null });
    else
      printText(
        terminal,
        renderTrial(
          record.name,
          document,
          metric,
          reports,
          log === undefined ? undefined : { path: log, lines: await lastLines(logFile) },
        ),
      );
    return "ok";
  });
}

function renderTrial(
  study: string,
  trial: TrialDocument,
  metric: string,
  reports: readonly TrialReport[],
  log: Log | undefined,
): string {
  const facts = [
    ["state", trial.state],
    ...(trial.value === null ? [] : [[metric, formatNumber(trial.value)]]),
    ...(trial.step === undefined ? [] : [["at step", String(trial.step)]]),
    ...(trial.reason === undefined ? [] : [["reason", trial.reason]]),
    ...(trial.duration === null ? [] : [["time", formatDuration(trial.duration * 1000)]]),
    ...(trial.startedAt === null ? [] : [["started", trial.startedAt]]),
    ["attempts", String(trial.attempts)],
  ];
  return [
    `Trial ${trial.number} of study '${study}'`,
    renderPairs(facts),
    "Parameters",
    renderPairs(Object.entries(trial.params).map(([label, value]) => [label, formatParameter(value)])),
    ...(Object.keys(trial.attributes).length === 0 ? [] : ["Attributes", renderPairs(flatten(trial.attributes))]),
    ...(reports.length === 0 ? [] : ["Reports", renderReports(reports)]),
    ...(log === undefined ? [] : [`Log (${log.path})`, indent(log.lines.join("\n"))]),
    ...(trial.error === undefined ? [] : ["Error", indent(trial.error.stack ?? trial.error.message)]),
  ].join("\n\n");
}

interface Log {
  readonly path: string;
  readonly lines: readonly string[];
}

/** So much of a log is shown; the file has all of it. */
const shownLines = 20;

async function lastLines(file: string): Promise<readonly string[]> {
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  return lines.length <= shownLines ? lines : ["...", ...lines.slice(-shownLines)];
}

function renderReports(reports: readonly TrialReport[]): string {
  const names = [...new Set(reports.flatMap(({ metrics }) => Object.keys(metrics)))];
  const hasPhases = reports.some(({ phase }) => phase !== "");
  const columns = [
    ...(hasPhases ? [{ title: "phase" }] : []),
    { title: "step", align: "right" as const },
    ...names.map((title) => ({ title, align: "right" as const })),
  ];
  const rows = reports.map(({ phase, step, metrics }) => [
    ...(hasPhases ? [phase] : []),
    String(step),
    ...names.map((name) => (metrics[name] === undefined ? "" : formatNumber(metrics[name]))),
  ]);
  return indent(renderTable(columns, rows));
}
