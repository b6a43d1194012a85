// (a) what one writes without a library: bare `ws`, JSON.parse, and a switch over the twenty types
// that are recorded most often.

import { WebSocket } from 'ws';
import { measure } from './measure.mjs';

await measure(({ url, go, end }) => {
  let handled = 0;
  const socket = new WebSocket(url);
  socket.on('message', (data) => {
    const event = JSON.parse(data.toString());
    switch (event.type) {
      case 'notification':
      case 'account_rate_limits_updated':
      case 'app_server.account.rate_limits.updated':
      case 'app_server.codex.event.raw_response_item':
      case 'app_server.raw_response_item.completed':
      case 'app_server.thread.status.changed':
      case 'app_server.codex.event.token_count':
      case 'app_server.item.started':
      case 'app_server.item.completed':
      case 'app_server.thread.token_usage.updated':
      case 'thread_token_usage_updated':
      case 'app_server.codex.event.item_started':
      case 'app_server.codex.event.item_completed':
      case 'app_server.codex.event.agent_message_content_delta':
      case 'app_server.item.agent_message.delta':
      case 'app_server.codex.event.agent_message_delta':
      case 'app_server.codex.event.user_message':
      case 'app_server.turn.completed':
      case 'app_server.turn.started':
      case 'app_server.codex.event.task_started':
        handled++;
        break;
      case 'ready':
        go();
        break;
      case 'bench.end':
        end(handled);
        break;
    }
  });
});
