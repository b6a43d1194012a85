import { Refusal } from './guard.js';
import { ok, type Reply } from './http.js';
import { readPosition, type Log } from './log.js';
import { numberedFrame } from './wire.js';

/** How much one reply holds at most, in bytes: what follows is asked for next. */
const pageBytes = 4 * 2 ** 20;

/** How many entries are read at once. */
const batch = 256;

/**
 * The logged events of a thread after a position, up to now: for a thread that is opened in
 * mid-turn. `complete` is whether the log still has all of them; `next`, if there are more, the
 * number after which they follow.
 */
export async function readThreadEvents(log: Log, threadId: string, query: string): Promise<Reply> {
  const { epoch, last } = log;
  const asked = readPosition(new URLSearchParams(query).get('after') ?? '');
  if (asked === null) {
    throw new Refusal(400, 'invalid_request', '"after" must be <epoch>:<seq>');
  }
  const isOfLog = asked.epoch === epoch && asked.seq <= last;
  const first = Math.max(asked.seq + 1, log.first);
  const complete = isOfLog && first === asked.seq + 1;
  const data: string[] = [];
  let bytes = 0;
  let at = isOfLog ? first : last + 1;
  while (at <= last && bytes < pageBytes) {
    const entries = await log.read(at, Math.min(batch, last - at + 1));
    if (entries.length === 0) break;
    for (const entry of entries) {
      at = entry.seq + 1;
      if (entry.threadId !== threadId || entry.frame.byteLength === 0) continue;
      data.push(numberedFrame(entry).toString());
      bytes += entry.frame.byteLength;
      if (bytes >= pageBytes) break;
    }
  }
  const facts = { epoch, seq: last, complete, next: at <= last ? at - 1 : null };
  return ok(`${JSON.stringify(facts).slice(0, -1)},"data":[${data.join(',')}]}`);
}
