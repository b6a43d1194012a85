import { filter, map, of, switchMap, take, timer } from 'rxjs';
import { mustBe, mustBeKnown } from '../options/index.js';
import { isReady } from '../socket/index.js';
import type { CodexStream } from '../stream/index.js';
import { followTurn } from './turn-follow.js';
import { busy, enqueue } from './turn-queue.js';
import { newId, turnSource } from './turn-source.js';
import { steerTurn } from './turn-steer.js';
import { runningTurn } from './turn-tracker.js';
import { watch } from './turn-watch.js';
import type { StartTurnOptions, Turn, TurnInput, TurnParams } from './turn.js';

/** How long to wait before a thread that is busy with an unknown turn is looked at again, in ms. */
const recheck = 1_000;

/**
 * Sends a message to a thread, once and at once, and follows the turn that it starts to an end that
 * can be trusted. It opens the stream until `close()`.
 *
 * @example
 * const turn = startTurn(stream, { threadId, input: 'What does this do?' });
 * turn.view$.subscribe(({ items, activity }) => render(items, activity));
 * const { status } = await turn.ended;
 * console.log(status, await turn.answer);
 *
 * @throws TypeError that names what is wrong, or what the source cannot carry.
 */
export function startTurn<Stream extends CodexStream>(
  stream: Stream,
  given: TurnParams<Stream>,
  options: StartTurnOptions = {},
): Turn {
  mustBeKnown('', options, ['whenBusy', 'quiet', 'limit']);
  const { whenBusy = 'reject' } = options;
  mustBe(['reject', 'steer', 'queue'].includes(whenBusy), 'whenBusy', 'reject, steer or queue');
  const source = turnSource(stream);
  const { threadId, input, ...params } = given as TurnParams<CodexStream> & {
    readonly clientUserMessageId?: string | null;
  };
  const message = source.message(input, params);
  const clientId = source.namesClients ? (params.clientUserMessageId ?? newId()) : null;
  const follower = followTurn(stream, source, threadId, options, clientId);
  const { lifetime } = follower;

  const fail = (error: unknown, delivered: boolean | null = false) => {
    follower.finish('incomplete', 'send', { delivered, error: error as Error });
  };

  /** Looks whether the thread is free, and sends the message then. */
  function look(isSecond = false): void {
    const free$ = stream.status$.pipe(
      filter(isReady),
      take(1),
      switchMap(() => source.look(threadId)),
      switchMap((thread) => {
        follower.tracker.merge(thread, follower.tracker.count);
        const isBusy = thread.status?.type === 'active';
        if (!isBusy || (whenBusy === 'steer' && source.merges)) return of(null);
        if (whenBusy === 'reject') throw busy(threadId);
        return source.readSnapshot(threadId).pipe(map((now) => runningTurn(now)?.id));
      }),
    );
    lifetime.add(
      free$.subscribe({
        next(running) {
          if (running === null || (running && whenBusy === 'steer')) send(running, isSecond);
          else waitFor(running);
        },
        error: fail,
      }),
    );
  }

  /** @param turnId `undefined`: the turn that runs is not known yet. */
  function waitFor(turnId: string | undefined): void {
    const complete = () => {
      look();
    };
    if (turnId === undefined) lifetime.add(timer(recheck).subscribe({ complete }));
    else {
      const other = watch(stream, source, threadId, turnId, options);
      lifetime.add(other.lifetime);
      lifetime.add(other.changes$.subscribe({ complete }));
    }
  }

  function send(running: string | null, isSecond: boolean): void {
    follower.send();
    const sent$ =
      running === null
        ? source.start(threadId, message, clientId)
        : source.steer(threadId, running, message, clientId);
    lifetime.add(
      sent$.subscribe({
        next(turnId) {
          follower.follow(turnId);
        },
        error(error: unknown) {
          if (source.isUnknown(error)) {
            if (clientId === null) fail(error, null);
            else follower.doubt(error as Error);
          } else if (running !== null && !isSecond) look(true);
          else fail(error);
        },
      }),
    );
  }

  const fault = enqueue(stream.router, threadId, follower, whenBusy, look);
  if (fault) fail(fault);
  return Object.assign(follower.turn, {
    steer: (input: TurnInput) => steerTurn(source, follower, source.message(input, {})),
  });
}
