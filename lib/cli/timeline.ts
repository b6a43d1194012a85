import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from '../router/index.js';
import { visibleLine, visibleText } from '../text/index.js';
import type { Colour, Paint } from './paint.js';

/** A session as lines of text, with text that streams growing in its place. */
export interface Timeline {
  /** One line about an event: a mark, and what happened. */
  event(event: Envelope, context: StreamContext, colour: Colour, mark: string, text: string): void;
  /** A piece of text that grows: what belongs to `id` continues its line. */
  grow(event: Envelope, context: StreamContext, id: string, mark: string, piece: string): void;
  /** A line that is about no event. */
  note(text: string): void;
  /** Ends the line that grows, if one does. */
  end(): void;
}

const indent = ' '.repeat(26);

/** A timeline whose time begins with its first event. */
export function createTimeline(write: (text: string) => void, paint: Paint): Timeline {
  let start: number | null = null;
  let growing: string | null = null;
  /** The text that grows: its last character, and joiners whose right side is still to come. */
  let last = '';
  let joiners = '';

  function end(): void {
    if (growing !== null) write(`${visibleText(joiners)}\n`);
    growing = null;
    last = joiners = '';
  }

  function line(text: string): void {
    end();
    write(`${text}\n`);
  }

  const head = ({ threadId, turnId }: Envelope, { receivedAt }: StreamContext): string => {
    start ??= receivedAt;
    const seconds = ((receivedAt - start) / 1_000).toFixed(2).padStart(6);
    const ids = `${tail(threadId)} ${tail(turnId)}`;
    return `${paint('dim', `${seconds}s`)}  ${paint('blue', ids)}  `;
  };

  return {
    event(event, context, colour, mark, text) {
      const [first = '', ...rest] = visibleText(text).split('\n');
      line(`${head(event, context)}${paint(colour, mark)} ${first}`);
      for (const more of rest) line(`${indent}${more}`);
    },
    grow(event, context, id, mark, piece) {
      if (growing !== id) {
        end();
        write(`${head(event, context)}${paint('cyan', mark)} `);
        growing = id;
      }
      const before = visibleText(last);
      const text = last + joiners + piece;
      joiners = /[\u200c\u200d]*$/.exec(text)?.[0] ?? '';
      const known = text.slice(0, text.length - joiners.length);
      last = Array.from(known.slice(-2)).at(-1) ?? '';
      write(visibleText(known).slice(before.length).replaceAll('\n', `\n${indent}`));
    },
    note: line,
    end,
  };
}

/** The end of an id, where ids differ: those of Codex begin with the time. */
const tail = (id: string | null): string =>
  (id === null ? '·' : visibleLine(id.slice(-6))).padEnd(6);
