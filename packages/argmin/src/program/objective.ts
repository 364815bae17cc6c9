import type { JsonObject } from "@argmin/base";
import type { ObjectiveResult } from "@argmin/search";
import type { TrialContext } from "../experiment-steps.ts";
import { command as commandShape, type CommandWord } from "../sweep-file/command.ts";
import { nodeOfJson } from "../sweep-file/node.ts";
import { Remarks } from "../sweep-file/problems.ts";
import { usualCommand } from "./command.ts";
import { evaluateProgram, type Program } from "./evaluate-program.ts";

/** A program in any language, and what of it is searched. */
export type ProgramOptions = Pick<Program, "metric" | "direction"> & {
  /** Which of the reported values is the trial's; the best unless given. */
  readonly value?: Program["value"];
} & (
    | {
        /** Its words; `${args}` among them stands for the parameters, `--name=value` each. */
        readonly command: readonly string[];
        /** What `${program}` stands for. */
        readonly program?: string;
      }
    /** A file: Python, JavaScript and shell scripts are run by their interpreters, anything else by itself. */
    | { readonly program: string; readonly command?: undefined }
  );

/**
 * An objective that runs a program in any language: `objective: program({ program: "train.py", metric: "loss", direction: "minimize" })`. How parameters
 * reach the program, and metrics argmin, is told in docs/programs.md.
 *
 * @throws ArgminError `sweep/invalid` for a command with a macro that there is not.
 */
export function program(options: ProgramOptions): (params: JsonObject, trial: TrialContext<unknown>) => Promise<ObjectiveResult> {
  const { metric, direction, value = "best" } = options;
  const command = options.command === undefined ? usualCommand(options.program) : parseCommand(options.command);
  return (params, trial) => evaluateProgram({ metric, direction, value, command, program: options.program }, params, trial);
}

function parseCommand(words: readonly string[]): readonly CommandWord[] {
  const remarks = new Remarks("program");
  const parsed = commandShape.read(nodeOfJson(words), "command", remarks);
  remarks.check();
  return parsed ?? [];
}
