import { AsyncSubject } from 'rxjs';
import { now } from '../async/index.js';
import { createBoundedMap } from '../bounded/index.js';
import type { Envelope } from '../envelope/index.js';
import type { ConnectionControl, Recovery } from '../stream/index.js';
import type { GapMarker, RecoveredMarker } from './appender.js';
import { gapType, recoveredType } from './message.js';

/** The gaps that are stored among the events, once each: every partition has a marker of each. */
export interface LogGaps {
  opened(control: ConnectionControl): void;
  /** Whether it is a marker, and no event of the source. */
  read(event: Envelope): boolean;
  /** Events are missing that the server has removed. */
  overtaken(): void;
  close(): void;
}

export function createLogGaps(): LogGaps {
  const recoveries = createBoundedMap<number, AsyncSubject<Recovery>>(100);
  let control: ConnectionControl | null = null;

  function announce({ gap, since, duration }: GapMarker): void {
    if (recoveries.has(gap)) return;
    const recovery = new AsyncSubject<Recovery>();
    recoveries.set(gap, recovery);
    control?.gap(since, duration, recovery.asObservable());
  }

  function settle(gap: number, recovery: Recovery): void {
    const subject = recoveries.get(gap);
    subject?.next(recovery);
    subject?.complete();
  }

  return {
    opened(opened) {
      control = opened;
    },
    read({ type, payload }) {
      if (type === gapType) {
        const marker = payload as GapMarker;
        announce(marker);
        // Nothing is known of what no publisher has heard, or could store.
        if (marker.reason !== 'source') settle(marker.gap, unknown(null));
      } else if (type === recoveredType) {
        const { gap, error, ...rest } = payload as RecoveredMarker;
        settle(gap, { ...rest, error: error === null ? null : new Error(error) });
      } else return false;
      return true;
    },
    overtaken() {
      const recovery = new AsyncSubject<Recovery>();
      recovery.next(unknown(new Error('The events were removed before the group has got them.')));
      recovery.complete();
      control?.gap(now(), 0, recovery.asObservable());
    },
    close() {
      for (const [, recovery] of recoveries) recovery.complete();
    },
  };
}

const unknown = (error: Error | null): Recovery => ({ recovered: [], complete: false, error });
