import { hp } from "@argmin/search";
import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "type-error",
  summary: "reads a parameter that is not there",
  space: { x: hp.uniform(-1, 1) },
  metric: "height",
  direction: "minimize",
  objective: (params) => params.y ** 2,
});
