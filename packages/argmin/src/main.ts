import { ArgminError } from "@argmin/base";
import { runCommandLine, tellError } from "./command-line.ts";
import { processTerminal } from "./terminal.ts";

let settled = false;

// A reader that has seen enough (`argmin trials | head`) closes the pipe: that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  settled = true;
  process.exit(0);
});
// Nobody reads the messages any more; the work is worth finishing all the same.
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const args = process.argv.slice(2);
const terminal = processTerminal();

// A user's file is the only code here that may end the process, or keep it waiting with nothing left to wait for.
process.on("exit", () => {
  if (settled) return;
  const problem = "The experiment's file ended the process, or waits for something that never comes, while it was loaded";
  const error = new ArgminError("experiment/invalid", `${problem}; what takes time belongs into prepare, and nothing may exit.`);
  process.exitCode = tellError(error, args, terminal);
});

// A file that is loaded may also leave something behind that throws later.
process.on("uncaughtException", (error) => {
  settled = true;
  process.exit(tellError(error, args, terminal));
});

const code = await runCommandLine(args, terminal);
settled = true;
await terminal.flushed();
// What a user's file has left open (a timer, a connection) is not waited for.
process.exit(code);
