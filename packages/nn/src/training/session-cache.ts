import type { Session } from "../runtime/session.ts";

/** A session and how it is used. */
export interface Compiled<T> {
  readonly session: Pick<Session, "dispose">;
  readonly use: T;
}

/** Sessions by key: the few used last are kept, those before them freed. */
export class SessionCache<T> {
  readonly #capacity: number;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Promise<Compiled<T>>>();

  /** @param capacity - More than are in use at a time: only what was asked for last is sure to be there. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** What was compiled under this key, or is now. A failed compilation is not kept. */
  async get(key: string, compile: () => Promise<Compiled<T>>): Promise<T> {
    let entry = this.#entries.get(key);
    this.#entries.delete(key);
    for (const oldest of [...this.#entries.keys()].slice(0, Math.max(0, this.#entries.size + 1 - this.#capacity))) {
      await this.#free(oldest);
    }
    entry ??= compile();
    this.#entries.set(key, entry);
    try {
      return (await entry).use;
    } catch (error) {
      this.#entries.delete(key);
      throw error;
    }
  }

  /** Frees all sessions, those being compiled too. */
  async dispose(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((key) => this.#free(key)));
  }

  async #free(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    // Whoever asked for what failed to compile knows.
    const compiled = await entry?.catch(() => undefined);
    await compiled?.session.dispose();
  }
}
