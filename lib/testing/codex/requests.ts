import { filter, firstValueFrom, Subject } from 'rxjs';
import type { Members } from './thread.js';
import type { FakeAnswer } from './answer.js';

/** A server request without an answer. */
export interface OpenRequest {
  readonly id: number;
  readonly threadId: string;
  readonly turnId: string | null;
  readonly method: string;
  readonly params: Members;
  /** Receives the first answer. */
  readonly answer: (answer: FakeAnswer) => void;
}

/** The server requests of a fake Codex: one count for all threads, which begins with 0. */
export function createCodexRequests() {
  const open = new Map<number, OpenRequest>();
  const closed = new Subject<number | null>();
  let next = 0;
  return {
    open: open as ReadonlyMap<number, OpenRequest>,
    /** @param id Of a recorded request. Default: the next. */
    add(members: Omit<OpenRequest, 'id'>, id = next): OpenRequest {
      next = Math.max(next, id + 1);
      const request = { id, ...members };
      open.set(id, request);
      return request;
    },
    close(id: number): void {
      open.delete(id);
      closed.next(id);
    },
    /** Resolves when a request is not open. */
    async closed(id: number): Promise<void> {
      if (!open.has(id)) return;
      const isThis = filter<number | null>((one) => one === id || one === null);
      await firstValueFrom(closed.pipe(isThis), { defaultValue: null });
    },
    /** What a thread waits for, as its status lists it: tool calls are not listed. */
    flags(threadId: string): readonly string[] {
      const methods = [...open.values()]
        .filter((request) => request.threadId === threadId && request.method !== 'item/tool/call')
        .map(({ method }) => method);
      const flags = methods.map((method) =>
        method === 'item/tool/requestUserInput' ? 'waitingOnUserInput' : 'waitingOnApproval',
      );
      return [...new Set(flags)];
    },
    /** Forgets all requests, and counts from 0. */
    reset(): void {
      next = 0;
      open.clear();
      closed.next(null);
    },
  };
}
