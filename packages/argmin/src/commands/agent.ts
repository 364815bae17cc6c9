import { ArgminError } from "@argmin/base";
import type { ExitName } from "../exit-codes.ts";
import type { CommandInput } from "../flags/command.ts";
import { costLimits } from "../execution/cost-limits.ts";
import { Search } from "../execution/search.ts";
import { loadExperiment } from "../loading/load-experiment.ts";
import { agentLimits } from "../sweep/agent-rules.ts";
import { readSweep, readSweepState, sweepDocumentOf } from "../sweep/state.ts";
import { AgentSupervisor } from "../sweep/supervisor.ts";
import type { Terminal } from "../terminal.ts";
import type { agentFlags } from "./flags.ts";
import { openStudyOf } from "./open-study.ts";
import { reportSearch } from "./report-search.ts";
import { places, studyFolder, withStudy } from "./studies.ts";
import { workerSettings } from "./worker-settings.ts";

/** How often an agent looks whether its sweep is to go on, in milliseconds. */
const pollMs = 1000;

/** `argmin agent`. */
export function agent({ words: [word], flags }: CommandInput<typeof agentFlags>, terminal: Terminal): Promise<ExitName> {
  return withStudy<ExitName>(word, flags, terminal, async ({ storage, record }) => {
    const attributes = await storage.studyAttributes(record.id);
    const document = sweepDocumentOf(attributes, record.name);
    const { settings, metric } = readSweep(attributes, record.name);
    ensureRunning(record.name, readSweepState(attributes));
    const reference = { kind: "sweep", name: record.name, document } as const;
    const experiment = await loadExperiment(reference, terminal.folder);
    const { study, options } = await openStudyOf(experiment, { study: record.name }, {}, storage, terminal);
    const own = { ...given({ workers: settings.workers, "memory-limit": settings["memory-limit"] }), ...flags };
    const timeoutMs = flags.timeout ?? settings.timeout;
    const target = metric?.target;
    const { patience } = settings;
    const supervisor = new AgentSupervisor({
      study,
      limits: agentLimits(terminal.environment),
      count: flags.count,
      pollMs,
      onLine: (line) => terminal.messages.write(`${line}\n`),
    });
    try {
      const search = {
        experiment,
        options,
        study,
        stop: {
          ...(experiment.trials === "unlimited" ? {} : { trials: experiment.trials }),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
          ...(target === undefined ? {} : { target }),
          ...(patience === undefined ? {} : { patience }),
        },
        limits: costLimits(experiment, {}),
        failFast: false,
        supervisor,
        folder: studyFolder(places(flags, terminal), record.name),
        pool: {
          ...workerSettings({ reference, study: record.name }, options, own, terminal),
          size: own.workers ?? 1,
          trialTimeoutMs: flags["trial-timeout"] ?? settings["trial-timeout"],
          prepareTimeoutMs: undefined,
        },
        terminal,
      };
      const outcome = await new Search(search).run();
      const end = await reportSearch({ ...search, asJson: flags.json === true, reason: supervisor.reason }, outcome);
      return supervisor.hasGivenUp ? "failed" : end;
    } finally {
      supervisor.close();
    }
  });
}

/** The members that are there. */
function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> };
function given(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function ensureRunning(sweep: string, state: ReturnType<typeof readSweepState>): void {
  if (state === "running" || state === "paused") return;
  throw new ArgminError(
    "study/mismatch",
    `The sweep '${sweep}' was ${state}; 'argmin sweep --resume ${sweep}' lets agents go on with it.`,
  );
}
