import type { ServerRequest } from '../requests/index.js';
import type { CodexStream } from '../stream/index.js';
import { familyOf } from './family.js';
import { kept } from './kept.js';

/** A request, and the thread at the root of the sub-agent that asks; `null` if that is not known. */
export type ThreadRequest = ServerRequest & { readonly rootThreadId: string | null };

/** Names the root of each request. What has not changed keeps its reference. */
export function createRootNaming(
  stream: CodexStream,
): (requests: readonly ServerRequest[]) => readonly ThreadRequest[] {
  const known = new WeakMap<ServerRequest, ThreadRequest>();
  let last: readonly ThreadRequest[] = [];

  function withRoot(request: ServerRequest): ThreadRequest {
    const rootThreadId = familyOf(stream).rootOf(request.threadId);
    const named = kept(known.get(request), { ...request, rootThreadId });
    known.set(request, named);
    return named;
  }

  return (requests) => (last = kept(last, requests.map(withRoot)));
}
