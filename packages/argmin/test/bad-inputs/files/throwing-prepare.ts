import { hp } from "@argmin/search";
import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "throwing-prepare",
  summary: "cannot load what it needs",
  space: { x: hp.uniform(-1, 1) },
  metric: "height",
  direction: "minimize",
  prepare: (): number => {
    throw new Error("the camera is not plugged in");
  },
  objective: ({ x }, { data }) => x * data,
});
