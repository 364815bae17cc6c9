import type { ExitName } from "../exit-codes.ts";
import type { CommandInput } from "../flags/command.ts";
import { renderBest } from "../render/summary.ts";
import { bestOf, studyDocument, trialDocument } from "../results/document.ts";
import type { Terminal } from "../terminal.ts";
import type { bestFlags } from "./flags.ts";
import { printDocument, printText } from "./output.ts";
import { withStudy } from "./studies.ts";

/** `argmin best`. */
export function best({ words: [word], flags }: CommandInput<typeof bestFlags>, terminal: Terminal): Promise<ExitName> {
  return withStudy<ExitName>(word, flags, terminal, async ({ storage, record, describe, metric, options, finish }) => {
    const found = bestOf(await storage.trials(record.id, ["complete"]), record.direction);
    const document = found === undefined ? undefined : trialDocument(describe, found);
    // What was made of an earlier best trial says nothing of this one.
    const result = finish?.trial === found?.number ? finish?.result : undefined;
    if (flags.json === true) {
      printDocument(terminal, {
        study: studyDocument(record, metric, options),
        best: document ?? null,
        finish: result ?? null,
      });
    } else if (document !== undefined)
      printText(terminal, renderBest({ study: record.name, metric, best: document, finish: result }));
    else terminal.messages.write(`argmin: The study '${record.name}' has no complete trial yet.\n`);
    return document === undefined ? "noResult" : "ok";
  });
}
