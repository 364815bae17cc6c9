import { relative } from "node:path";

/** A path as messages show it: relative to the folder the command was given in, where that is shorter to read. */
export function shownPath(path: string, folder: string): string {
  const shown = relative(folder, path);
  return shown === "" || shown.startsWith("..") ? path : shown;
}
