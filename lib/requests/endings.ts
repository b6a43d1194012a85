import type { RequestId } from '../envelope/index.js';
import type { Entry } from './entry.js';
import type { Evidence } from './evidence.js';
import type { Ledger } from './ledger.js';
import type { Announced } from './server-request.js';

export type Predicate = (request: Announced) => boolean;

/** How requests end by what a server says: of one, of a turn, of a thread, or of none any more. */
export interface Endings {
  concludeAll: (threadId: string | null, evidence: Evidence, predicate: Predicate) => void;
  resolved: (requestId: RequestId | null, threadId: string | null, evidence: Evidence) => void;
  turnEnded: (turnId: string, threadId: string | null, evidence: Evidence) => void;
  threadEnded: (threadId: string | null) => void;
  /** What was not seen since a revision, of these requests, is gone. */
  dropUnseen: (revision: number, predicate: Predicate) => void;
}

/** @param isListing Whether a list is on its way that may still have what ends now. */
export function createEndings(
  ledger: Ledger<Entry>,
  conclude: (entry: Entry, evidence: Evidence) => void,
  isListing: () => boolean,
): Endings {
  const concludeAll: Endings['concludeAll'] = (threadId, evidence, predicate) => {
    for (const entry of ledger.ofThread(threadId)) {
      if (predicate(entry.announced)) conclude(entry, evidence);
    }
  };
  return {
    concludeAll,
    resolved(requestId, threadId, evidence) {
      const id = String(requestId);
      if (isListing()) ledger.noteEnd(id, threadId);
      concludeAll(threadId, evidence, (request) => String(request.requestId) === id);
    },
    turnEnded(turnId, threadId, evidence) {
      if (isListing()) ledger.noteEnd(turnId, threadId, 'turn');
      concludeAll(threadId, evidence, (request) => request.turnId === turnId);
    },
    threadEnded(threadId) {
      if (threadId === null) return;
      const evidence: Evidence = { cause: 'thread-ended', answeredBy: 'nobody' };
      concludeAll(threadId, evidence, () => true);
    },
    dropUnseen(revision, predicate) {
      for (const entry of ledger.unseenSince(revision)) {
        if (predicate(entry.announced)) conclude(entry, { cause: 'missed', answeredBy: 'unknown' });
      }
    },
  };
}
