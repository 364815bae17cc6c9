import { ArgminError, writeFileAtomically } from "@argmin/base";
import type { TrialReport } from "@argmin/search";
import { join, resolve } from "node:path";
import type { ExitName } from "../exit-codes.ts";
import type { CommandInput } from "../flags/command.ts";
import { toCsv } from "../results/csv.ts";
import { studyDocument, trialDocument } from "../results/document.ts";
import { logsFolder, openLogsCommand } from "../results/logs.ts";
import { formatAmount } from "../render/format.ts";
import type { Terminal } from "../terminal.ts";
import type { exportFlags } from "./flags.ts";
import { printDocument } from "./output.ts";
import { places, studyFolder, withStudy, type WhereFlags } from "./studies.ts";

type Input = CommandInput<typeof exportFlags>;

/** `argmin export`. */
export function exportTrials({ words: [word], flags }: Input, terminal: Terminal): Promise<ExitName> {
  if (flags.format === "tensorboard") return exportLogs(word, flags, terminal);
  const toStandardOutput = flags.out === undefined;
  if (flags.json === true && flags.format === "csv" && toStandardOutput)
    throw new ArgminError(
      "usage/invalid",
      "--json asks for JSON and --format csv for a table; give one of them, or a file with --out.",
    );
  const format = flags.format ?? (flags.json === true && toStandardOutput ? "json" : "csv");
  return withStudy<ExitName>(word, whereOf(flags), terminal, async ({ storage, record, describe, metric, options, finish }) => {
    const reports = byTrial(await storage.reports(record.id));
    const trials = (await storage.trials(record.id)).map((trial) =>
      trialDocument(describe, trial, reports.get(trial.number) ?? []),
    );
    const document = { study: studyDocument(record, metric, options), space: record.space, finish: finish ?? null, trials };
    const text = format === "csv" ? toCsv(trials) : `${JSON.stringify(document, undefined, 2)}\n`;
    if (flags.out === undefined) terminal.print(text);
    else {
      await writeFileAtomically(resolve(terminal.folder, flags.out), text);
      if (flags.json === true)
        printDocument(terminal, {
          study: studyDocument(record, metric, options),
          file: resolve(terminal.folder, flags.out),
          trials: trials.length,
        });
      else
        terminal.messages.write(`${formatAmount(trials.length, "trial")} of study '${record.name}' written to ${flags.out}.\n`);
    }
    return "ok";
  });
}

/** Here --out is what to write, not the folder that the database may lie in. */
function whereOf({ study, storage }: Input["flags"]): WhereFlags {
  return { ...(study === undefined ? {} : { study }), ...(storage === undefined ? {} : { storage }) };
}

/** `argmin export --format tensorboard`. */
function exportLogs(word: string | undefined, flags: Input["flags"], terminal: Terminal): Promise<ExitName> {
  return withStudy<ExitName>(word, whereOf(flags), terminal, async ({ storage, record, describe, metric, options }) => {
    const folder =
      flags.out === undefined
        ? join(studyFolder(places(whereOf(flags), terminal), record.name), logsFolder)
        : resolve(terminal.folder, flags.out);
    const document = studyDocument(record, metric, options);
    const [trials, reports] = [await storage.trials(record.id), byTrial(await storage.reports(record.id))];
    // It comes with the networks' package, which no other export needs.
    const { writeStudyLogs } = await import("../results/study-logs.ts");
    const written = await writeStudyLogs(folder, { record, metric, describe, trials, reports, document });
    if (flags.json === true) printDocument(terminal, { study: document, folder, trials: written });
    else
      terminal.messages.write(
        `${formatAmount(written, "trial")} of study '${record.name}' written; look at them: ${openLogsCommand(folder, terminal.folder)}\n`,
      );
    return "ok";
  });
}

function byTrial(reports: readonly TrialReport[]): ReadonlyMap<number, readonly TrialReport[]> {
  const groups = new Map<number, TrialReport[]>();
  for (const report of reports) {
    const group = groups.get(report.number);
    if (group === undefined) groups.set(report.number, [report]);
    else group.push(report);
  }
  return groups;
}
