import { isFinished, type TrialRecord } from "@argmin/search";
import { isJsonObject, type JsonObject } from "@argmin/base";
import type { ExitName } from "../exit-codes.ts";
import type { Cost } from "../experiment.ts";
import type { CommandInput } from "../flags/command.ts";
import { formatBytes, formatDuration, formatMagnitude, formatNumber, formatParameter } from "../render/format.ts";
import { renderTable } from "../render/table.ts";
import { durationOf, isRejected, studyDocument, trialDocument, valueOf, type TrialDocument } from "../results/document.ts";
import { byResult } from "../results/folder.ts";
import type { Terminal } from "../terminal.ts";
import type { trialsFlags } from "./flags.ts";
import { printDocument, printText } from "./output.ts";
import { withStudy } from "./studies.ts";

/** `argmin trials`. */
export function trials({ words: [word], flags }: CommandInput<typeof trialsFlags>, terminal: Terminal): Promise<ExitName> {
  return withStudy<ExitName>(word, flags, terminal, async ({ storage, record, describe, metric, options }) => {
    const found = await storage.trials(record.id, ...(flags.state === undefined ? [] : [[flags.state]]));
    const shown = sorted[flags.sort ?? "number"](found, record.direction).slice(0, flags.limit);
    const documents = shown.map((trial) => trialDocument(describe, trial));
    if (flags.json === true) printDocument(terminal, { study: studyDocument(record, metric, options), trials: documents });
    else printText(terminal, renderTrials(documents, metric));
    return "ok";
  });
}

type Sort = (trials: readonly TrialRecord[], direction: "minimize" | "maximize") => readonly TrialRecord[];

const sorted: { readonly [K in "number" | "value" | "duration"]: Sort } = {
  number: (found) => found,
  value: (found, direction) => {
    const ranked = byResult(
      found.filter(isFinished).map((trial) => ({ number: trial.number, state: trial.state, value: valueOf(trial), trial })),
      direction,
    );
    return [...ranked.map(({ trial }) => trial), ...found.filter((trial) => !isFinished(trial))];
  },
  duration: (found) => found.toSorted((a, b) => (durationOf(b) ?? -1) - (durationOf(a) ?? -1) || a.number - b.number),
};

const costColumns: readonly { readonly key: keyof Cost; readonly title: string; readonly format: (amount: number) => string }[] =
  [
    { key: "parameters", title: "weights", format: formatMagnitude },
    { key: "flops", title: "FLOPs", format: formatMagnitude },
    { key: "memoryBytes", title: "memory", format: formatBytes },
  ];

function costOf({ cost }: JsonObject, key: keyof Cost): number | undefined {
  const amount = isJsonObject(cost) ? cost[key] : undefined;
  return typeof amount === "number" ? amount : undefined;
}

function formatCost(attributes: JsonObject, key: keyof Cost, format: (amount: number) => string): string {
  const amount = costOf(attributes, key);
  return amount === undefined ? "" : format(amount);
}

/** A line for each trial: number, state, value, duration, then its parameters or what went wrong. */
export function renderTrials(documents: readonly TrialDocument[], metric: string): string {
  if (documents.length === 0) return "There are no such trials.";
  const labels = [...new Set(documents.flatMap(({ params }) => Object.keys(params)))];
  const hasErrors = documents.some(({ error, reason }) => error !== undefined || reason !== undefined);
  const costs = costColumns.filter(({ key }) => documents.some(({ attributes }) => costOf(attributes, key) !== undefined));
  const hasSteps = documents.some(({ step }) => step !== undefined);
  const columns = [
    { title: "trial", align: "right" as const },
    { title: "state" },
    { title: metric, align: "right" as const },
    ...(hasSteps ? [{ title: "at step", align: "right" as const }] : []),
    { title: "time", align: "right" as const },
    ...costs.map(({ title }) => ({ title, align: "right" as const })),
    ...labels.map((title) => ({ title })),
    ...(hasErrors ? [{ title: "why" }] : []),
  ];
  const rows = documents.map((document) => {
    const { number, state, value, step, duration, attributes, params, reason, error } = document;
    return [
      String(number),
      isRejected(document) ? "rejected" : state,
      value === null ? "" : formatNumber(value),
      ...(hasSteps ? [step === undefined ? "" : String(step)] : []),
      duration === null ? "" : formatDuration(duration * 1000),
      ...costs.map(({ key, format }) => formatCost(attributes, key, format)),
      ...labels.map((label) => formatParameter(params[label])),
      ...(hasErrors ? [error?.message ?? reason ?? ""] : []),
    ];
  });
  return renderTable(columns, rows);
}
