import { mustBeKnown } from '../options/index.js';
import type { CodexStream } from '../stream/index.js';
import { mustBeId } from './must-be-id.js';
import { followTurn } from './turn-follow.js';
import type { TurnFollower } from './turn-follower.js';
import { turnSource, type TurnSource } from './turn-source.js';
import type { WatchedTurn, WatchTurnOptions } from './turn.js';

/**
 * Watches a turn that somebody else has started, or that this process started before, to an end that
 * can be trusted. It opens the stream until `close()`.
 *
 * @example
 * const { status } = await watchTurn(stream, { threadId, turnId }).ended;
 *
 * @throws TypeError that names what is wrong.
 */
export function watchTurn(
  stream: CodexStream,
  { threadId, turnId }: { readonly threadId: string; readonly turnId: string },
  options: WatchTurnOptions = {},
): WatchedTurn {
  mustBeId('turnId', turnId);
  mustBeKnown('', options, ['quiet', 'limit']);
  return watch(stream, turnSource(stream), threadId, turnId, options).turn;
}

export function watch(
  stream: CodexStream,
  source: TurnSource,
  threadId: string,
  turnId: string,
  options: WatchTurnOptions,
): TurnFollower {
  const follower = followTurn(stream, source, threadId, options);
  follower.send();
  follower.follow(turnId);
  // It may be over; and `codex app-server` sends its events from then on.
  follower.read('reconciled');
  return follower;
}
