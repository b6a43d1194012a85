import type { Envelope } from '../envelope/index.js';
import type { StreamContext } from '../router/index.js';
import { visibleLine, visibleText } from '../text/index.js';
import { createPaint, type Colour, type Paint } from './paint.js';
import type { Terminal } from './terminal.js';

type Whose = Pick<Envelope, 'threadId' | 'turnId'>;
type When = Pick<StreamContext, 'receivedAt'>;

/** A session as lines of text, with text that streams growing in its place. */
export interface Timeline {
  /** One line about an event: a sign, and what happened. */
  event(whose: Whose, context: When, colour: Colour, sign: string, text: string): void;
  /** A piece of text that grows: pieces of the same `id` continue its line. */
  grow(whose: Whose, context: When, id: string, sign: string, piece: string): void;
  /** A line without an event. */
  note(text: string): void;
  /** Ends the line that grows, if one does. */
  end(): void;
}

const indent = ' '.repeat(26);

/**
 * A timeline whose time begins with its first event.
 *
 * @param columns Longer lines are continued, indented, in the next.
 */
export function createTimeline(
  write: (text: string) => void,
  paint: Paint,
  columns = Infinity,
): Timeline {
  let start: number | null = null;
  let growing: string | null = null;
  /** How long the current line is, and whether a word is complete at its end. */
  let column = 0;
  let isBetween = false;
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

  /** Continues a line with text. Lines are broken only between words. */
  function flow(text: string): string {
    let flowing = '';
    for (const word of text.match(/\n|[^\S\n]*\S+|[^\S\n]+/g) ?? []) {
      const canBreak = isBetween || /^\s/.test(word);
      const breaks = word === '\n' || (canBreak && column + word.length > columns);
      const rest = breaks ? word.trimStart() : word;
      flowing += breaks ? `\n${indent}${rest}` : rest;
      column = rest.length + (breaks ? indent.length : column);
      isBetween = /\s$/.test(word);
    }
    return flowing;
  }

  function head(
    { threadId, turnId }: Whose,
    { receivedAt }: When,
    colour: Colour,
    sign: string,
  ): string {
    start ??= receivedAt;
    column = indent.length;
    const seconds = ((receivedAt - start) / 1_000).toFixed(2).padStart(6);
    const ids = paint('blue', `${endOf(threadId)} ${endOf(turnId)}`);
    return `${paint('dim', `${seconds}s`)}  ${ids}  ${paint(colour, sign)} `;
  }

  return {
    event(event, context, colour, sign, text) {
      line(head(event, context, colour, sign) + flow(visibleText(text)));
    },
    grow(event, context, id, sign, piece) {
      if (growing !== id) {
        end();
        write(head(event, context, 'cyan', sign));
        growing = id;
      }
      const before = visibleText(last);
      const text = last + joiners + piece;
      joiners = /[\u200c\u200d]*$/.exec(text)?.[0] ?? '';
      const known = text.slice(0, text.length - joiners.length);
      last = Array.from(known.slice(-2)).at(-1) ?? '';
      write(flow(visibleText(known).slice(before.length)));
    },
    note: line,
    end,
  };
}

export const timelineOn = ({ out, coloured, columns }: Terminal): Timeline =>
  createTimeline(out, createPaint(coloured), columns);

/** The end of an id, where ids differ: those of Codex begin with the time. */
export const endOf = (id: string | null): string =>
  (id === null ? '·' : visibleLine(id.slice(-6))).padEnd(6);
