import { parseJson, toEnvelope } from '../envelope/index.js';
import type { Interest } from '../router/index.js';
import type { InterestFilter } from '../stream/index.js';
import { createFrameTexts, isAt, mayContain, type Frame } from './frame-texts.js';

/**
 * Whether something besides routes and subscribers needs the frames of a type: all, none, or those
 * for which the function says so, given a search of the frame.
 */
export type Need = boolean | ((mayContain: (text: string) => boolean) => boolean);

/** A type, and what was known of it at a revision of the interest. */
interface Type {
  readonly text: string;
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

const [beforeType, beforeThread] = ['{"type":"', '","threadId":'];

/** How many ids a frame is searched for at most: a search costs about a hundredth of parsing. */
const maxSearched = 4;

/**
 * Drops frames that reach no route, no subscriber and no request, by their first bytes. Sound, and
 * not complete: a frame that begins otherwise than codex-manager writes them is read, and so is one
 * that may be of a wanted turn or request, which only its payload tells. No member may come twice.
 */
export function unroutedFrames(interest: Interest, needOf: (type: string) => Need): InterestFilter {
  const types = createFrameTexts((text): Type => ({
    text,
    need: needOf(text),
    revision: -1,
    wanted: true,
  }));
  const threadIds = createFrameTexts((text): ThreadId => ({
    text,
    revision: -1,
    isNamed: true,
  }));
  let searchedAt = -1;
  let searched: readonly string[] | null = null;
  let dropped: Frame | null = null;

  /** The ids that are wanted, as JSON writes them; `null` if they are too many or not plain. */
  function wantedIds(revision: number): readonly string[] | null {
    if (searchedAt !== revision) {
      searchedAt = revision;
      const ids = [...new Set(interest.threads)];
      // JSON may write the others in more than one way that has no \u in it.
      const areSearchable =
        ids.length <= maxSearched && ids.every((id) => /^[ !#-.0-[\]-~]+$/.test(id));
      searched = areSearchable ? ids.map((id) => `"${id}"`) : null;
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
  function isWantedThere(frame: Frame, { text }: Type, at: number, revision: number): boolean {
    if (isAt(frame, at, 'null')) {
      // It may stand in the payload, where `toEnvelope` looks for it.
      const ids = wantedIds(revision);
      return ids === null || ids.some((id) => mayContain(frame, id)) || mayContain(frame, '\\u');
    }
    const threadId = isAt(frame, at, '"') ? threadIds.find(frame, at + 1) : null;
    if (threadId === null) return true;
    if (threadId.revision !== revision) {
      threadId.revision = revision;
      threadId.isNamed = interest.threads.has(threadId.text);
    }
    return threadId.isNamed && interest.wants(text, threadId.text);
  }

  function test(frame: Frame): boolean {
    if (interest.all || !isAt(frame, 0, beforeType)) return false;
    const type = types.find(frame, beforeType.length);
    if (type === null || type.need === true) return false;
    const { revision } = interest;
    const wanted = wantedOf(type, revision);
    const afterType = beforeType.length + type.text.length;
    if (wanted === true || !isAt(frame, afterType, beforeThread)) return false;
    const at = afterType + beforeThread.length;
    if (wanted === null && isWantedThere(frame, type, at, revision)) return false;
    const { need } = type;
    if (need !== false && need((text) => mayContain(frame, text))) return false;
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
          parseJson(typeof dropped === 'string' ? dropped : new TextDecoder().decode(dropped)),
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
