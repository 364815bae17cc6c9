import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { makeFolder, removeFolder } from "./command.ts";

/** `it` with a folder of its own for each test, removed afterwards: such tests may run at the same time. */
export const it = test.extend<{ folder: string }>({
  folder: async ({ onTestFinished }, use) => {
    const folder = await makeFolder();
    onTestFinished(() => removeFolder(folder));
    await use(folder);
  },
});

/** Copies an experiment's file into a folder where no package is installed, as a user's may be. `.txt` hides those that do not compile. */
export async function place(path: string, folder: string): Promise<void> {
  const source = fileURLToPath(new URL(path, import.meta.url));
  await copyFile(source, join(folder, basename(path, ".txt")));
}
