import { runCommandLine } from "../dist/command-line.js";
import type { Terminal } from "../src/terminal.ts";
import type { Asked } from "./command.ts";

/** Runs command lines one by one as they are asked for by a test, so that not every one of them waits for a process to start. */
let last: Promise<void> = Promise.resolve();

process.on("message", (asked: Asked) => {
  last = last.then(() => serve(asked));
});

async function serve({ args, folder }: Asked): Promise<void> {
  let stdout = "";
  let stderr = "";
  const terminal: Terminal = {
    folder,
    environment: {},
    nodeFlags: [],
    print: (text) => {
      stdout += text;
    },
    messages: {
      write: (text) => {
        stderr += text;
      },
      live: false,
      coloured: false,
      columns: () => 100,
    },
    ask: async () => undefined,
    onStop: () => () => undefined,
  };
  const code = await runCommandLine(args, terminal);
  process.send?.({ code, stdout, stderr });
}
