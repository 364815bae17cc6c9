import { relative } from "node:path";

/** A path as messages show it: relative to the current folder where that is shorter to read. */
export function shownPath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown === "" || shown.startsWith("..") ? path : shown;
}
