import { describeTwins } from "./describe-twins.ts";

describeTwins(({ name }) => !name.endsWith("point"));
