import { hp } from "@argmin/search";
import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "crashing",
  summary: "takes its process down",
  space: { x: hp.uniform(-1, 1) },
  metric: "height",
  direction: "minimize",
  trials: 2,
  objective: ({ x }, { number }) => (number === 0 ? process.exit(42) : x ** 2),
});
