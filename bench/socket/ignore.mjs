// (b) with the raw copies and the legacy events ignored: one route for each event type that is left.

import { connectManager, managerDuplicates, ofType } from 'codex-rx';
import { measure } from './measure.mjs';

const isLeft = (type) => type !== 'notification' && !type.startsWith('app_server.codex.event.');

await measure(async ({ url, types, go, end }) => {
  let handled = 0;
  const handler = () => () => {
    handled++;
  };
  const stream = connectManager({ url, ignore: managerDuplicates });
  for (const type of types) stream.on(ofType(type), handler());
  stream.on(ofType('bench.end'), () => end(handled));
  await stream.connect();
  go();
}, isLeft);
