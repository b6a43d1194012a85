import { filter, firstValueFrom, Subject } from 'rxjs';
import type { Members } from './thread.js';
import type { FakeAnswer } from './fake-answer.js';

/** A server request that nobody has answered yet. */
export interface OpenRequest {
  readonly id: number;
  readonly threadId: string;
  readonly turnId: string | null;
  readonly method: string;
  readonly params: Members;
}

/** The server requests of a fake Codex: one count for all threads, which begins with 0. */
export interface CodexRequests {
  /** Those that nobody has answered. */
  readonly open: ReadonlyMap<number, OpenRequest>;
  /**
   * @param answered Is given the first answer.
   * @param id Of a recorded request. Default: the next.
   */
  add(
    request: Omit<OpenRequest, 'id'>,
    answered: (answer: FakeAnswer) => void,
    id?: number,
  ): OpenRequest;
  /** Closes a request, and tells how to answer it. */
  close(id: number): (answer: FakeAnswer) => void;
  /** Resolves when a request is not open. */
  closed(id: number): Promise<unknown>;
  /** What a thread waits for, as its status tells it. */
  flags(threadId: string): readonly string[];
  /** Forgets everything. */
  reset(): void;
}

export function createCodexRequests(): CodexRequests {
  const open = new Map<number, OpenRequest>();
  const answers = new Map<number, (answer: FakeAnswer) => void>();
  const closed = new Subject<number | null>();
  let next = 0;
  return {
    open,
    add(asked, answered, id = next) {
      next = Math.max(next, id + 1);
      const request = { id, ...asked };
      open.set(id, request);
      answers.set(id, answered);
      return request;
    },
    close(id) {
      const answer = answers.get(id);
      open.delete(id);
      answers.delete(id);
      closed.next(id);
      return (given) => answer?.(given);
    },
    async closed(id) {
      if (!open.has(id)) return;
      const isThis = filter<number | null>((one) => one === id || one === null);
      await firstValueFrom(closed.pipe(isThis), { defaultValue: null });
    },
    flags(threadId) {
      const flags = [...open.values()].flatMap((request) =>
        request.threadId === threadId ? flagOf(request.method) : [],
      );
      return [...new Set(flags)];
    },
    reset() {
      next = 0;
      open.clear();
      answers.clear();
      closed.next(null);
    },
  };
}

/** Tool calls are not told as something that a thread waits for. */
const flagOf = (method: string): readonly string[] =>
  method === 'item/tool/call'
    ? []
    : [method === 'item/tool/requestUserInput' ? 'waitingOnUserInput' : 'waitingOnApproval'];
