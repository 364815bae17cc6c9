import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "../elsewhere",
  summary: "has a name that is a path",
  space: {},
  metric: "height",
  direction: "minimize",
  objective: () => 1,
});
