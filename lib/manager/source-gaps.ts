import { of, Subject, take, type Observable } from 'rxjs';
import { EnvelopeError, type Envelope, type EnvelopeFault } from '../envelope/index.js';
import type { Recovery } from '../requests/index.js';
import type { ConnectionControl, Gap, GapReplay } from '../stream/index.js';
import type { Position } from './position.js';

/** What happened to the source of a gateway, which its connection outlives. */
export interface SourceGaps {
  /** Reads a frame of the gateway's own: whether it is one. */
  read(event: Envelope, control: ConnectionControl): boolean;
  /** Emits when it is known what became of the source of this gap; at once for any other gap. */
  ended(gap: Gap): Observable<Pick<Recovery, 'restarted'>>;
}

interface Payload {
  readonly since: number;
  readonly duration: number;
  readonly restarted?: boolean | null;
  readonly reason: EnvelopeFault;
  readonly bytes: number;
}

const away: GapReplay = { events: 0, complete: false, reason: 'source' };

export function createSourceGaps(position: Position): SourceGaps {
  const recoveries = new Subject<Pick<Recovery, 'restarted'>>();
  return {
    read({ type, payload }, control) {
      const { since, duration, restarted = null, reason, bytes } = Object(payload) as Payload;
      switch (type) {
        case 'gateway.gap':
          position.isWhole = false;
          control.gap({ since, duration, replay: away });
          break;
        case 'gateway.recovered':
          position.isWhole = true;
          recoveries.next({ restarted });
          break;
        case 'gateway.malformed':
          control.malformed(new EnvelopeError(reason, ''), bytes);
          break;
        default:
          return type.startsWith('gateway.');
      }
      return true;
    },
    ended: ({ replay }) =>
      replay === away && !position.isWhole ? recoveries.pipe(take(1)) : of({}),
  };
}
