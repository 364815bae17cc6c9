import { assertNever } from "@argmin/base";
import { Paused, Pruned, type Verdict } from "@argmin/search";

/** What a pruner in another process says to the reports of one task. */
export class Verdicts {
  readonly #judged: boolean;
  readonly #waiting = new Map<number, { readonly settle: () => void; readonly refuse: (pruned: Pruned) => void }>();
  #reports = 0;
  #hopeless: Pruned | undefined;

  /** @param judged - Whether there will be verdicts at all. */
  constructor(judged: boolean) {
    this.#judged = judged;
  }

  /** @throws Pruned if a verdict has come that nobody waited for. */
  ensureHope(): void {
    if (this.#hopeless !== undefined) throw this.#hopeless;
  }

  /** The number of a new report, and the promise of what is said to it. */
  await(): { readonly report: number; readonly verdict: Promise<void> } {
    this.#reports += 1;
    const report = this.#reports;
    if (!this.#judged) return { report, verdict: Promise.resolve() };
    const verdict = new Promise<void>((settle, refuse) => this.#waiting.set(report, { settle, refuse }));
    // Who does not wait meets it at the next report.
    verdict.catch(() => undefined);
    return { report, verdict };
  }

  settle(report: number, verdict: Verdict): void {
    const waiting = this.#waiting.get(report);
    this.#waiting.delete(report);
    const stop = stopOf(verdict);
    if (stop === undefined) return waiting?.settle();
    this.#hopeless ??= stop;
    waiting?.refuse(this.#hopeless);
  }
}

/** What an objective meets by a verdict, if it is to stop. */
function stopOf(verdict: Verdict): Pruned | undefined {
  switch (verdict.kind) {
    case "continue":
      return undefined;
    case "prune":
      return new Pruned(verdict.reason);
    case "pause":
      return new Paused(verdict.reason);
    default:
      return assertNever(verdict);
  }
}
