import { hp } from "@argmin/search";
import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "throwing-objective",
  summary: "has an objective that always throws",
  space: { x: hp.uniform(-1, 1) },
  metric: "height",
  direction: "minimize",
  trials: 3,
  objective: () => {
    throw new Error("no value today");
  },
});
