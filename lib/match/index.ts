export type { CheckedRequest } from './checked-method.js';
export { forRequest } from './for-request.js';
export { forThread } from './for-thread.js';
export { forTurn } from './for-turn.js';
export {
  isMatcher,
  matched,
  type MatchedSource,
  type Matcher,
  type MatcherKey,
  type Narrow,
} from './matcher.js';
export { matching } from './matching.js';
export { ofAppServerRequest } from './of-app-server-request.js';
export { ofAppServer } from './of-app-server.js';
export { ofPrefix } from './of-prefix.js';
export { ofTurnStarted } from './of-turn-started.js';
export { ofType } from './of-type.js';
