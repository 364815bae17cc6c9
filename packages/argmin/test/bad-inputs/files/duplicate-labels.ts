import { hp } from "@argmin/search";
import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "duplicate-labels",
  summary: "calls two parameters the same",
  space: { x: hp.uniform(0, 1, { label: "rate" }), y: hp.uniform(0, 1, { label: "rate" }) },
  metric: "height",
  direction: "minimize",
  objective: ({ x, y }) => x + y,
});
