export type { Chart } from "./chart.ts";
export { withHeading, type ChartOptions } from "./chart/chart-parts.ts";
export type { ChartedStudy, ChartedTrial } from "./chart/charted-study.ts";
export { historyChart } from "./chart/history-chart.ts";
export { importanceChart } from "./chart/importance-chart.ts";
export { chartsOfStudy } from "./charts-of-study.ts";
export { reportPage } from "./report/report-page.ts";
export type { StudyReport } from "./report/study-report.ts";
