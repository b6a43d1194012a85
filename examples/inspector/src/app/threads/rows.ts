import type { ServerRequest, ThreadSummary, ThreadTree } from 'codex-rx';

/** What a thread needs, and whether it is silent though it runs. */
export type Need = ThreadSummary['need'] | 'quiet';

/** A turn without a sign of life for so long is shown as quiet, in ms. */
const quietAfter = 30_000;

const needs: readonly Need[] = ['waiting', 'quiet', 'failed', 'running', 'idle'];

/** A thread as the list shows it. */
export interface Agent {
  readonly id: string;
  readonly title: string;
  readonly need: Need;
  /** Since when it waits, is silent or runs: milliseconds since the epoch. */
  readonly since: number | null;
  readonly children: readonly Agent[];
}

/** An agent at its place in the list. */
export interface Row {
  readonly agent: Agent;
  /** 0 for an agent that is the sub-agent of none. */
  readonly depth: number;
  readonly parentId: string | null;
}

/** The agents, those first that need somebody; sub-agents below what began them. */
export function agentsOf(
  all: readonly ThreadSummary[],
  tree: ThreadTree | null,
  requests: readonly ServerRequest[],
  now: number,
): readonly Agent[] {
  const known = new Map(all.map((summary) => [summary.id, summary]));
  const childIds = new Map<string, Set<string>>();
  const nodes = new Map<string, ThreadTree>();
  const parents = new Map<string, string>();
  const adopt = (parentId: string, id: string) => {
    parents.set(id, parentId);
    childIds.set(parentId, (childIds.get(parentId) ?? new Set()).add(id));
  };
  for (const { id, parentId } of all) {
    if (parentId !== null && known.has(parentId)) adopt(parentId, id);
  }
  const visit = (node: ThreadTree): void => {
    nodes.set(node.thread.id, node);
    for (const child of node.children) {
      adopt(node.thread.id, child.thread.id);
      visit(child);
    }
  };
  if (tree) visit(tree);

  const agentOf = (id: string): Agent => {
    const children = [...(childIds.get(id) ?? [])].map(agentOf);
    const summary = known.get(id);
    if (!summary) return { ...agentOfNode(id, nodes.get(id), requests), children };
    const { title, need, turn, lastActivityAtMs } = summary;
    const isQuiet =
      need === 'running' &&
      !children.some((child) => child.need === 'running') &&
      now - (lastActivityAtMs ?? now) > quietAfter;
    const since =
      need === 'waiting'
        ? (summary.requests[0]?.openedAt ?? null)
        : isQuiet
          ? lastActivityAtMs
          : (turn?.startedAtMs ?? null);
    return { id, title: title ?? id, need: isQuiet ? 'quiet' : need, since, children };
  };
  return all
    .filter(({ id }) => !parents.has(id))
    .map(({ id }) => agentOf(id))
    .sort((a, b) => needs.indexOf(a.need) - needs.indexOf(b.need));
}

/** A sub-agent that no list has: what its events say. */
function agentOfNode(
  id: string,
  node: ThreadTree | undefined,
  requests: readonly ServerRequest[],
): Omit<Agent, 'children'> {
  const asked = requests.find(({ threadId }) => threadId === id);
  const turn = node?.thread.turns.at(-1);
  const title = node?.thread.name ?? node?.link?.path ?? id;
  if (asked) return { id, title, need: 'waiting', since: asked.openedAt };
  if (turn?.status === 'inProgress') return { id, title, need: 'running', since: turn.startedAtMs };
  return { id, title, need: turn?.status === 'failed' ? 'failed' : 'idle', since: null };
}

/** The rows of the list, without what is below a closed one. */
export function rowsOf(agents: readonly Agent[], closed: ReadonlySet<string>): readonly Row[] {
  const rows = (all: readonly Agent[], depth: number, parentId: string | null): readonly Row[] =>
    all.flatMap((agent) => [
      { agent, depth, parentId },
      ...(closed.has(agent.id) ? [] : rows(agent.children, depth + 1, agent.id)),
    ]);
  return rows(agents, 0, null);
}

export const isWithin = (id: string, { thread, children }: ThreadTree): boolean =>
  thread.id === id || children.some((child) => isWithin(id, child));
