import { describe, expect, test } from '@jest/globals';
import { ofAppServer, ofAppServerRequest, parseEnvelope, type Envelope } from 'codex-rx';
import { alphabet } from 'codex-rx/testing';

const letters = Object.entries(alphabet) as [keyof typeof alphabet, Envelope][];

describe('the alphabet', () => {
  test('has letters for a turn, and for what the agent asks', () => {
    const methods = letters.map(([letter, { payload }]) => [
      letter,
      (payload as { readonly method: string }).method,
    ]);
    expect(Object.fromEntries(methods.filter(([letter]) => /[a-z]/.test(letter ?? '')))).toEqual({
      n: 'thread/started',
      t: 'turn/started',
      i: 'item/started',
      d: 'item/agentMessage/delta',
      o: 'item/completed',
      p: 'turn/plan/updated',
      r: 'item/commandExecution/requestApproval',
      q: 'item/tool/requestUserInput',
      k: 'item/tool/call',
      s: 'serverRequest/resolved',
      e: 'error',
      c: 'turn/completed',
      f: 'turn/completed',
      h: 'turn/completed',
    });
  });

  test.each(letters.filter(([letter]) => /[a-z]/.test(letter)))(
    'has %s as a capital, the same of another thread',
    (letter, event) => {
      const capital = alphabet[letter.toUpperCase() as keyof typeof alphabet];
      expect(capital.type).toBe(event.type);
      expect(event).toMatchObject({ threadId: 'thread-1' });
      expect(capital).toMatchObject({ threadId: 'thread-2' });
      const other = JSON.stringify(event).replaceAll(/(thread|turn|item)-1/g, '$1-2');
      const ids = (text: string) => text.match(/(thread|turn|item)-\d/g);
      expect(ids(JSON.stringify(capital))).toEqual(ids(other));
    },
  );

  test('has events that differ, all of them, and are what a stream would bring', () => {
    expect(new Set(letters.map(([, event]) => JSON.stringify(event))).size).toBe(letters.length);
    for (const [, event] of letters) expect(parseEnvelope(JSON.stringify(event))).toEqual(event);
  });

  test('has requests each of which is one of its own', () => {
    const requests = letters.map(([, event]) => event).filter(ofAppServerRequest().test);
    expect(requests).toHaveLength(6);
    expect(new Set(requests.map(({ requestId }) => requestId)).size).toBe(6);
    expect(alphabet.s.requestId).toBe(alphabet.r.requestId);
    expect(alphabet.S.requestId).toBe(alphabet.R.requestId);
  });

  test('says how a turn has ended', () => {
    const status = [alphabet.c, alphabet.f, alphabet.h].map((event) => {
      expect(ofAppServer('turn/completed').test(event)).toBe(true);
      return event.payload.params.turn.status;
    });
    expect(status).toEqual(['completed', 'failed', 'interrupted']);
    expect(alphabet.f.payload.params.turn.error).toEqual(alphabet.e.payload.params.error);
  });
});
