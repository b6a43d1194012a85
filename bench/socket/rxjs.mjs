// (c) what RxJS alone offers: `rxjs/webSocket`, and one `filter` for each handler.

import { filter } from 'rxjs';
import { webSocket } from 'rxjs/webSocket';
import { WebSocket } from 'ws';
import { measure } from './measure.mjs';

await measure(({ url, types, go, end }) => {
  let handled = 0;
  const handler = () => () => {
    handled++;
  };
  const events$ = webSocket({ url, WebSocketCtor: WebSocket });
  const ofType = (type) => events$.pipe(filter((event) => event.type === type));
  for (const type of types) ofType(type).subscribe(handler());
  ofType('bench.end').subscribe(() => end(handled));
  ofType('ready').subscribe(go);
});
