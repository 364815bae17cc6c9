import { fileError, writeFileAtomically } from "@argmin/base";
import { chartsOfStudy, reportPage, withHeading, type Chart, type StudyReport } from "@argmin/dashboard";
import { adaptiveTheme, inTheme, writePicture, type Picture, type PictureFormat, type Theme } from "@argmin/pictures";
import { constants } from "node:fs";
import { access, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** The folder of a study's analysis, within that of its results. */
export const analysisFolder = "analysis";

const reportFile = "report.html";

/** All that is told of a study; the charts are made of it. */
export type AnalyzedStudy = Omit<StudyReport, "charts">;

/** How an analysis is written. */
export interface AnalysisFilesOptions {
  /** Of the charts' files; the report has both. */
  readonly theme: Theme;
  readonly formats: readonly PictureFormat[];
}

/** A chart and its files; none, and why, where there was nothing to draw. */
export interface ChartFiles {
  readonly name: string;
  readonly title: string;
  readonly files: readonly string[];
  readonly why?: string;
}

/** What was written. */
export interface AnalysisFiles {
  readonly report: string;
  readonly charts: readonly ChartFiles[];
}

/**
 * Makes the folder, so that one that cannot be written to is known before the work.
 *
 * @throws ArgminError `file/unwritable` or `file/full`.
 */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw fileError(folder, error);
  }
}

/**
 * Writes the report and every chart, each whole or not at all. Files of charts that are no longer there to draw are removed.
 *
 * @throws ArgminError `file/unwritable` or `file/full`.
 */
export async function writeAnalysis(
  folder: string,
  study: AnalyzedStudy,
  { theme, formats }: AnalysisFilesOptions,
): Promise<AnalysisFiles> {
  const report = join(folder, reportFile);
  const charts = chartsOfStudy(study, { theme: adaptiveTheme });
  await writeFileAtomically(report, reportPage({ ...study, charts }));
  return { report, charts: await Promise.all(charts.map((chart) => writeChart(folder, chart, { theme, formats }))) };
}

async function writeChart(folder: string, chart: Chart, { theme, formats }: AnalysisFilesOptions): Promise<ChartFiles> {
  const { name, title, content } = chart;
  const path = join(folder, name);
  const drawn = withHeading(chart, { theme: adaptiveTheme });
  if (drawn === undefined) {
    for (const ending of ["svg", "png"]) await rm(`${path}.${ending}`, { force: true });
    return { name, title, files: [], ...(content.kind === "nothing" ? { why: content.why } : {}) };
  }
  const picture = inTheme(drawn, theme);
  return { name, title, files: await writePicture(path, picture, { theme, formats, scale: scaleOf(picture) }) };
}

/** Two pixels for one of the picture's, for fine screens; fewer where the image would be enormous, never less than one. */
function scaleOf({ width, height }: Picture): number {
  return Math.max(1, Math.min(2, Math.sqrt(mostPixels / (width * height))));
}

const mostPixels = 12e6;
