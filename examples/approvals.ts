import { allow, approvals, connectManager, deny, policy } from 'codex-rx';
import { request, startStreamServer } from 'codex-rx/testing';

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

server.send(request('item/commandExecution/requestApproval', { command: 'git status' }));
