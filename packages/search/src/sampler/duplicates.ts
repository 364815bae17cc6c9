import { ArgminError } from "@argmin/base";
import { createEnumeration } from "../space/enumeration.ts";
import type { Assignment, Space } from "../space/space.ts";

/**
 * What to do when a sampler proposes a configuration that the study has seen already: evaluate it again, ask for another one, or
 * take over the earlier result.
 */
export const duplicatePolicies = ["allow", "avoid", "reuse"] as const;
export type DuplicatePolicy = (typeof duplicatePolicies)[number];

export type ProposalRequest = {
  readonly policy: DuplicatePolicy;
  readonly space: Space;
  /** The sampler's suggestion for this trial after `attempt` were turned down. */
  readonly suggest: (attempt: number) => Assignment;
  /** Whether another trial of the study has the configuration with that hash. */
  readonly seen: (hash: string) => boolean;
  /** How many different configurations the study has seen. */
  readonly seenCount: number;
};

export type Proposal = {
  /** `evaluate` it, or `reuse` the result of the trial that has the same hash. */
  readonly action: "evaluate" | "reuse";
  /** In its effective form. */
  readonly assignment: Assignment;
  readonly hash: string;
  /** How many suggestions were turned down before. */
  readonly attempt: number;
};

/** How often a sampler is asked again before its repeats are taken as its last word. */
export const duplicateAttemptLimit = 100;

/**
 * The next configuration of a study under its policy for repeats. Two configurations are the same if their effective
 * assignments are: differences in inactive parameters or below the step do not count.
 *
 * @remarks A pure function of the request. To avoid repeats the sampler is asked again, up to `duplicateAttemptLimit` times; then a
 *   finite space is walked to the next unseen configuration, while in an infinite one the repeat passes: the sampler has converged.
 * @throws ArgminError `sampler/exhausted` if repeats are to be avoided and every configuration of a finite space has been seen.
 */
export function proposeConfiguration({ policy, space, suggest, seen, seenCount }: ProposalRequest): Proposal {
  const propose = (given: Assignment, attempt: number): Proposal => {
    const assignment = space.effective(given);
    return { action: "evaluate", assignment, hash: space.hash(assignment), attempt };
  };
  let proposal = propose(suggest(0), 0);
  if (policy === "allow" || !seen(proposal.hash)) return proposal;
  if (policy === "reuse") return { ...proposal, action: "reuse" };
  const all = createEnumeration(space.parameters);
  if (all === undefined || all.size > seenCount) {
    for (let attempt = 1; attempt <= duplicateAttemptLimit; attempt++) {
      proposal = propose(suggest(attempt), attempt);
      if (!seen(proposal.hash)) return proposal;
    }
    if (all === undefined) return proposal;
    // Where to begin the walk follows from the repeat itself, so that it is as random as the sampler is.
    const start = BigInt(`0x${proposal.hash}`) % all.size;
    for (let step = 0n; step < all.size; step++) {
      proposal = propose(all.at((start + step) % all.size), duplicateAttemptLimit);
      if (!seen(proposal.hash)) return proposal;
    }
  }
  throw new ArgminError(
    "sampler/exhausted",
    `All ${all.size} configurations of the space have been tried; widen the space or let trials repeat.`,
  );
}
