import { Subscription, timer } from 'rxjs';
import type { ConsumerSettings } from './consumer-options.js';
import { isRefusal, takeLease } from './lease.js';
import type { Shared } from './setup.js';
import { sha256 } from './sha256.js';

/** A request that this worker works on, and no other of its group. */
export interface Claim {
  /** Renews it until it is released, and calls `renewed` each time. */
  keep(renewed: () => void): void;
  /** @param isDone Whether no worker of the group has to work on the request any more. */
  release(isDone: boolean): Promise<void>;
}

export interface Claims {
  claim(key: string): Promise<Claim | 'done' | 'taken'>;
}

/**
 * Claims live for a while on the server, and are renewed: no clocks of two machines are compared.
 * What is done is noted apart, for longer.
 */
export function createClaims({ group, ackWait }: ConsumerSettings, shared: () => Shared): Claims {
  const me = globalThis.crypto.randomUUID();
  return {
    async claim(key) {
      const { claims, done } = shared();
      const name = `${group}.${sha256(key)}`;
      const isDone = async () => (await done.get(name))?.operation === 'PUT';
      if (await isDone()) return 'done';
      let revision = await claims.create(name, me).catch((error: unknown) => {
        if (!isRefusal(error)) throw error;
        return 0;
      });
      if (revision === 0) return 'taken';
      if (await isDone()) return 'done';
      let keeping = Subscription.EMPTY;
      return {
        keep(renewed) {
          const pause = Math.min(ackWait, shared().claimTtl) / 3;
          keeping = timer(pause, pause).subscribe(() => {
            renewed();
            claims
              .update(name, me, revision)
              // Perhaps the reply to an earlier renewal was lost, or it has expired meanwhile.
              .catch((error: unknown) => {
                if (keeping.closed) throw error;
                return takeLease({ bucket: claims, key: name, id: me });
              })
              .then(
                (next) => (revision = next),
                () => undefined,
              );
          });
        },
        async release(isDone) {
          keeping.unsubscribe();
          if (isDone) await done.put(name, me);
          await claims.delete(name).catch(() => undefined);
        },
      };
    },
  };
}
