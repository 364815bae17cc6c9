import { sleep } from "@argmin/base";

/** How long to leave a folder alone between two rounds: a second, or longer where a round itself takes long. */
const pause = { leastMs: 1000, share: 20 } as const;

/**
 * Runs a round of work whenever asked, never two at once and not more often than is sensible. A round that fails is
 * not told of at once, since the work is only a mirror: the last round, which is waited for, throws.
 */
export class MirrorSchedule {
  readonly #round: () => Promise<void>;
  #current: Promise<void> | undefined;
  #wanted = false;
  readonly #closing = new AbortController();

  constructor(round: () => Promise<void>) {
    this.#round = round;
  }

  /** Wants a round soon. */
  request(): void {
    this.#wanted = true;
    this.#current ??= this.#work().finally(() => {
      this.#current = undefined;
    });
  }

  /** Waits for a last round. */
  async close(): Promise<void> {
    this.#wanted = false;
    this.#closing.abort();
    await this.#current;
    await this.#round();
  }

  async #work(): Promise<void> {
    while (this.#wanted) {
      this.#wanted = false;
      const began = performance.now();
      await this.#round().catch(() => undefined);
      const took = performance.now() - began;
      await sleep(Math.max(pause.leastMs, took * pause.share), this.#closing.signal).catch(() => undefined);
    }
  }
}
