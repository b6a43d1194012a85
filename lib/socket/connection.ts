import { exhaustMap, filter, merge, ReplaySubject, Subscription, take, timer } from 'rxjs';
import { now, toObservable } from '../async/index.js';
import { ConnectionError, endOf, unusable } from './connection-error.js';
import type { Connection, ConnectionEvents, ConnectionSettings } from './connection-contract.js';
import { watchHeartbeat } from './heartbeat.js';
import type { Transport, TransportRequest } from './transport.js';
import { retryAfter, type Retry } from './retry.js';
import { isReady, type ConnectionStatus } from './status.js';

/**
 * The one state of a connection: what it reports, the link that it lives on, and all that ends
 * with it. Reports of a stage that is not the current one are ignored.
 */
interface Stage {
  readonly status: ConnectionStatus;
  /** How many attempts in a row this is, with those that were not stable; 0 once it is stable. */
  readonly attempt: number;
  readonly link: Transport | null;
  /** Timers and the like that end with this stage. */
  readonly lifetime: Subscription;
}

export function createConnection(
  settings: ConnectionSettings,
  events: ConnectionEvents,
): Connection {
  const { turns } = settings;
  const status = new ReplaySubject<ConnectionStatus>(1);
  /** Resolves when every link that has said goodbye is closed. */
  let gone = Promise.resolve();
  let stage: Stage;
  let connections = 0;
  /** When the last frame came, and how many there were. */
  let heardAt = 0;
  let frames = 0;

  function publish(next: ConnectionStatus): void {
    turns(() => {
      status.next(next);
      if (next.state === 'closed') status.complete();
    });
  }

  /** Ends the current stage for another. */
  function enter(next: ConnectionStatus, attempt: number, leave = abandon): Stage {
    const left = stage;
    const entered = { status: next, attempt, link: null, lifetime: new Subscription() };
    // First of all: nothing that the stage tells while it ends is heard.
    stage = entered;
    left.lifetime.unsubscribe();
    if (left.link !== null) leave(left.link);
    // What ends with a stage may be the caller's own, and may have closed the connection.
    if (stage.lifetime === entered.lifetime) publish(next);
    return entered;
  }

  function sayGoodbye(link: Transport): void {
    const closed = new Promise<void>((resolve) => {
      link.close(resolve);
    });
    gone = Promise.all([gone, closed]).then(() => undefined);
  }

  /** Moves on inside the current stage: its link and its timers stay. */
  function advance(next: ConnectionStatus): void {
    stage = { ...stage, status: next };
    publish(next);
  }

  function attempt(number: number): void {
    const { lifetime } = enter({ state: 'connecting', attempt: number }, number);
    const isCurrent = () => stage.lifetime === lifetime;
    if (!isCurrent()) return;

    lifetime.add(
      timer(settings.connectTimeout).subscribe(() => {
        const message = `The connection was not ready within ${settings.connectTimeout} ms.`;
        if (!isReady(stage.status)) lose(new ConnectionError('timeout', message, false));
      }),
    );
    lifetime.add(
      toObservable(settings.request)
        .pipe(take(1))
        .subscribe({
          next: link,
          error: (cause: unknown) => {
            fail(unusable(cause, false));
          },
        }),
    );

    function link(request: TransportRequest): void {
      // The function that was asked for the request may have closed the connection.
      if (!isCurrent()) return;
      try {
        const opened = settings.openTransport(request, {
          opened() {
            if (stage.status.state !== 'connecting' || !heard()) return;
            connections++;
            advance({
              state: 'open',
              phase: 'opened',
              connection: connections,
              since: heardAt,
              upstream: 'unknown',
            });
            events.opened?.();
          },
          text(text, bytes, at) {
            if (heard(at)) events.text(text, bytes, connections, heardAt);
          },
          ignored(bytes, at) {
            if (heard(at)) events.ignored(bytes, connections, heardAt);
          },
          fault(fault, bytes, excerpt) {
            if (heard()) events.fault(fault, bytes, excerpt, connections, heardAt);
          },
          ended(end) {
            fail(endOf(end, stage.status.state === 'open'));
          },
        });
        if (isCurrent()) stage = { ...stage, link: opened };
        else opened.abandon();
      } catch (cause) {
        fail(unusable(cause, true));
      }
    }

    function heard(at = now()): boolean {
      if (!isCurrent()) return false;
      heardAt = at;
      frames++;
      return true;
    }

    function fail(error: ConnectionError): void {
      if (isCurrent()) lose(error);
    }
  }

  /** Gives up what the current stage has, and comes back later, if that can be of use. */
  function lose(error: ConnectionError): void {
    const { attempt: number, lifetime: before } = stage;
    const { reconnect, random, hints$ } = settings;
    let retry: Retry | null = null;
    try {
      retry = reconnect && retryAfter(number, error, reconnect, random);
    } catch (cause) {
      error = unusable(cause, true);
    }
    // Who was asked may have closed the connection.
    if (stage.lifetime !== before) return;
    if (reconnect === null || retry === null) {
      enter({ state: 'closed', reason: 'failed', error }, 0);
      return;
    }
    const { attempt: next, delay } = retry;
    const { lifetime } = enter({ state: 'waiting', attempt: next, delay, error }, next);
    // The network is often not quite there yet when it is said to be.
    const sooner$ = hints$.pipe(
      filter((hint) => hint !== 'offline'),
      exhaustMap(() => timer(random() * reconnect.base)),
    );
    lifetime.add(
      merge(timer(delay), sooner$)
        .pipe(take(1))
        .subscribe(() => {
          attempt(next);
        }),
    );
  }

  stage = { status: { state: 'idle' }, attempt: 0, link: null, lifetime: new Subscription() };
  publish(stage.status);

  return {
    status$: status.asObservable(),

    open() {
      if (stage.status.state === 'idle') attempt(1);
    },

    ready(report) {
      const { status, link, lifetime } = stage;
      if (status.state !== 'open' || status.phase === 'ready') return;
      const since = now();
      advance({ ...status, phase: 'ready', since });
      turns(() => {
        report(status.connection, since);
      });
      lifetime.add(
        settings.upstream$.subscribe((upstream) => {
          if (isReady(stage.status) && stage.status.upstream !== upstream) {
            advance({ ...stage.status, upstream });
          }
        }),
      );
      // Stable: the next attempt is a first one.
      const begins = settings.reconnect?.stableAfter ?? 0;
      lifetime.add(timer(begins).subscribe(() => (stage = { ...stage, attempt: 0 })));
      if (settings.heartbeat === null) return;
      lifetime.add(
        watchHeartbeat({
          ...settings.heartbeat,
          heard: () => frames,
          heardAt: () => heardAt,
          ping: () => link?.send(settings.ping),
          hints$: settings.hints$,
          dead: () => {
            lose(new ConnectionError('silent', 'The server did not answer a ping.', false));
          },
        }),
      );
    },

    send(text) {
      const { status, link } = stage;
      if (status.state !== 'open' || link === null) return false;
      link.send(text);
      return true;
    },

    fail(error) {
      if (stage.status.state === 'open') lose(error);
    },

    rest() {
      if (stage.status.state === 'closed' || stage.status.state === 'idle') return;
      enter({ state: 'idle' }, 0, sayGoodbye);
    },

    close(reason) {
      if (stage.status.state !== 'closed') {
        enter({ state: 'closed', reason, error: null }, 0, sayGoodbye);
      }
      return gone;
    },
  };
}

function abandon(link: Transport): void {
  link.abandon();
}
