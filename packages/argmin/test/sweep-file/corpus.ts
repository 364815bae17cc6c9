import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What becomes of a file of the corpus. */
export interface Outcome {
  /** What the reader refuses it with; absent if it accepts it. */
  readonly refused?: string;
  readonly warnings?: readonly string[];
  /** Where the JSON Schema says something else, and why. */
  readonly schema?: { readonly accepts: boolean; readonly because: string };
  /** Where W&B says something else, and why argmin does not follow. */
  readonly wandb?: { readonly accepts: boolean; readonly because: string };
}

const folder = new URL("corpus/", import.meta.url);

/** The outcomes by file, as they were written down. */
export function outcomes(): Readonly<Record<string, Outcome>> {
  const parsed: Readonly<Record<string, Outcome>> = JSON.parse(readFileSync(new URL("outcomes.json", folder), "utf8"));
  return parsed;
}

/** "valid/minimal.yaml" and all others that are there. */
export function corpusFiles(): readonly string[] {
  return ["valid", "invalid"].flatMap((kind) => readdirSync(new URL(kind, folder)).map((name) => `${kind}/${name}`));
}

export function corpusPath(file: string): string {
  return fileURLToPath(new URL(file, folder));
}

export function corpusText(file: string): string {
  return readFileSync(new URL(file, folder), "utf8");
}

/** The name of a file as messages show it. */
export function nameOf(file: string): string {
  return file.slice(file.indexOf("/") + 1);
}
