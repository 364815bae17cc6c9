/** What a command may touch of the world around the process: tests give their own. */
export interface Terminal {
  /** The folder that relative paths start from. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Node's flags for further processes of this program. */
  readonly nodeFlags: readonly string[];
  /** Standard output: results, and with `--json` one document. */
  print(text: string): void;
  readonly messages: MessageStream;
  /** Asks a person for a line; undefined if nobody is there to answer. */
  ask(question: string): Promise<string | undefined>;
  /**
   * Calls `handler` at each request to stop, until the returned function is called.
   *
   * @param handler - Given what the process ends with if it obeys.
   */
  onStop(handler: (exit: "interrupted" | "terminated") => void): () => void;
}

/** The terminal of a process, which is to end only when all is written. */
export interface ProcessTerminal extends Terminal {
  flushed(): Promise<void>;
}

/** Standard error: progress, messages and errors. */
export interface MessageStream {
  write(text: string): void;
  /** Whether lines can be redrawn in place. */
  readonly live: boolean;
  /** Whether colours may be used. */
  readonly coloured: boolean;
  /** Characters in a line. */
  columns(): number;
}

/**
 * The terminal of this process. From here on whatever else writes to standard output, such as a user's file that is loaded,
 * writes to standard error: the document that `--json` promises stays alone.
 *
 * @remarks Standard error is redrawn in place only on a terminal that can (`TERM` is not `dumb`) and that a person watches (`CI` is not set);
 *   `NO_COLOR` keeps it in place but without colours.
 */
export function processTerminal(): ProcessTerminal {
  const { env, stderr, stdout, stdin } = process;
  const live = stderr.isTTY && env["TERM"] !== "dumb" && !isSet(env["CI"]);
  const print = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  return {
    folder: process.cwd(),
    environment: env,
    nodeFlags: process.execArgv.filter((flag) => !flag.startsWith("--inspect")),
    print: (text) => void print(text),
    flushed: async () => {
      await new Promise((settle) => print("", settle));
      await new Promise((settle) => stderr.write("", settle));
    },
    messages: {
      write: (text) => void stderr.write(text),
      live,
      coloured: live && !isSet(env["NO_COLOR"]),
      columns: () => (stderr.isTTY && stderr.columns > 0 ? stderr.columns : 100),
    },
    ask: async (question) => {
      if (!stdin.isTTY || !stderr.isTTY) return undefined;
      const { createInterface } = await import("node:readline/promises");
      const reader = createInterface({ input: stdin, output: stderr });
      try {
        return await reader.question(question);
      } finally {
        reader.close();
      }
    },
    onStop: (handler) => {
      const interrupt = (): void => handler("interrupted");
      const terminate = (): void => handler("terminated");
      process.on("SIGINT", interrupt).on("SIGTERM", terminate).on("SIGHUP", terminate);
      return () => void process.off("SIGINT", interrupt).off("SIGTERM", terminate).off("SIGHUP", terminate);
    },
  };
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "" && variable !== "0" && variable !== "false";
}
