import { describe, test } from '@jest/globals';
import {
  createRouter,
  forThread,
  matching,
  ofAppServer,
  ofAppServerRequest,
  ofType,
  type AppServerEvent,
  type AppServerRequestEvent,
  type Envelope,
  type EventRouter,
  type Handler,
  type Route,
  type StreamContext,
  type StreamRouter,
} from 'codex-rx';
import { expectTypeOf } from 'expect-type';
import { bufferCount, distinctUntilChanged, map, pipe, take } from 'rxjs';

const router = createRouter();

describe('router.on', () => {
  test('gives a handler the event that its matcher narrows to, and the context', () => {
    router.on(ofAppServer('item/started'), (event, context) => {
      expectTypeOf(event).toEqualTypeOf<AppServerEvent<'item/started'>>();
      expectTypeOf(context).toEqualTypeOf<StreamContext>();
    });
    router.on(ofAppServer('item.started'), (event) => {
      expectTypeOf(event.payload.params.threadId).toBeString();
    });
    router.on(ofAppServerRequest('item/tool/call'), (event) => {
      expectTypeOf(event).toEqualTypeOf<AppServerRequestEvent<'item/tool/call'>>();
    });
    router.on(forThread('t'), (event) => {
      expectTypeOf(event).toEqualTypeOf<Envelope<string, unknown, string>>();
    });
  });

  test('gives it what an operator makes of events', () => {
    router.on(
      map(({ type }: Envelope) => type.length),
      (length) => {
        expectTypeOf(length).toBeNumber();
      },
    );
    router.on(
      pipe(
        ofAppServer('turn/completed'),
        map(({ payload }) => payload.params.turn),
      ),
      (turn) => {
        expectTypeOf(turn).toEqualTypeOf<
          AppServerEvent<'turn/completed'>['payload']['params']['turn']
        >();
      },
    );
  });

  test('gives it what several steps make of events, from left to right', () => {
    router.on(forThread('t'), ofAppServer('item/started'), (event) => {
      expectTypeOf(event).toEqualTypeOf<AppServerEvent<'item/started'>>();
    });
    router.on(ofAppServer('item/started'), forThread('t'), (event) => {
      expectTypeOf(event).toEqualTypeOf<AppServerEvent<'item/started'>>();
    });
    router.on(
      ofType('a'),
      map((event) => event.type),
      (type) => {
        expectTypeOf(type).toBeString();
      },
    );
    const isLoud = (event: Envelope): event is Envelope<'loud', string> => event.type === 'loud';
    router.on(forThread('t'), matching(isLoud), (event) => {
      expectTypeOf(event).toExtend<Envelope<'loud', string, string>>();
    });
  });

  test('keeps what is known of an event behind take(1) and the like', () => {
    router.on(ofAppServer('item/started'), take(1), (event) => {
      expectTypeOf(event).toEqualTypeOf<AppServerEvent<'item/started'>>();
    });
    router.on(ofType('a'), distinctUntilChanged(), forThread('t'), (event) => {
      expectTypeOf(event.type).toEqualTypeOf<'a'>();
    });
    router.on(forThread('t'), bufferCount(2), (events) => {
      expectTypeOf(events).toExtend<readonly Envelope[]>();
    });
  });

  test('types options.key as the handler', () => {
    router.on(ofAppServer('item/started'), () => undefined, {
      key: (event) => {
        expectTypeOf(event).toEqualTypeOf<AppServerEvent<'item/started'>>();
        return event.payload.params.turnId;
      },
    });
    router.on(forThread('t'), ofAppServer('item/started'), take(1), () => undefined, {
      key: (event) => event.payload.params.item.id,
    });
    const length = map((event: Envelope) => event.type.length);
    router.on(length, () => undefined, { key: (value) => value.toFixed() });
  });

  test('refuses a handler of another event, and what is no operator', () => {
    const handler: Handler<Envelope<'b'>> = () => undefined;
    // @ts-expect-error: the handler takes events of type b
    router.on(ofType('a'), handler);
    const misuses = () => {
      // @ts-expect-error: a list is no step
      router.on([ofType('a')], () => undefined);
      // @ts-expect-error: a matcher is no handler
      router.on(ofType('a'), forThread('t'));
      // @ts-expect-error: no such strategy
      router.on(ofType('a'), () => undefined, { strategy: 'latest' });
    };
    expectTypeOf(misuses).toBeFunction();
  });

  test('returns a route, whatever the router', () => {
    expectTypeOf(router.on(ofType('a'), () => undefined)).toEqualTypeOf<Route>();
    expectTypeOf<EventRouter>().toExtend<StreamRouter>();
  });
});
