import { existsSync } from "node:fs";
import type { ExitName } from "../exit-codes.ts";
import type { CommandInput } from "../flags/command.ts";
import { bundledExperiments } from "../loading/bundled.ts";
import { shownPath } from "../loading/shown-path.ts";
import { renderTable } from "../render/table.ts";
import { isoTime } from "../results/document.ts";
import type { Terminal } from "../terminal.ts";
import type { listFlags } from "./flags.ts";
import { printDocument, printText } from "./output.ts";
import { places, withStorage } from "./studies.ts";

/** `argmin list`. */
export async function list({ flags }: CommandInput<typeof listFlags>, terminal: Terminal): Promise<ExitName> {
  const { database } = places(flags, terminal);
  const experiments = await Promise.all(Object.values(bundledExperiments).map(async (load) => load()));
  const studies = existsSync(database) ? await withStorage(database, async (storage) => storage.listStudies()) : [];
  if (flags.json === true) {
    printDocument(terminal, {
      experiments: experiments.map(({ name, summary, metric, direction, trials }) => ({
        name,
        summary,
        metric,
        direction,
        trials,
      })),
      storage: database,
      studies: studies.map(({ study, counts }) => ({
        name: study.name,
        createdAt: isoTime(study.createdAt),
        direction: study.direction,
        trials: counts,
      })),
    });
    return "ok";
  }
  const bundled = renderTable(
    [{ title: "experiment" }, { title: "what it does" }],
    experiments.map(({ name, summary }) => [name, summary]),
  );
  const isAnyPaused = studies.some(({ counts }) => counts.paused > 0);
  const states = ["complete", "pruned", ...(isAnyPaused ? (["paused"] as const) : []), "failed", "running", "waiting"] as const;
  const counted = states.map((state) => ({
    title: state,
    align: "right" as const,
  }));
  const known = renderTable(
    [{ title: "study" }, ...counted, { title: "created" }],
    studies.map(({ study, counts }) => [
      study.name,
      ...counted.map(({ title }) => String(counts[title])),
      isoTime(study.createdAt),
    ]),
  );
  printText(
    terminal,
    [bundled, studies.length === 0 ? `No studies in ${shownPath(database, terminal.folder)} yet.` : known].join("\n\n"),
  );
  return "ok";
}
