import { defineExperiment } from "argmin";

export default defineExperiment({
  name: "syntax-error",
