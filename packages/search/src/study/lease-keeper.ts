import { renewalIntervalMs } from "../storage/lease.ts";
import type { Lease, Storage } from "../storage/storage.ts";

/** Renews the leases of the trials that this process works on, for as long as there are any. */
export class LeaseKeeper {
  readonly #storage: Storage;
  readonly #leaseMs: number;
  readonly #onLost: (lease: Lease) => void;
  readonly #leases = new Map<number, Lease>();
  #timer: NodeJS.Timeout | undefined;
  #renewing = false;

  /** @param onLost - Told once of each lease that can no longer be renewed. */
  constructor(storage: Storage, leaseMs: number, onLost: (lease: Lease) => void) {
    this.#storage = storage;
    this.#leaseMs = leaseMs;
    this.#onLost = onLost;
  }

  keep(lease: Lease): void {
    this.#leases.set(lease.number, lease);
    this.#timer ??= setInterval(() => void this.renew(), renewalIntervalMs(this.#leaseMs)).unref();
  }

  drop(number: number): void {
    this.#leases.delete(number);
    if (this.#leases.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Renews all leases now. */
  async renew(): Promise<void> {
    if (this.#renewing) return;
    this.#renewing = true;
    try {
      for (const lost of await this.#storage.renew([...this.#leases.values()], this.#leaseMs)) {
        // It may have been dropped, or even taken again, while the storage was at work.
        if (this.#leases.get(lost.number)?.token !== lost.token) continue;
        this.drop(lost.number);
        this.#onLost(lost);
      }
    } catch {
      // The next renewal comes before the lease runs out; a storage that stays broken is met when the trial ends.
    } finally {
      this.#renewing = false;
    }
  }
}
