import { hp } from "@argmin/search";
import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "low-above-high",
  summary: "has its bounds the wrong way round",
  space: { x: hp.uniform(1, -1) },
  metric: "height",
  direction: "minimize",
  objective: ({ x }) => x,
});
