import { ArgminError, isArgminError, isJsonObject, type JsonObject } from "@argmin/base";
import { createSampler, openStudy, type Space, type Storage, type StudyRecord, type TrialState } from "@argmin/search";
import { existsSync } from "node:fs";
import type { ExitName } from "../exit-codes.ts";
import type { CommandInput } from "../flags/command.ts";
import { loadExperiment } from "../loading/load-experiment.ts";
import { bundledSweep, isSweepFile, openSweepFile } from "../loading/sweep-file.ts";
import { formatNumber } from "../render/format.ts";
import { renderPairs } from "../render/summary.ts";
import { renderTable } from "../render/table.ts";
import { readMetric, experimentAttribute } from "../results/attributes.ts";
import { bestOf } from "../results/document.ts";
import { isSweepFinished } from "../sweep/finished.ts";
import { readSweep, readSweepState, sweepAttribute, sweepStateAttribute, type SweepState } from "../sweep/state.ts";
import type { Terminal } from "../terminal.ts";
import type { sweepFlags } from "./flags.ts";
import { openStudyOf } from "./open-study.ts";
import { printDocument, printText } from "./output.ts";
import { places, withExistingStorage, withStorage, withStudy } from "./studies.ts";

type Input = CommandInput<typeof sweepFlags>;

/** `argmin sweep`. */
export async function sweep(input: Input, terminal: Terminal): Promise<ExitName> {
  const {
    words: [word],
    flags,
  } = input;
  const orders = orderNames.filter((name) => flags[name] === true);
  if (orders.length > 1)
    throw new ArgminError(
      "usage/invalid",
      `Only one of ${orders.map((name) => `--${name}`).join(" and ")} can be done at a time.`,
    );
  const [order] = orders;
  if (word !== undefined && isSweepFile(word)) {
    if (order !== undefined)
      throw new ArgminError(
        "usage/invalid",
        `--${order} is for a sweep that there is, named by its id, not for the file ${word}.`,
      );
    return begin(word, input, terminal);
  }
  if (order !== undefined) {
    refuseFlagsOfNewSweeps(word, flags);
    return command(word, order, flags, terminal);
  }
  const bundled = word === undefined ? undefined : bundledSweep(word);
  if (word !== undefined && bundled !== undefined && (flags.study !== undefined || !(await isThere(word, flags, terminal))))
    return begin(bundled, input, terminal);
  refuseFlagsOfNewSweeps(word, flags);
  return word === undefined ? listSweeps(flags, terminal) : showSweep(word, flags, terminal);
}

function refuseFlagsOfNewSweeps(word: string | undefined, flags: Input["flags"]): void {
  for (const name of ["trials", "sampler", "pruner", "promote", "seed"] as const)
    if (flags[name] !== undefined)
      throw new ArgminError(
        "usage/invalid",
        `--${name} is for a new sweep, which a file makes; ${word === undefined ? "name one" : `'${word}' is no sweep file`}.`,
      );
}

async function isThere(id: string, flags: Input["flags"], terminal: Terminal): Promise<boolean> {
  const { database } = places(flags, terminal);
  return existsSync(database) && (await withStorage(database, async (storage) => storage.findStudy(id))) !== undefined;
}

/** What agents are told by which flag. */
const orders = { stop: "stopped", cancel: "cancelled", pause: "paused", resume: "running" } as const satisfies Record<
  string,
  SweepState
>;
const orderNames = ["stop", "cancel", "pause", "resume"] as const;

/** Makes a study of a sweep file, under a name that is not taken. */
async function begin(word: string, { flags, options }: Input, terminal: Terminal): Promise<ExitName> {
  const { sweep: file, reference } = openSweepFile(word, terminal.folder);
  for (const warning of file.warnings) terminal.messages.write(`argmin: ${warning}\n`);
  const where = places({ ...flags, ...storageOf(file.settings.storage, flags.storage) }, terminal);
  return withStorage<ExitName>(where.database, async (storage) => {
    const id = flags.study ?? (await freeName(reference.name, storage));
    if ((await storage.findStudy(id)) !== undefined)
      throw new ArgminError(
        "study/mismatch",
        `There is a study '${id}' already; give the sweep another name by --study, or 'argmin reset ${id}'.`,
      );
    const experiment = await loadExperiment({ ...reference, name: id }, terminal.folder);
    const { duplicates, retries } = file.settings;
    const definition = {
      study: id,
      ...(duplicates === undefined ? {} : { duplicates }),
      ...(retries === undefined ? {} : { retries }),
      ...(flags.sampler === undefined ? {} : { sampler: flags.sampler }),
      ...(flags.pruner === undefined ? {} : { pruner: flags.pruner }),
      ...(flags.promote === undefined ? {} : { promote: flags.promote }),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    };
    const { study } = await openStudyOf(experiment, definition, options, storage, terminal);
    await study.setAttribute(sweepAttribute, documentWith(study.definition, flags, file.document));
    await study.setAttribute(sweepStateAttribute, "running");
    const agent = agentCommand(id, flags);
    if (flags.json === true)
      printDocument(terminal, {
        sweep: id,
        storage: storage.description,
        sampler: study.definition.sampler.name,
        pruner: study.definition.pruner.name,
        agent,
      });
    else
      printText(
        terminal,
        `Sweep ${id} is there: ${experiment.space.parameters.length} parameters, by ${samplerText(study.definition, experiment.space)}.\n\nRun its trials, here or on other machines that see the database:\n\n  ${agent}`,
      );
    return "ok";
  });
}

function samplerText({ sampler: { name, settings } }: StudyRecord, space: Space): string {
  const explanation = createSampler(name, settings).explain?.(space);
  return explanation === undefined ? name : `${name} (${explanation})`;
}

/** The sweep as its agents read it: what the flags say in the places where the file would have said it. */
function documentWith({ sampler, pruner, seed }: StudyRecord, flags: Input["flags"], document: JsonObject): string {
  const { argmin: block, early_terminate, ...rest } = document;
  const isPrunerSaid = flags.pruner !== undefined || flags.promote === true;
  const said = {
    ...(flags.sampler === undefined ? {} : { sampler }),
    ...(isPrunerSaid ? { pruner: { name: pruner.name, settings: pruner.settings } } : {}),
    ...(flags.seed === undefined ? {} : { seed }),
  };
  const whole = { ...(isJsonObject(block) ? block : {}), ...said };
  return JSON.stringify({
    ...rest,
    ...(isPrunerSaid || early_terminate === undefined ? {} : { early_terminate }),
    ...(flags.trials === undefined ? {} : { run_cap: flags.trials }),
    ...(Object.keys(whole).length === 0 ? {} : { argmin: whole }),
  });
}

function storageOf(own: string | undefined, given: string | undefined): { readonly storage?: string } {
  const storage = given ?? own;
  return storage === undefined ? {} : { storage };
}

async function freeName(name: string, storage: Storage): Promise<string> {
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? name : `${name}-${i}`;
    if ((await storage.findStudy(candidate)) === undefined) return candidate;
  }
}

/** The command that starts an agent, with the places that are not the usual ones. */
function agentCommand(id: string, { storage, out }: Input["flags"]): string {
  const places = [...(storage === undefined ? [] : ["--storage", storage]), ...(out === undefined ? [] : ["--out", out])];
  return ["argmin", "agent", id, ...places]
    .map((part) => (/^[\w./:@=-]+$/.test(part) ? part : `'${part.replaceAll("'", String.raw`'\''`)}'`))
    .join(" ");
}

/** Tells the agents of a sweep what to do; they look within seconds. */
function command(
  word: string | undefined,
  order: keyof typeof orders,
  flags: Input["flags"],
  terminal: Terminal,
): Promise<ExitName> {
  return withStudy<ExitName>(word, flags, terminal, async ({ storage, record }) => {
    const attributes = await storage.studyAttributes(record.id);
    if (attributes[sweepAttribute] === undefined)
      throw new ArgminError("study/mismatch", `The study '${record.name}' is no sweep; Ctrl-C stops 'argmin run'.`);
    const state = orders[order];
    await storage.setStudyAttribute(record.id, sweepStateAttribute, state);
    if (flags.json === true) printDocument(terminal, { sweep: record.name, state });
    else printText(terminal, `Sweep ${record.name} is ${state}: ${meanings[state]}.`);
    return "ok";
  });
}

const meanings: { readonly [S in SweepState]: string } = {
  running: "its agents run trials",
  paused: "what runs is finished, and nothing new begins until --resume",
  stopped: "what runs is finished, and its agents leave",
  cancelled: "what runs is ended, and its agents leave",
};

interface SweepFacts {
  readonly record: StudyRecord;
  /** What its agents are told, or that there is nothing left for them to do. */
  readonly state: SweepState | "finished";
  readonly runCap: number | undefined;
  readonly metric: string;
  readonly counts: Readonly<Record<TrialState, number>>;
  readonly best: number | undefined;
}

async function isAnyToPromote({ name }: StudyRecord, storage: Storage): Promise<boolean> {
  const study = await openStudy({ storage, name });
  try {
    return (await study.nextPromotion()) !== undefined;
  } finally {
    await study.close();
  }
}

async function factsOf(record: StudyRecord, storage: Storage): Promise<SweepFacts | undefined> {
  const attributes = await storage.studyAttributes(record.id);
  if (attributes[sweepAttribute] === undefined) return undefined;
  const trials = await storage.trials(record.id);
  const count = (state: TrialState): number => trials.filter((trial) => trial.state === state).length;
  const counts = {
    complete: count("complete"),
    pruned: count("pruned"),
    paused: count("paused"),
    failed: count("failed"),
    running: count("running"),
    waiting: count("waiting"),
  };
  const best = bestOf(trials, record.direction);
  const told = readSweepState(attributes);
  const sweep = readSweep(attributes, record.name);
  const promotes = counts.paused > 0 && (await isAnyToPromote(record, storage));
  const isDone = told === "running" && isSweepFinished(sweep, record, trials, promotes);
  return {
    record,
    state: isDone ? "finished" : told,
    runCap: sweep.runCap,
    metric: readMetric(attributes[experimentAttribute]),
    counts,
    best: best?.state === "complete" ? best.value : undefined,
  };
}

function listSweeps(flags: Input["flags"], terminal: Terminal): Promise<ExitName> {
  return withExistingStorage(places(flags, terminal).database, terminal.folder, async (storage): Promise<ExitName> => {
    const studies = await storage.listStudies();
    const sweeps: SweepFacts[] = [];
    for (const { study } of studies) {
      try {
        const facts = await factsOf(study, storage);
        if (facts !== undefined) sweeps.push(facts);
      } catch (error) {
        if (!isArgminError(error)) throw error;
        // What cannot be read of one does not hide the others.
        terminal.messages.write(`argmin: The sweep '${study.name}' is left out: ${error.message}\n`);
      }
    }
    if (flags.json === true) printDocument(terminal, { sweeps: sweeps.map(documentOf) });
    else if (sweeps.length === 0) printText(terminal, "There are no sweeps yet; 'argmin sweep FILE' makes one.");
    else {
      const number = (title: string) => ({ title, align: "right" as const });
      const columns = [
        { title: "sweep" },
        { title: "state" },
        number("complete"),
        number("pruned"),
        number("paused"),
        number("failed"),
        number("running"),
        { title: "best" },
      ];
      const rows = sweeps.map(({ record, state, counts, best, metric }) => [
        record.name,
        state,
        String(counts.complete),
        String(counts.pruned),
        String(counts.paused),
        String(counts.failed),
        String(counts.running),
        best === undefined ? "" : `${metric} ${formatNumber(best)}`,
      ]);
      printText(terminal, renderTable(columns, rows));
    }
    return "ok";
  });
}

function showSweep(word: string, flags: Input["flags"], terminal: Terminal): Promise<ExitName> {
  return withStudy<ExitName>(word, flags, terminal, async ({ storage, record }) => {
    const facts = await factsOf(record, storage);
    if (facts === undefined)
      throw new ArgminError("study/mismatch", `The study '${record.name}' is no sweep; 'argmin trials ${record.name}' shows it.`);
    const { counts, state, runCap, metric, best } = facts;
    if (flags.json === true) printDocument(terminal, { ...documentOf(facts), agent: agentCommand(record.name, flags) });
    else
      printText(
        terminal,
        [
          `Sweep ${record.name} is ${state}`,
          renderPairs([
            [
              "trials",
              Object.entries(counts)
                .filter(([, count]) => count > 0)
                .map(([name, count]) => `${count} ${name}`)
                .join(", ") || "none yet",
            ],
            ...(runCap === undefined ? [] : [["run cap", String(runCap)]]),
            ["sampler", record.sampler.name],
            ["pruner", record.pruner.name],
            ...(best === undefined ? [] : [[`best ${metric}`, formatNumber(best)]]),
            ["agent", agentCommand(record.name, flags)],
          ]),
        ].join("\n\n"),
      );
    return "ok";
  });
}

function documentOf({ record, state, runCap, metric, counts, best }: SweepFacts): object {
  const { name, direction } = record;
  return { sweep: name, state, metric, direction, runCap: runCap ?? null, trials: counts, best: best ?? null };
}
