import { parseFrame, toEnvelope } from '../envelope/index.js';
import type { Interest } from '../router/index.js';
import type { InterestFilter } from '../stream/index.js';
import { ascii, createFrameTexts, isAt, mayHold, type Frame } from './frame-texts.js';

/**
 * Whether something besides routes and subscribers needs the frames of a type: all, none, or those
 * that may hold one of the strings that the function gives.
 */
export type Need = boolean | (() => readonly string[]);

/** A type, and what was known of it at a revision of the interest. */
interface Type {
  readonly text: string;
  /** Where what follows it begins. */
  readonly end: number;
  readonly need: Need;
  revision: number;
  /** In every thread, or in none; `null`: in some. */
  wanted: boolean | null;
}

interface ThreadId {
  readonly text: string;
  revision: number;
  isNamed: boolean;
}

const [beforeType, beforeThread] = [ascii('{"type":"'), ascii('","threadId":')];
const afterType = beforeType.bytes.length;
const [none, beforeId] = [ascii('null'), ascii('"')];

/**
 * Drops frames that reach no route, no subscriber and no request, by their first bytes. Sound, and
 * not complete: a frame that begins otherwise than codex-manager writes them is read, and so is one
 * that may be of a wanted turn or request, which only its payload tells. No member may come twice.
 */
export function unroutedFrames(interest: Interest, needOf: (type: string) => Need): InterestFilter {
  const types = createFrameTexts(({ text, bytes }): Type => ({
    text,
    end: afterType + bytes.length,
    need: needOf(text),
    revision: -1,
    wanted: true,
  }));
  const threadIds = createFrameTexts(({ text }): ThreadId => ({
    text,
    revision: -1,
    isNamed: true,
  }));
  let searchedAt = -1;
  let searched: readonly string[] = [];
  let dropped: Frame | null = null;

  /** The ids that are wanted. */
  function wantedIds(revision: number): readonly string[] {
    if (searchedAt !== revision) {
      searchedAt = revision;
      searched = [...new Set(interest.threads)];
    }
    return searched;
  }

  /** Whether a type is wanted in every thread, or in none; `null`: in some. */
  function wantedOf(type: Type, revision: number): boolean | null {
    if (type.revision !== revision) {
      type.revision = revision;
      const { text } = type;
      type.wanted = interest.wants(text, null) && (interest.wants(text, '') || null);
    }
    return type.wanted;
  }

  /** Whether a type that is wanted in some threads is wanted in the one that stands there. */
  function isWantedThere(frame: Frame, { text, end }: Type, revision: number): boolean {
    const at = end + beforeThread.bytes.length;
    if (isAt(frame, at, none)) {
      // It may stand in the payload, where `toEnvelope` looks for it.
      return mayHold(frame, wantedIds(revision));
    }
    const threadId = isAt(frame, at, beforeId) ? threadIds.find(frame, at + 1) : null;
    if (threadId === null) return true;
    if (threadId.revision !== revision) {
      threadId.revision = revision;
      threadId.isNamed = interest.threads.has(threadId.text);
    }
    return threadId.isNamed && interest.wants(text, threadId.text);
  }

  function test(frame: Frame): boolean {
    if (interest.all || !isAt(frame, 0, beforeType)) return false;
    const type = types.find(frame, afterType);
    if (type === null || type.need === true) return false;
    const { revision } = interest;
    const wanted = wantedOf(type, revision);
    if (wanted === true || !isAt(frame, type.end, beforeThread)) return false;
    if (wanted === null && isWantedThere(frame, type, revision)) return false;
    const { need } = type;
    if (need !== false && mayHold(frame, need())) return false;
    dropped = frame;
    return true;
  }

  return {
    // A thread may stand anywhere.
    length: Infinity,
    isMomentary: true,
    test,
    testBytes: test,
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
