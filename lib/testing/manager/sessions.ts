import { codex0107 } from '../codex/v0107.js';
import type { CodexThread, Members } from '../codex/thread.js';
import { seconds } from '../codex/version.js';
import type { RestReply } from '../servers/rest-request.js';

/** What codex-manager itself keeps of its sessions: it survives its Codex, and a restart. */
export function createManagerSessions() {
  const titles = new Map<string, string>();
  const reserved = new Set<string | null>();
  const deleted = new Set<string | null>();
  const title = (sessionId: string) => titles.get(sessionId) ?? null;
  const deletion = (sessionId: string): Members => ({
    status: 'deleted',
    sessionId,
    message: 'This chat was permanently deleted and is no longer available.',
    deletedAt: new Date().toISOString(),
  });
  return {
    /** @param replaces Whether it replaces a title that there is. */
    setTitle(sessionId: string, given: string, replaces = true): void {
      if (replaces || !titles.has(sessionId)) titles.set(sessionId, given);
    },
    /** The session as an event shows it. */
    signal: (id: string | null): Members | null =>
      id === null ? null : { id, title: title(id), projectId: null },
    /** The session as the REST API shows it. */
    summary(thread: CodexThread): Members {
      const { options } = thread;
      const { approvalPolicy = 'untrusted', networkAccess = 'restricted' } = options;
      const { model = null, filesystemSandbox = 'read-only' } = options;
      return {
        sessionId: thread.id,
        title: title(thread.id) ?? 'New chat',
        materialized: thread.turns.length > 0,
        modelProvider: 'mock',
        approvalPolicy,
        sessionControls: { model, approvalPolicy, networkAccess, filesystemSandbox, settings: {} },
        createdAt: seconds(thread.createdAt),
        updatedAt: seconds(thread.updatedAt),
        cwd: codex0107.thread(thread)['cwd'],
        source: 'vscode',
        projectId: null,
      };
    },
    /** Reserves a session for codex-manager's own work. */
    reserve: (sessionId: string) => void reserved.add(sessionId),
    isReserved: (sessionId: string | null): boolean => reserved.has(sessionId),
    /** Deletes it. Returns what its event says. */
    delete(sessionId: string): Members {
      const event = { ...deletion(sessionId), title: title(sessionId) };
      deleted.add(sessionId);
      titles.delete(sessionId);
      return event;
    },
    isDeleted: (sessionId: string | null): boolean => deleted.has(sessionId),
    /** The reply for a session that clients may not use; `null`: they may. */
    refuse(sessionId: string): RestReply | null {
      if (deleted.has(sessionId)) return { status: 410, body: deletion(sessionId) };
      if (!reserved.has(sessionId)) return null;
      const message = 'system-owned sessions are reserved for orchestrator workers';
      const body = { status: 'error', code: 'system_session', sessionId, message };
      return { status: 403, body };
    },
  };
}
