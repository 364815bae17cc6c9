import { ArgminError, messageOf } from "@argmin/base";
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ExitName } from "../exit-codes.ts";
import type { CommandInput } from "../flags/command.ts";
import { studyDocument } from "../results/document.ts";
import { shownPath } from "../loading/shown-path.ts";
import { formatAmount } from "../render/format.ts";
import type { Terminal } from "../terminal.ts";
import type { resetFlags } from "./flags.ts";
import { printDocument } from "./output.ts";
import { places, retrainPrefix, studyFolder, withStudy } from "./studies.ts";

/** `argmin reset`. */
export function reset({ words: [word], flags }: CommandInput<typeof resetFlags>, terminal: Terminal): Promise<ExitName> {
  return withStudy<ExitName>(word, flags, terminal, async ({ storage, record, metric, options }) => {
    const { name } = record;
    const count = (await storage.trials(record.id)).length;
    const folder = studyFolder(places(flags, terminal), name);
    const shown = shownPath(folder, terminal.folder);
    if (flags.yes !== true) await confirm(name, count, terminal);
    await storage.deleteStudy(record.id);
    const kept = await remove(folder, terminal);
    if (flags.json === true)
      printDocument(terminal, { study: studyDocument(record, metric, options), deleted: true, trials: count });
    else
      terminal.messages.write(
        `The study '${name}' with ${formatAmount(count, "trial")} and ${kept.length === 0 ? `the folder ${shown}` : `all of ${shown} but ${kept.join(", ")}`} are deleted.\n`,
      );
    return "ok";
  });
}

async function confirm(name: string, count: number, terminal: Terminal): Promise<void> {
  const answer = await terminal.ask(
    `This deletes the study '${name}' with ${formatAmount(count, "trial")} for good. Type its name to go on: `,
  );
  if (answer === undefined)
    throw new ArgminError("usage/invalid", `Deleting the study '${name}' needs --yes where nobody can be asked.`);
  if (answer.trim() !== name) throw new ArgminError("usage/invalid", `Nothing was deleted: '${answer.trim()}' is not '${name}'.`);
}

/** Deletes what the search wrote, and returns what stays: networks that were trained for good took their hours, and are asked for by name. */
async function remove(folder: string, terminal: Terminal): Promise<readonly string[]> {
  try {
    const entries = existsSync(folder) ? await readdir(folder) : [];
    const kept = entries.filter((entry) => entry.startsWith(retrainPrefix));
    const gone =
      kept.length === 0 ? [folder] : entries.filter((entry) => !kept.includes(entry)).map((entry) => join(folder, entry));
    for (const path of gone) await rm(path, { recursive: true, force: true });
    return kept;
  } catch (error) {
    throw new ArgminError(
      "file/unwritable",
      `The study is deleted, but its folder ${shownPath(folder, terminal.folder)} cannot be: ${messageOf(error)}.`,
      { cause: error },
    );
  }
}
