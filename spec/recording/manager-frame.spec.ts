import { describe, expect, test } from '@jest/globals';
import { parseEnvelope } from 'codex-rx';
import { notification, request } from 'codex-rx/testing';
import fc from 'fast-check';
import { managerFrame } from '../../lib/recording/manager-frame.js';
import { appServerFrames, managerFrames } from '../recordings/index.js';
import { toEvent } from '../../lib/app-server/to-event.js';

const again = (frame: unknown) => parseEnvelope(JSON.stringify(frame));

describe('managerFrame', () => {
  test('makes of each recorded event the frame that it came from', () => {
    expect(managerFrames.length).toBeGreaterThan(1_000);
    for (const { frame } of managerFrames) {
      expect(managerFrame(parseEnvelope(frame))).toEqual({ payload: null, ...frame });
    }
  });

  test('makes frames of the events of app-server, too, that read as the same', () => {
    const events = appServerFrames.map(({ frame }) => toEvent(frame as never));
    for (const event of events) {
      const frame = managerFrame(event);
      expect(Object.keys(frame)).toEqual(['type', 'threadId', 'payload']);
      expect(again(frame)).toEqual(event);
    }
    expect(events.length).toBeGreaterThan(500);
  });

  test('tells ids beside the payload where that does not tell them', () => {
    const event = { type: 'x', threadId: 't', turnId: 'u', requestId: 0, payload: null };
    expect(managerFrame(event)).toEqual(event);
    const ids = { threadId: 't', turnId: 'u' };
    for (const made of [
      notification('turn/started', { threadId: 't', turn: { id: 'u' } }),
      request('item/tool/call', ids),
    ]) {
      expect(again(managerFrame(made))).toEqual(made);
    }
  });

  test('makes of any event that was read a frame that reads as the same', () => {
    const id = fc.option(fc.string({ minLength: 1 }));
    const frames = fc.record(
      {
        type: fc.string(),
        threadId: id,
        turnId: id,
        requestId: fc.option(fc.oneof(fc.string({ minLength: 1 }), fc.integer())),
        payload: fc.oneof(
          fc.jsonValue(),
          fc.record({ threadId: id, turnId: id, requestId: id, params: fc.jsonValue() }),
        ),
        more: fc.jsonValue(),
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(frames, (frame) => {
        const event = parseEnvelope(JSON.stringify(frame));
        expect(again(managerFrame(event))).toEqual(event);
      }),
    );
  });
});
