import { codex0107 } from '../codex/codex-0107.js';
import type { CodexThread, Members } from '../codex/thread.js';
import { seconds } from '../codex/version.js';
import type { RestReply } from '../servers/rest-request.js';

/** What codex-manager itself keeps of its sessions: it survives its Codex, and a restart. */
export interface ManagerSessions {
  title(sessionId: string): string | null;
  /** @param isGiven Whether it replaces a title that there is. */
  setTitle(sessionId: string, title: string, isGiven?: boolean): void;
  /** The session as an event shows it. */
  signal(sessionId: string | null): Members | null;
  /** The session as the REST API shows it. */
  summary(thread: CodexThread): Members;
  /** Reserves a session for codex-manager's own work. */
  reserve(sessionId: string): void;
  isReserved(sessionId: string | null): boolean;
  /** Deletes it: what everybody is told. */
  delete(sessionId: string): Members;
  isDeleted(sessionId: string | null): boolean;
  /** Refuses what nobody may do with this session; `null`: go on. */
  refuse(sessionId: string): RestReply | null;
}

export function createManagerSessions(): ManagerSessions {
  const titles = new Map<string, string>();
  const reserved = new Set<string | null>();
  const deleted = new Set<string | null>();
  const title = (sessionId: string) => titles.get(sessionId) ?? null;
  const goneBody = (sessionId: string): Members => ({
    status: 'deleted',
    sessionId,
    message: 'This chat was permanently deleted and is no longer available.',
    deletedAt: new Date().toISOString(),
  });
  return {
    title,
    setTitle(sessionId, given, isGiven = true) {
      if (isGiven || !titles.has(sessionId)) titles.set(sessionId, given);
    },
    signal: (id) => (id === null ? null : { id, title: title(id), projectId: null }),
    summary(thread) {
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
    reserve(sessionId) {
      reserved.add(sessionId);
    },
    isReserved: (sessionId) => reserved.has(sessionId),
    delete(sessionId) {
      const told = { ...goneBody(sessionId), title: title(sessionId) };
      deleted.add(sessionId);
      titles.delete(sessionId);
      return told;
    },
    isDeleted: (sessionId) => deleted.has(sessionId),
    refuse(sessionId) {
      if (deleted.has(sessionId)) return { status: 410, body: goneBody(sessionId) };
      return reserved.has(sessionId)
        ? {
            status: 403,
            body: {
              status: 'error',
              code: 'system_session',
              sessionId,
              message: 'system-owned sessions are reserved for orchestrator workers',
            },
          }
        : null;
    },
  };
}
