import type { FinishedTrial, Study } from "@argmin/search";
import type { Supervisor } from "../execution/search.ts";
import { AgentRules, type AgentLimits } from "./agent-rules.ts";
import { readSweepState, type SweepState } from "./state.ts";

export interface AgentSettings {
  readonly study: Study<unknown>;
  readonly limits: AgentLimits;
  /** How many trials the agent begins at most. */
  readonly count: number | undefined;
  /** How often the sweep's state is looked at, in milliseconds. */
  readonly pollMs: number;
  readonly onLine: (line: string) => void;
}

/** What an agent does for its sweep: it obeys the state that the study keeps, counts its trials, and gives up where they fail again and again. */
export class AgentSupervisor implements Supervisor {
  readonly #settings: AgentSettings;
  readonly #rules: AgentRules;
  readonly #finish = new AbortController();
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #state: SweepState = "running";
  #begun = 0;
  #reason: string | undefined;
  #hasGivenUp = false;

  constructor(settings: AgentSettings) {
    this.#settings = settings;
    this.#rules = new AgentRules(settings.limits);
    this.#timer = setInterval(() => void this.look(), settings.pollMs);
    this.#timer.unref();
  }

  get finish(): AbortSignal {
    return this.#finish.signal;
  }

  get abort(): AbortSignal {
    return this.#abort.signal;
  }

  /** Why the agent has ended its run, if it has. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Whether its trials fail again and again. */
  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  admit(): boolean {
    return this.#state === "running";
  }

  began(): void {
    this.#begun += 1;
    if (this.#begun === this.#settings.count) this.#end("the agent has run as many trials as --count allows");
  }

  ended({ state }: FinishedTrial): void {
    const reason = this.#rules.ended(state);
    if (reason === undefined) return;
    this.#hasGivenUp = true;
    this.#end(reason);
  }

  /** Looks at the state that the study keeps now, and obeys it. A storage that does not answer is asked again. */
  async look(): Promise<void> {
    const { study, onLine } = this.#settings;
    const attributes = await study.attributes().catch(() => undefined);
    if (attributes === undefined) return;
    const state = readSweepState(attributes);
    if (state === this.#state) return;
    const isResumed = this.#state === "paused" && state === "running";
    this.#state = state;
    if (state === "paused")
      onLine("The sweep is paused: what runs is finished, and nothing new begins until 'argmin sweep --resume'.");
    if (isResumed) onLine("The sweep goes on.");
    if (state === "stopped") this.#end("the sweep was stopped");
    if (state === "cancelled") {
      this.#end("the sweep was cancelled");
      this.#abort.abort();
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #end(reason: string): void {
    this.#reason ??= reason;
    this.#finish.abort();
  }
}
