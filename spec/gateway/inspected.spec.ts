import { afterEach, describe, expect, test } from '@jest/globals';
import { connectManager, HandlerError, ofType } from 'codex-rx';
import { Subscription } from 'rxjs';
import { inspectedRoutes } from '../../lib/gateway/inspected.js';

const lifetime = new Subscription();
afterEach(() => {
  lifetime.unsubscribe();
});

describe('what the page of the inspector asks besides', () => {
  test('the errors of handlers, which are written to the log as well', () => {
    const stream = connectManager({ url: 'ws://127.0.0.1:9' });
    const written: unknown[] = [];
    const log = {
      warn: () => undefined,
      error: (_message: string, error: unknown) => written.push(error),
    };
    const routes = inspectedRoutes(stream, null, lifetime, log);
    stream.on(
      ofType('a'),
      () => {
        throw new Error('no');
      },
      { name: 'broken' },
    );
    for (let time = 0; time < 150; time++) {
      stream.router.dispatch({
        type: 'a',
        threadId: null,
        turnId: null,
        requestId: null,
        payload: null,
      });
    }

    const { count, messages } = routes.read().handlerErrors;
    expect(count).toBe(150);
    expect(messages).toHaveLength(100);
    expect(messages[0]).toBe('Route "broken" failed in its handler on a: no');
    expect(written).toHaveLength(150);
    expect(written[0]).toBeInstanceOf(HandlerError);
  });
});
