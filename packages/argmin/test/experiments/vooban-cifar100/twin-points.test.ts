import { describeTwins } from "./describe-twins.ts";

// In a file of its own, to run beside the others.
describeTwins(({ name }) => name.endsWith("point"));
