import { hp } from "@argmin/search";
import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "text-objective",
  summary: "has an objective that returns a text",
  space: { x: hp.uniform(-1, 1) },
  metric: "height",
  direction: "minimize",
  trials: 2,
  objective: ({ x }) => x.toFixed(2),
});
