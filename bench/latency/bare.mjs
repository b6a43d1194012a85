import { WebSocket } from 'ws';
import { measure } from './measure.mjs';

measure(({ url, seen, end }) => {
  new WebSocket(url).on('message', (data) => {
    const event = JSON.parse(data.toString());
    switch (event.type) {
      case 'app_server.item.agent_message.delta':
        seen(event);
        break;
      case 'bench.end':
        end();
        break;
    }
  });
});
