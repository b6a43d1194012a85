/** What codex-manager's stream understands, and whom it tells what. */

export type StreamCommand =
  | { readonly type: 'ping' | 'unsubscribe' }
  | { readonly type: 'subscribe'; readonly threadId: string };

/** A command of a client; `null` if it is none. */
export function readCommand(text: string): StreamCommand | null {
  try {
    const command = JSON.parse(text) as { type?: unknown; threadId?: unknown } | null;
    if (command?.type === 'ping' || command?.type === 'unsubscribe') return { type: command.type };
    const { type, threadId } = command ?? {};
    if (type === 'subscribe' && typeof threadId === 'string' && threadId !== '') {
      return { type, threadId };
    }
  } catch {
    // Not JSON: no command.
  }
  return null;
}

/** The filter that a client asks for in its url. An empty or a repeated threadId filters nothing. */
export function filterOf(url: string): string | null {
  const [threadId, ...more] = new URL(url, 'http://127.0.0.1').searchParams.getAll('threadId');
  return threadId && more.length === 0 ? threadId : null;
}

/** Types that every socket gets, whatever it is filtered to. */
const broadcast =
  /^(account_\w+|app_list_updated|mcp_oauth_completed|project_\w+|session_project_updated|session_deleted)$/;

/** Whether a socket with this filter gets an envelope. */
export const reaches = (
  { type, threadId }: { readonly type: string; readonly threadId?: string | null },
  filter: string | null,
): boolean => filter === null || threadId === filter || broadcast.test(type);
