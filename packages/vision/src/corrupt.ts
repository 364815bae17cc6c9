import { ArgminError } from "@argmin/base";

/** The error of a data file that exists and is not what it should be. */
export function corrupt(file: string, problem: string, cause?: unknown): ArgminError {
  return new ArgminError("data/corrupt", `${file} cannot be used: ${problem}. Replace it with the original file.`, { cause });
}
