import type { AppServerEvent } from '../envelope/index.js';
import type { Matcher } from './matcher.js';
import { ofAppServer } from './of-app-server.js';

/**
 * Matches the start of a turn: `app_server.turn.started`, once per turn.
 *
 * The Python client's `on_turn_started` listens to `app_server.item.started` instead, which comes
 * several times a turn and may come before the turn's own start.
 */
export const ofTurnStarted = (): Matcher<AppServerEvent<'turn/started'>> =>
  ofAppServer('turn/started');
