import type { ExitName } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";

/** What was asked of a search with Ctrl-C or by the system. */
export class StopRequests {
  readonly #finish = new AbortController();
  readonly #abort = new AbortController();
  readonly #stopListening: () => void;
  #exit: Extract<ExitName, "interrupted" | "terminated"> | undefined;

  /**
   * @param onFinish - Told of the first Ctrl-C; returns whether anything runs that is worth finishing.
   * @param onForce - Told of a Ctrl-C after everything was asked to end.
   */
  constructor(terminal: Terminal, onFinish: () => boolean, onForce: () => void = () => undefined) {
    this.#stopListening = terminal.onStop((exit) => {
      this.#exit ??= exit;
      if (this.#abort.signal.aborted) onForce();
      const first = !this.#finish.signal.aborted;
      this.#finish.abort();
      if (!first || exit === "terminated" || !onFinish()) this.#abort.abort();
    });
  }

  /** Aborts when nothing new should begin. */
  get finish(): AbortSignal {
    return this.#finish.signal;
  }

  /** Aborts when everything should end at once. */
  get abort(): AbortSignal {
    return this.#abort.signal;
  }

  /** How the process ends because of it; undefined if nobody asked. */
  get exit(): Extract<ExitName, "interrupted" | "terminated"> | undefined {
    return this.#exit;
  }

  close(): void {
    this.#stopListening();
  }
}
