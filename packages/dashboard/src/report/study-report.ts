import type { Chart } from "../chart.ts";
import type { ChartedStudy } from "../chart/charted-study.ts";

/** What a report tells of: everything is given, nothing is looked up. */
export interface StudyReport extends ChartedStudy {
  /** The study's name. */
  readonly study: string;
  /** What is searched, in a line or two; from the experiment's file. */
  readonly summary?: string;
  /** Drawn in the `adaptiveTheme`, so that they follow the page. */
  readonly charts: readonly Chart[];
  /** When the study was created: milliseconds since 1970. */
  readonly createdAt: number;
  /** When the report is written: milliseconds since 1970. */
  readonly writtenAt: number;
}
