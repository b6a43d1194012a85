import {
  allow,
  approvals,
  defineSkill,
  ofAppServer,
  policy,
  remoteSkills,
  type CodexStream,
} from 'codex-rx';
import { z } from 'zod';

/** What a user's module does: routes, a policy and a skill. It knows nothing of Nest. */
export function installRules(
  stream: CodexStream,
  threadId: string,
  report: (line: string) => void,
): void {
  stream.on(ofAppServer('turn/completed'), ({ turnId, payload }) => {
    report(`${turnId} is ${payload.params.turn.status}`);
  });
  stream.on(ofAppServer('item/completed'), ({ payload: { params } }) => {
    const { item } = params;
    if (item.type === 'commandExecution') report(`${item.command}: ${item.status}`);
    if (item.type === 'dynamicToolCall') report(`${item.tool}: ${JSON.stringify(item.success)}`);
  });

  const rules = [
    allow({ where: ({ params }) => JSON.stringify(params).includes('made-by-shell') }),
  ];
  stream.requests.serve(approvals, policy(rules));

  const lookup = defineSkill({
    name: 'lookup_ticket',
    description: 'Looks up a ticket.',
    input: z.object({ id: z.string() }),
    handler: ({ id }) => `${id} is open.`,
  });
  remoteSkills(stream, { skills: [lookup], threadId }).serve();

  stream.requests.decisions$.subscribe(({ request, answer }) => {
    report(`${request.method}: ${JSON.stringify(answer)}`);
  });
}
