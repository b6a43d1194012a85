import { describe, expect, test } from '@jest/globals';
import { controlFrame } from '../../lib/manager/control.js';

describe('a control frame', () => {
  test('is ready, pong or error', () => {
    expect(controlFrame({ type: 'ready', threadId: 't1' })).toEqual({
      type: 'ready',
      threadId: 't1',
    });
    expect(controlFrame({ type: 'ready', threadId: null })).toEqual({
      type: 'ready',
      threadId: null,
    });
    expect(controlFrame({ type: 'ready' })).toEqual({ type: 'ready', threadId: null });
    expect(controlFrame({ type: 'ready', threadId: 5 })).toEqual({ type: 'ready', threadId: null });
    expect(controlFrame({ type: 'pong' })).toEqual({ type: 'pong' });
    expect(controlFrame({ type: 'error', message: 'no' })).toEqual({
      type: 'error',
      message: 'no',
    });
  });

  test.each(['ready', 'pong', 'error'])('has no payload: a %s that has one is an event', (type) => {
    expect(controlFrame({ type, threadId: null, message: 'm', payload: null })).toBeNull();
  });

  test.each([null, 'pong', 5, [], ['pong'], {}, { type: 5 }, { type: 'PONG' }, { type: 'error' }])(
    'is not %j',
    (frame) => {
      expect(controlFrame(frame)).toBeNull();
    },
  );
});
