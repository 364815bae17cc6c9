import { hp } from "@argmin/search";
import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "nan-objective",
  summary: "has an objective that is not a number",
  space: { x: hp.uniform(-1, 1) },
  metric: "height",
  direction: "minimize",
  trials: 3,
  objective: ({ x }) => Math.sqrt(-1 - x * x),
});
