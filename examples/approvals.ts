import { allow, approvals, connectManager, deny, policy } from 'codex-rx';
import { serverRequest, startStreamServer } from 'codex-rx/testing';

const server = await startStreamServer({
  rest: ({ method }) => (method === 'POST' ? { status: 200, body: { status: 'ok' } } : null),
});
const stream = connectManager({ url: server.url });
const { requests } = stream;

// The first rule that matches decides; what none matches stays open, for a human.
const rules = [allow({ command: /^git (status|diff)$/ }), deny({ command: /^rm\b/ })];
requests.serve(approvals, policy(rules));
requests.settled$.subscribe(({ request, outcome, by }) => {
  console.log(`The ${request.kind} is ${outcome}, by the ${by}.`);
  void stream.close().then(() => server.close());
});
await stream.connect();

const ids = { threadId: 'thread-1', turnId: 'turn-1' };
const asked = { ...ids, itemId: 'item-1', command: 'git status', startedAtMs: 0 };
server.send(serverRequest('item/commandExecution/requestApproval', 0, asked, ids));
