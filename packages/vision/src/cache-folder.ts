import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Where argmin keeps what it downloads: the usual place of the operating system, or the one XDG_CACHE_HOME names. */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const { XDG_CACHE_HOME: named = "", LOCALAPPDATA: local = "" } = environment;
  // A relative path there is to be ignored (XDG Base Directory Specification).
  if (isAbsolute(named)) return join(named, "argmin");
  if (platform === "darwin") return join(homedir(), "Library", "Caches", "argmin");
  if (platform === "win32") return join(local === "" ? join(homedir(), "AppData", "Local") : local, "argmin", "Cache");
  return join(homedir(), ".cache", "argmin");
}
