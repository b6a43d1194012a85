import {
  asapScheduler,
  filter,
  map,
  observeOn,
  startWith,
  Subject,
  take,
  type Observable,
} from 'rxjs';
import type { Recovery } from '../requests/index.js';
import type { GapReplay } from '../stream/index.js';

/** What a gateway says of itself in `ready`. */
export interface GatewayGreeting {
  readonly epoch: string;
  /** The newest number of its log. */
  readonly seq: number;
  /** Whether this client may answer. */
  readonly answers: boolean;
  /** What it replays of what follows the position that the client has named. */
  readonly replay: {
    readonly complete: boolean;
    readonly reason: GapReplay['reason'];
    /** The first number that is replayed; `null`: none is. */
    readonly from: number | null;
  } | null;
}

/** How far a gateway's log was read. */
export interface Position {
  /** What the next connection asks with: numbers, or what follows the last one. */
  after(): string;
  /** A connection is ready: of a gateway, or of a server without numbers. */
  begin(gateway: GatewayGreeting | null): void;
  readonly gateway: GatewayGreeting | null;
  /** Whether a number is read for the first time. Any frame without one is new. */
  advance(seq: unknown): boolean;
  /** The number that was read last; `undefined` for a frame without one. */
  readonly context: () => { readonly seq: number } | null;
  /** What is replayed of the gap that ends now. */
  readonly replay: () => GapReplay | null;
  /** Whether it is known what the source of the gateway missed. */
  isWhole: boolean;
  /** Emits when everything was read that the gateway had when the connection began. */
  replayed(events: number): Observable<Recovery>;
}

export function createPosition(): Position {
  let gateway: GatewayGreeting | null = null;
  let last = 0;
  let current: number | undefined;
  let replay: GapReplay | null = null;
  const moved = new Subject<void>();
  const position: Position = {
    isWhole: true,
    after: () => (gateway ? `${gateway.epoch}:${last}` : ''),
    get gateway() {
      return gateway;
    },
    begin(next) {
      gateway = next;
      replay = null;
      if (!next) return;
      const { seq, replay: replayed } = next;
      const from = replayed?.from ?? seq + 1;
      last = from - 1;
      const { isWhole } = position;
      replay = replayed && {
        events: seq - last,
        complete: replayed.complete && isWhole,
        reason: isWhole ? replayed.reason : 'source',
      };
      position.isWhole = true;
    },
    advance(seq) {
      current = undefined;
      if (!gateway || typeof seq !== 'number') return true;
      if (seq <= last) return false;
      last = current = seq;
      if (moved.observed) moved.next();
      return true;
    },
    context: () => (current === undefined ? null : { seq: current }),
    replay: () => replay,
    replayed: (replayed) => {
      const target = gateway?.seq ?? 0;
      return moved.pipe(
        startWith(0),
        filter(() => last >= target),
        take(1),
        // After the event that was read just now.
        observeOn(asapScheduler),
        map(() => ({ recovered: [], complete: true, error: null, restarted: false, replayed })),
      );
    },
  };
  return position;
}
