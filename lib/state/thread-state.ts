import type { CodexStream } from '../stream/index.js';
import { followThread, type ThreadState } from './live-thread.js';
import { liveState, type LiveState, type StateOptions } from './live-state.js';
import { mustBeId } from './must-be-id.js';
import { stateSource } from './sources.js';

/**
 * The state of one thread, which all its readers share. It is followed from the first reader on: its
 * events are folded as they come, and joined with what the server stores. The first state comes with
 * the first snapshot, or with its failure; later ones whenever something changes. Opens the stream.
 *
 * On `codex app-server` this resumes the thread, so that its events come to this connection.
 *
 * @example
 * threadState(stream, threadId).subscribe(({ turns }) => render(turns));
 *
 * @throws TypeError if the stream comes from neither `connectManager` nor `connectAppServer`.
 */
export function threadState(
  stream: CodexStream,
  threadId: string,
  options: StateOptions = {},
): LiveState<ThreadState> {
  mustBeId('threadId', threadId);
  const source = stateSource(stream);
  return liveState(stream, `thread ${threadId}`, options, (freeze) =>
    followThread(stream, source, threadId, freeze),
  );
}
