import { ArgminError } from "@argmin/base";
import { darkTheme, lightTheme } from "@argmin/pictures";
import { analyzeTrials, spaceOfStudy, type Analysis, type TrialReport } from "@argmin/search";
import { join, resolve } from "node:path";
import type { ExitName } from "../exit-codes.ts";
import type { CommandInput } from "../flags/command.ts";
import { shownPath } from "../loading/shown-path.ts";
import { renderAnalysis } from "../render/analysis.ts";
import { formatAmount } from "../render/format.ts";
import { openStages } from "../render/stages.ts";
import {
  analysisFolder,
  prepareFolder,
  writeAnalysis,
  type AnalysisFiles,
  type AnalyzedStudy,
} from "../results/analysis-files.ts";
import { experimentAttribute, readExperiment, type ExperimentFacts } from "../results/attributes.ts";
import { bestOf, studyDocument } from "../results/document.ts";
import type { Terminal } from "../terminal.ts";
import type { analyzeFlags } from "./flags.ts";
import { printDocument, printText } from "./output.ts";
import { experimentOfWord, places, studyFolder, withStudy, type OpenStudy, type WhereFlags } from "./studies.ts";
import { pictureFormats } from "./picture-formats.ts";

type Input = CommandInput<typeof analyzeFlags>;

/** From so many trials on the work takes seconds, and a log tells of it as well. */
const manyTrials = 2000;

/** `argmin analyze`. */
export function analyze({ words: [word], flags }: Input, terminal: Terminal): Promise<ExitName> {
  const { study, storage } = flags;
  // Here --out is where the files go, not the folder that the database may lie in.
  const where: WhereFlags = { ...(study === undefined ? {} : { study }), ...(storage === undefined ? {} : { storage }) };
  return withStudy<ExitName>(word, where, terminal, async (opened) => {
    const { record, metric, options } = opened;
    const experiment = await factsOf(opened, study === undefined ? undefined : word, terminal);
    const folder =
      flags.out === undefined
        ? join(studyFolder(places(where, terminal), record.name), analysisFolder)
        : resolve(terminal.folder, flags.out);
    await prepareFolder(folder);
    const { analysis, best, written } = await analyzeInto(folder, { opened, experiment, flags }, terminal);
    if (flags.json === true)
      printDocument(terminal, { study: studyDocument(record, metric, options), analysis, folder, ...written });
    else {
      const { charts } = written;
      const shown = {
        study: record.name,
        metric,
        best,
        analysis,
        report: shownPath(written.report, terminal.folder),
        drawn: charts.filter(({ files }) => files.length > 0).length,
        notDrawn: charts.flatMap(({ title, why }) => (why === undefined ? [] : [{ title, why }])),
      };
      printText(terminal, renderAnalysis(shown));
    }
    return "ok";
  });
}

interface Asked {
  readonly opened: OpenStudy;
  readonly experiment: ExperimentFacts | undefined;
  readonly flags: Input["flags"];
}

interface Analyzed {
  readonly analysis: Analysis;
  readonly best: { readonly number: number; readonly value: number } | undefined;
  readonly written: AnalysisFiles;
}

/** Reads the study, analyzes it and writes the files; tells on standard error what it is at. */
async function analyzeInto(
  folder: string,
  { opened: { storage, record, metric }, experiment, flags }: Asked,
  { messages }: Terminal,
): Promise<Analyzed> {
  let count = 0;
  const stages = openStages(messages, () => count >= manyTrials);
  try {
    stages.begin("reading the trials");
    const trials = await storage.trials(record.id);
    count = trials.length;
    const reports = await storage.reports(record.id);
    const space = await spaceOfStudy({ definition: record, storage });
    stages.begin(`analyzing ${formatAmount(count, "trial")}`);
    const { direction, seed } = record;
    const analysis = analyzeTrials(space, trials, {
      direction,
      seed,
      ...(flags.pruned === undefined ? {} : { pruned: flags.pruned }),
      ...(flags.unimportant === undefined ? {} : { unimportant: flags.unimportant }),
    });
    stages.begin("drawing the charts");
    const study: AnalyzedStudy = {
      study: record.name,
      ...(experiment === undefined ? {} : { summary: experiment.summary }),
      space,
      direction,
      trials,
      reports,
      analysis,
      result: metric,
      ...judgedBy(record.pruner.metric, reports),
      ...(experiment?.step === undefined ? {} : { step: experiment.step }),
      createdAt: record.createdAt,
      writtenAt: Date.now(),
    };
    const theme = flags.theme === "dark" ? darkTheme : lightTheme;
    const written = await writeAnalysis(folder, study, { theme, formats: pictureFormats[flags.format ?? "both"] });
    return { analysis, best: bestOf(trials, direction), written };
  } finally {
    stages.close();
  }
}

/**
 * What the study keeps of its experiment; undefined for a study that a program made.
 *
 * @param word - The experiment that the study is said to be of.
 * @throws ArgminError `study/mismatch` if it is one of another experiment.
 */
async function factsOf(
  { storage, record }: OpenStudy,
  word: string | undefined,
  terminal: Terminal,
): Promise<ExperimentFacts | undefined> {
  const facts = readExperiment((await storage.studyAttributes(record.id))[experimentAttribute]);
  const asked = word === undefined ? undefined : await experimentOfWord(word, terminal);
  if (facts !== undefined && asked !== undefined && asked !== facts.name)
    throw new ArgminError(
      "study/mismatch",
      `The study '${record.name}' is one of the experiment '${facts.name}', not of '${asked}'; leave '${word}' out, or name another study.`,
    );
  return facts;
}

/** The metric of learning curves is the one that the pruner judges by, where trials report it. */
function judgedBy(metric: string, reports: readonly TrialReport[]): { readonly metric?: string } {
  return reports.some(({ metrics }) => Object.hasOwn(metrics, metric)) ? { metric } : {};
}
