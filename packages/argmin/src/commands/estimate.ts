import type { Cardinality, Domain } from "@argmin/search";
import { existsSync } from "node:fs";
import type { ExitName } from "../exit-codes.ts";
import { WorkerPool } from "../execution/worker-pool.ts";
import type { CostLine, Experiment } from "../experiment.ts";
import type { CommandInput } from "../flags/command.ts";
import { formatCount, formatNumber } from "../render/format.ts";
import { renderTable, type Column } from "../render/table.ts";
import { durationOf } from "../results/document.ts";
import type { Terminal } from "../terminal.ts";
import type { estimateFlags } from "./flags.ts";
import { openExperiment } from "./open-experiment.ts";
import { printDocument, printText } from "./output.ts";
import { places, withStorage } from "./studies.ts";
import { workerSettings } from "./worker-settings.ts";

type Input = CommandInput<typeof estimateFlags>;

/** `argmin estimate`. */
export async function estimate({ words: [word], flags, options }: Input, terminal: Terminal): Promise<ExitName> {
  const { experiment, reference } = await openExperiment(word ?? "", flags, terminal);
  const trials = flags.trials ?? (experiment.trials === "unlimited" ? trialsOfUnlimited : experiment.trials);
  const workers = flags.workers ?? 1;
  const lines = experiment.has.estimate
    ? await ownEstimate(
        experiment,
        workerSettings({ reference, study: flags.study ?? experiment.name }, options, flags, terminal),
        trials,
        flags,
        terminal,
      )
    : await estimateFromTrials(experiment, trials, workers, flags, terminal);
  const parameters = experiment.space.parameters.map((parameter) => ({
    label: parameter.label,
    values: valuesOf(parameter.domain),
  }));
  const combinations = experiment.space.size();
  if (flags.json === true) {
    printDocument(terminal, {
      experiment: experiment.name,
      parameters: parameters.map(({ label, values }) => ({ label, values: jsonCount(values) })),
      combinations: jsonCount(combinations),
      trials,
      workers,
      cost: Object.fromEntries(lines.map(({ key, amount }) => [key, amount])),
    });
  } else printText(terminal, render(experiment, parameters, combinations, trials, lines));
  return "ok";
}

/** What is estimated of a search that has no end: as many trials as may be run in one go. */
const trialsOfUnlimited = 100;

/** How many values a parameter can take. */
function valuesOf(domain: Domain): Cardinality {
  return domain.kind === "lattice" || domain.kind === "categories" ? BigInt(domain.count) : Number.POSITIVE_INFINITY;
}

/** A count as JSON: a number where that is exact, else its digits; infinity is null. */
function jsonCount(count: Cardinality): number | string | null {
  if (count === Number.POSITIVE_INFINITY) return null;
  return count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : String(count);
}

async function ownEstimate(
  experiment: Experiment,
  machine: ReturnType<typeof workerSettings>,
  trials: number,
  flags: Input["flags"],
  terminal: Terminal,
): Promise<readonly CostLine[]> {
  const stop = new AbortController();
  const stopListening = terminal.onStop(() => stop.abort());
  const ignore = (): void => undefined;
  const pool = new WorkerPool({
    ...machine,
    size: 1,
    trialTimeoutMs: undefined,
    prepareTimeoutMs: undefined,
    events: {
      onLoading: ignore,
      onBegin: ignore,
      onReport: ignore,
      onIdle: ignore,
      onLine: (_, line) => terminal.messages.write(`${line}\n`),
    },
  });
  try {
    return (await pool.estimate(trials, flags.seed ?? experiment.seed, stop.signal)) ?? [];
  } finally {
    stopListening();
    await pool.close();
  }
}

/** What the study's own trials have taken so far tells what the rest will take; before the first trial, nothing does. */
async function estimateFromTrials(
  { name, space }: Experiment,
  trials: number,
  workers: number,
  flags: Input["flags"],
  terminal: Terminal,
): Promise<readonly CostLine[]> {
  const { database } = places(flags, terminal);
  if (!existsSync(database)) return [];
  const durations = await withStorage(database, async (storage) => {
    const study = await storage.findStudy(flags.study ?? name);
    return study === undefined
      ? []
      : (await storage.trials(study.id, ["complete", "failed", "pruned", "paused"])).map((trial) => durationOf(trial) ?? 0);
  });
  if (durations.length === 0) return [];
  const mean = durations.reduce((sum, duration) => sum + duration, 0) / durations.length;
  const all = Number(space.size());
  return [
    { key: "secondsPerTrial", label: `a trial, by the ${durations.length} there are`, amount: mean, unit: "seconds" },
    { key: "secondsOfSearch", label: `the search, ${trials} trials`, amount: (mean * trials) / workers, unit: "seconds" },
    ...(Number.isFinite(all)
      ? ([{ key: "secondsOfGrid", label: "every combination", amount: (mean * all) / workers, unit: "seconds" }] as const)
      : []),
  ];
}

function render(
  experiment: Experiment,
  parameters: readonly { readonly label: string; readonly values: Cardinality }[],
  combinations: Cardinality,
  trials: number,
  lines: readonly CostLine[],
): string {
  const counts = renderTable(
    [{ title: "parameter" }, { title: "values", align: "right" }],
    [
      ...parameters.map(({ label, values }) => [label, formatCount(values)]),
      ["combinations", formatCount(combinations)],
      ["trials of the search", formatCount(trials)],
    ],
  );
  return [`Cost of '${experiment.name}'`, counts, lines.length === 0 ? unknownTime : renderLines(lines)].join("\n\n");
}

const unknownTime = "How long it takes will be known after the first trials: run a few, then estimate again.";

/** Seconds also as minutes, hours and days, as far as those say anything. */
function renderLines(lines: readonly CostLine[]): string {
  const timed = lines.some(({ unit }) => unit === "seconds");
  const titles = ["amount", ...(timed ? ["minutes", "hours", "days"] : [])];
  const columns = [{ title: "cost" }, ...titles.map((title): Column => ({ title, align: "right" }))];
  const rows = lines.map(({ label, amount, unit }) =>
    unit === "count"
      ? [label, formatCount(amount)]
      : [label, `${formatAmount(amount)} s`, ...[60, 3600, 86_400].map((seconds) => formatLarger(amount / seconds))],
  );
  return renderTable(columns, rows);
}

/** Four digits, or all before the point. */
function formatAmount(amount: number): string {
  return amount >= 1000 ? formatCount(amount) : formatNumber(Number(amount.toPrecision(4)));
}

/** The same time in a larger unit; nothing where that is too little to say anything. */
function formatLarger(amount: number): string {
  return amount < 0.01 ? "" : formatAmount(amount);
}
