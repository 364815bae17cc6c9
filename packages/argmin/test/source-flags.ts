import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** Node's flags for a process that runs the packages from their TypeScript sources. */
export const sourceFlags: readonly string[] = [
  "--conditions=@argmin/source",
  `--import=${pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href}`,
];
