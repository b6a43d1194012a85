import { connectManager, ofAppServer } from 'codex-rx';
import { notification, startStreamServer } from 'codex-rx/testing';

const server = await startStreamServer(); // stands in for your codex-manager
const stream = connectManager({ url: server.url }); // yours: 'http://127.0.0.1:3001'

stream.on(ofAppServer('item/agentMessage/delta'), (event) => {
  process.stdout.write(event.payload.params.delta);
});
stream.on(ofAppServer('turn/completed'), async (event) => {
  console.log(`\nThe turn is ${event.payload.params.turn.status}.`);
  await stream.close();
  await server.close();
});
await stream.connect();

server.send(notification('item/agentMessage/delta', { delta: 'Hello from Codex!' }));
server.send(notification('turn/completed'));
