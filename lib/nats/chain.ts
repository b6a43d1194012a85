import type { AppServerPayload, Envelope } from '../envelope/index.js';
import { hash64 } from './hash.js';

/** How many events a link of the chain stands for. Runs of 8 repeat in practice, of 16 do not. */
export const chainLength = 16;

/** An event of the source, and its place in the chain; `null` while fewer events than that came. */
export interface Linked {
  readonly event: Envelope;
  readonly chain: string | null;
  /** About how much it weighs, in UTF-16 units. */
  readonly size: number;
}

/**
 * Where two publishers of one source are is found by comparing the last events that they have seen.
 *
 * @param seed What both must have in common, such as a filter.
 */
export interface Chain {
  add(event: Envelope): Linked;
  /** Events were missed: what came before says nothing of what comes after. */
  reset(): void;
  /** The place of the last event. */
  readonly last: () => string | null;
}

export function createChain(seed: string): Chain {
  let hashes: string[] = [];
  let last: string | null = null;
  return {
    add(event) {
      const text = whatBothSee(event);
      hashes.push(hash64(sampleOf(text)));
      if (hashes.length > chainLength) hashes.shift();
      last = hashes.length < chainLength ? null : hash64(seed + hashes.join());
      return { event, chain: last, size: text.length };
    },
    reset() {
      hashes = [];
      last = null;
    },
    last: () => last,
  };
}

/** What does not depend on the connection: `receivedAt` is this library's where it makes events. */
function whatBothSee({ type, threadId, requestId, payload }: Envelope): string {
  const { method, params } = Object(payload) as Partial<AppServerPayload>;
  const isAppServer = typeof method === 'string' && params !== undefined;
  return JSON.stringify(isAppServer ? [method, requestId, params] : [type, threadId, payload]);
}

/** How much of the beginning and of the end of a long text is hashed, in UTF-16 units. */
const sample = 16_384;

const sampleOf = (text: string): string =>
  text.length <= 2 * sample
    ? text
    : `${text.length} ${text.slice(0, sample)} ${text.slice(-sample)}`;
