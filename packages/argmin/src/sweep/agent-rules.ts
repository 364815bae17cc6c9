import type { FinishedTrial } from "@argmin/search";

/** When an agent gives up, in W&B's words and numbers. */
export interface AgentLimits {
  /** So many failures, and no fewer than successes, and the agent is failing. */
  readonly failing: number;
  /** So many failures within the first minute, and the agent is flapping. Absent: it is never called so. */
  readonly flapping?: number;
}

/** The time in which failures count as flapping, in milliseconds. */
const flappingMs = 60_000;

/**
 * By the environment: `ARGMIN_AGENT_MAX_INITIAL_FAILURES` (5) and `ARGMIN_AGENT_DISABLE_FLAPPING`, or W&B's names of the same.
 */
export function agentLimits(environment: Readonly<Record<string, string | undefined>>): AgentLimits {
  const variable = (name: string): string | undefined => environment[`ARGMIN_${name}`] ?? environment[`WANDB_${name}`];
  const failing = Number(variable("AGENT_MAX_INITIAL_FAILURES"));
  const flaps = ["true", "1", "yes"].includes((variable("AGENT_DISABLE_FLAPPING") ?? "").toLowerCase());
  return { failing: Number.isInteger(failing) && failing > 0 ? failing : 5, ...(flaps ? {} : { flapping: 3 }) };
}

/** Counts how an agent's trials end, and says when to give up: what fails again and again fails for a reason that no other parameters mend. */
export class AgentRules {
  readonly #limits: AgentLimits;
  readonly #now: () => number;
  readonly #began: number;
  #failed = 0;
  #others = 0;

  constructor(limits: AgentLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#began = now();
  }

  /** @returns why the agent should give up, if it should. */
  ended(state: FinishedTrial["state"]): string | undefined {
    if (state === "failed") this.#failed += 1;
    else this.#others += 1;
    if (state !== "failed") return undefined;
    const { failing, flapping } = this.#limits;
    if (flapping !== undefined && this.#failed >= flapping && this.#now() - this.#began <= flappingMs)
      return `${this.#failed} trials failed in the first minute; set ARGMIN_AGENT_DISABLE_FLAPPING=true to go on regardless`;
    if (this.#failed >= failing && this.#failed >= this.#others)
      return `${this.#failed} trials failed and ${this.#others} did not; ARGMIN_AGENT_MAX_INITIAL_FAILURES=N allows more`;
    return undefined;
  }
}
