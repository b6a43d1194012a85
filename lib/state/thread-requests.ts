import type { ServerRequest } from '../requests/index.js';
import type { CodexStream } from '../stream/index.js';
import { familyOf } from './family.js';

/** A request, and the thread at the root of the sub-agent that asks; `null` if that is not known. */
export type ThreadRequest = ServerRequest & { readonly rootThreadId: string | null };

/** Names the root of each request. What has not changed keeps its reference. */
export function createRootNaming(
  stream: CodexStream,
): (requests: readonly ServerRequest[]) => readonly ThreadRequest[] {
  const family = familyOf(stream);
  const known = new WeakMap<ServerRequest, ThreadRequest>();
  let last: readonly ThreadRequest[] = [];

  function withRoot(request: ServerRequest): ThreadRequest {
    const rootThreadId = request.threadId === null ? null : family.rootOf(request.threadId);
    const before = known.get(request);
    if (before?.rootThreadId === rootThreadId) return before;
    const value = { ...request, rootThreadId };
    known.set(request, value);
    return value;
  }

  return (requests) => {
    const next = requests.map(withRoot);
    const isSame = next.length === last.length && next.every((value, at) => value === last[at]);
    return isSame ? last : (last = next);
  };
}
