import { connectManager, ofAppServer, ofType } from 'codex-rx';
import { measure } from './measure.mjs';

measure(({ url, seen, end }) => {
  const stream = connectManager({ url });
  stream.on(ofAppServer('item/agentMessage/delta'), seen);
  stream.on(ofType('bench.end'), end);
  stream.connect();
});
