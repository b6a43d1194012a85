import { frameBytes } from '#websocket';
import { parseFrame, toEnvelope } from '../envelope/index.js';
import type { Interest } from '../router/index.js';
import { frameStrings, isPlain, type FrameReader } from '../socket/index.js';
import type { InterestFilter } from '../stream/index.js';

/**
 * Whether something besides routes and subscribers needs the frames of a type: all, none, those
 * that may hold one of these strings, or those of a thread for which the function says so.
 */
export type Need = boolean | readonly string[] | ((threadId: string) => boolean);

/** A type, and what was known of it at a revision of the interest. */
interface Type<Frame> {
  readonly text: string;
  /** Where what follows it begins. */
  readonly end: number;
  /** What needs it: of all, of these threads, and of these frames. */
  readonly isNeeded: boolean;
  readonly isNeededIn: ((threadId: string) => boolean) | null;
  readonly isNeededFor: ((frame: Frame) => boolean) | null;
  revision: number;
  /** In every thread, or in none; `null`: in some. */
  wanted: boolean | null;
}

interface ThreadId {
  readonly text: string;
  revision: number;
  isNamed: boolean;
}

const beforeType = '{"type":"';
const beforeThread = '","threadId":';

/** How many texts a frame is searched for at most: a search costs a fiftieth of parsing. */
const maxSearched = 4;

/** Written the same in all JSON, unless as `\\u`. */
const isSearchable = (text: string): boolean => isPlain(text) && !text.includes('/');

/**
 * Drops frames that reach no route, no subscriber and no request, by their first bytes. Sound, and
 * not complete: a frame that begins otherwise than codex-manager writes them is read, and so is one
 * that may be of a wanted turn or request, which only its payload tells. No member may come twice.
 */
export function unroutedFrames(interest: Interest, needOf: (type: string) => Need): InterestFilter {
  let dropped: Uint8Array | string | null = null;

  /** Whether a type is wanted in every thread, or in none; `null`: in some. */
  function wantedOf(type: Type<never>, revision: number): boolean | null {
    if (type.revision !== revision) {
      type.revision = revision;
      const { text } = type;
      type.wanted = interest.wants(text, null) && (interest.wants(text, '') || null);
    }
    return type.wanted;
  }

  /** Whether a type that is wanted in some threads is wanted in this one. */
  function isWantedIn(threadId: ThreadId, text: string, revision: number): boolean {
    if (threadId.revision !== revision) {
      threadId.revision = revision;
      threadId.isNamed = interest.threads.has(threadId.text);
    }
    return threadId.isNamed && interest.wants(text, threadId.text);
  }

  function testOf<Frame extends Uint8Array | string>(
    read: FrameReader<Frame>,
  ): (frame: Frame) => boolean {
    const [isType, isThread, isNull, isId] = [beforeType, beforeThread, 'null', '"'].map(
      read.standing,
    ) as [Standing, Standing, Standing, Standing];
    type Standing = ReturnType<typeof read.standing>;
    const typeAt = read.found((text): Type<Frame> => {
      const need = needOf(text);
      return {
        text,
        end: beforeType.length + text.length,
        isNeeded: need === true,
        isNeededIn: typeof need === 'function' ? need : null,
        isNeededFor: typeof need === 'object' ? read.holding(quoted(need)) : null,
        revision: -1,
        wanted: true,
      };
    });
    const threadAt = read.found((text): ThreadId => ({ text, revision: -1, isNamed: true }));
    let searchedAt = -1;
    let namesWanted: (frame: Frame) => boolean = () => true;

    /** Whether a thread that is wanted may be named in a frame. */
    function mayName(frame: Frame, revision: number): boolean {
      if (searchedAt !== revision) {
        searchedAt = revision;
        const ids = [...new Set(interest.threads)];
        const isSearched = ids.length <= maxSearched && ids.every(isSearchable);
        namesWanted = isSearched ? read.holding(quoted(ids)) : () => true;
      }
      return namesWanted(frame);
    }

    /** Whether a frame may be of a thread in which its type is wanted or needed. */
    function isOfThread(
      frame: Frame,
      start: number,
      { text, end, wanted, isNeededIn }: Type<Frame>,
      revision: number,
    ): boolean {
      const at = end + beforeThread.length;
      if (isNull(frame, start, at)) {
        // It may stand in the payload, where `toEnvelope` looks for it.
        return isNeededIn !== null || mayName(frame, revision);
      }
      const threadId = isId(frame, start, at) ? threadAt(frame, start, at + 1) : null;
      if (threadId === null) return true;
      if (wanted === null && isWantedIn(threadId, text, revision)) return true;
      return isNeededIn?.(threadId.text) === true;
    }

    return (frame) => {
      const start = read.startOf(frame);
      if (!isType(frame, start, 0)) return false;
      const type = typeAt(frame, start, beforeType.length);
      if (type === null || type.isNeeded) return false;
      const { revision } = interest;
      const wanted = wantedOf(type, revision);
      if (wanted === true || !isThread(frame, start, type.end)) return false;
      const isByThread = wanted === null || type.isNeededIn !== null;
      if (isByThread && isOfThread(frame, start, type, revision)) return false;
      // All is wanted for a moment, or for long.
      if (type.isNeededFor?.(frame) === true || interest.all) return false;
      dropped = frame;
      return true;
    };
  }

  return {
    // A thread may stand anywhere.
    length: Infinity,
    isMomentary: true,
    test: testOf(frameStrings),
    ...(frameBytes && { testBytes: testOf(frameBytes) }),
    lastDropped() {
      if (dropped === null) return null;
      try {
        return toEnvelope(
          parseFrame(typeof dropped === 'string' ? dropped : new TextDecoder().decode(dropped)),
        );
      } catch {
        return null;
      }
    },
    eventRead() {
      dropped = null;
    },
  };
}

const quoted = (texts: readonly string[]): readonly string[] => texts.map((text) => `"${text}"`);
