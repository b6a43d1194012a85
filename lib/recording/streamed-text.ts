import type { Secrets } from './secrets.js';

/** A text that comes in pieces, in each of which a secret may begin or end. */
export interface StreamedText {
  /** Adds a piece. `settle` gets what is left of it, once nothing that follows can change that. */
  push(piece: string, settle: (rest: string) => void): void;
  /** What follows is another text: nothing that begins in this one goes on there. */
  separate(): void;
  /** Settles all pieces, whatever may follow. */
  flush(): void;
}

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly settle: (rest: string) => void;
}

/** What must have come after a piece, in characters: a secret shows by then that it is one. */
const lookahead = 64;

/**
 * A word that goes on is waited for, up to so many characters; what has come is looked at in steps.
 */
const longestWord = 4_096;
const step = 32;

/**
 * What came before is looked at too, in characters; that of a secret which has not ended, up to the
 * limit.
 */
const lookbehind = 256;
const limit = 2 ** 16;

export function createStreamedText(secrets: Secrets): StreamedText {
  let text = '';
  let waiting: Piece[] = [];
  /** Where the secret is that was cut last: its placeholder stands where it begins. */
  let cutAt = -1;
  /** How long the text was when it was looked at. */
  let seen = 0;

  function advance(isLast: boolean): void {
    const found = secrets.find(text);
    const last = found.at(-1);
    // It may go on in the next piece.
    const open = last?.to === text.length ? last.from : text.length;
    const safe = isLast ? text.length : Math.min(open, wordStart(), text.length - lookahead);
    seen = text.length;
    const settled = waiting.filter(({ to }) => to <= safe);
    for (const { from, to, settle } of settled) {
      let rest = '';
      let at = from;
      for (const secret of found) {
        if (secret.to <= from || secret.from >= to) continue;
        rest += text.slice(at, Math.max(at, secret.from));
        if (secret.from !== cutAt) rest += secrets.placeholder(secret);
        cutAt = secret.from;
        at = Math.min(secret.to, to);
      }
      settle(rest + text.slice(at, to));
    }
    waiting = waiting.slice(settled.length);
    const first = Math.min(open, waiting[0]?.from ?? text.length);
    // A secret that reaches into what is needed is needed from its beginning.
    forget(Math.min(first, found.find(({ to }) => to > first)?.from ?? first));
  }

  /** Where the last word begins, if it goes on. */
  function wordStart(): number {
    let at = text.length;
    while (at > 0 && text.length - at < longestWord && !/\s/.test(text.charAt(at - 1))) at--;
    const mayBeDrawn = text.length - at < longestWord && /\d/.test(text.slice(at));
    return mayBeDrawn ? at : text.length;
  }

  function forget(needed: number): void {
    const by = Math.max(0, needed - lookbehind, text.length - limit);
    if (by === 0) return;
    text = text.slice(by);
    seen -= by;
    cutAt -= by;
    waiting = waiting.map(({ from, to, settle }) => ({ from: from - by, to: to - by, settle }));
  }

  return {
    push(piece, settle) {
      const from = text.length;
      text += piece;
      waiting.push({ from, to: text.length, settle });
      const [first] = waiting;
      const mayBeSafe = first !== undefined && first.to <= text.length - lookahead;
      if (mayBeSafe && text.length >= seen + step) advance(false);
    },
    separate() {
      text += '\n';
    },
    flush() {
      advance(true);
    },
  };
}
