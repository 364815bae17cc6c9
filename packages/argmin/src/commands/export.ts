import { ArgminError, writeFileAtomically } from "@argmin/base";
import type { TrialReport } from "@argmin/search";
import { resolve } from "node:path";
import type { ExitName } from "../exit-codes.ts";
import type { CommandInput } from "../flags/command.ts";
import { toCsv } from "../results/csv.ts";
import { studyDocument, trialDocument } from "../results/document.ts";
import { formatAmount } from "../render/format.ts";
import type { Terminal } from "../terminal.ts";
import type { exportFlags } from "./flags.ts";
import { printDocument } from "./output.ts";
import { withStudy } from "./studies.ts";

/** `argmin export`. */
export function exportTrials({ words: [word], flags }: CommandInput<typeof exportFlags>, terminal: Terminal): Promise<ExitName> {
  const toStandardOutput = flags.out === undefined;
  if (flags.json === true && flags.format === "csv" && toStandardOutput)
    throw new ArgminError(
      "usage/invalid",
      "--json asks for JSON and --format csv for a table; give one of them, or a file with --out.",
    );
  const format = flags.format ?? (flags.json === true && toStandardOutput ? "json" : "csv");
  // Here --out is the file to write, not the folder that the database may lie in.
  const { study, storage } = flags;
  const where = { ...(study === undefined ? {} : { study }), ...(storage === undefined ? {} : { storage }) };
  return withStudy<ExitName>(word, where, terminal, async ({ storage, record, describe, metric, options, finish }) => {
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

function byTrial(reports: readonly TrialReport[]): ReadonlyMap<number, readonly TrialReport[]> {
  const groups = new Map<number, TrialReport[]>();
  for (const report of reports) {
    const group = groups.get(report.number);
    if (group === undefined) groups.set(report.number, [report]);
    else group.push(report);
  }
  return groups;
}
