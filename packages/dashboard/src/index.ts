export type { Chart } from "./chart.ts";
