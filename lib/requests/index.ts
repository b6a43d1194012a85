export { AnswerError, type AnswerFault } from './answer-error.js';
export {
  accept,
  answerElicitation,
  answerQuestions,
  approves,
  cancel,
  decline,
  grantPermissions,
  refusal,
  toolResult,
  type DeclinableKind,
  type OfKind,
} from './answers.js';
export { checkAnswer } from './check-answer.js';
export type { Evidence } from './evidence.js';
export { createConcern, ending } from './observe.js';
export type { Delivery, RequestPort, RequestRefusal, Sent } from './port.js';
export { rowOf } from './methods.js';
export type { KindOf, KnownMethod, MethodOfKind, RequestKind } from './methods.js';
export type { Recovery } from './recovery.js';
export type { RequestMembers } from './request-members.js';
export { createRequests } from './registry.js';
export type { RequestRegistry } from './request-registry.js';
export {
  identityOf,
  isWeak,
  isRequest,
  requestEvent,
  type Announced,
  type AnswerOf,
  type AnswerTo,
  type ParamsOf,
  type RequestBase,
  type RequestLike,
  type ServerRequest,
  type UnlistedRequest,
} from './server-request.js';
export type {
  AnswerNote,
  MethodOf,
  RequestContext,
  RequestHandler,
  RequestMatcher,
  RequestTest,
  RequestStats,
  ServeOptions,
  ServerRequests,
} from './server-requests.js';
export type { Decision, Outcome, SettledBy, Settlement } from './settlement.js';
