import { forThread, ofPrefix, ofType, type Envelope, type Matcher } from 'codex-rx';

/**
 * The test of a filter: words between blanks, each a type or a method (`item/started`), one with a
 * `*` at its end for all that begin so, or `thread:<id>`. An event has to pass all of `thread:`, and
 * one of the others.
 */
export function testOf(filter: string): (event: Envelope) => boolean {
  const words = filter.split(/\s+/).filter((word) => word !== '');
  const threads = words
    .filter((word) => word.startsWith('thread:'))
    .map((word) => forThread(word.slice(7)));
  const kinds = words.filter((word) => !word.startsWith('thread:')).flatMap(matchersOf);
  return (event) =>
    threads.every(({ test }) => test(event)) &&
    (kinds.length === 0 || kinds.some(({ test }) => test(event)));
}

function matchersOf(word: string): readonly Matcher[] {
  const names = spellings(word.replace(/\*$/, ''));
  return word.endsWith('*') ? [ofPrefix(...names)] : [ofType(...names)];
}

/** A method as on the wire stands for its event type, of a notification or a request. */
function spellings(word: string): [string, ...string[]] {
  if (/^app_server\b/.test(word) || !/[/.]/.test(word)) return [word];
  const name = word
    .replaceAll('/', '.')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
  return [`app_server.${name}`, `app_server.request.${name}`];
}
