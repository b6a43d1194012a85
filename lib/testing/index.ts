export { alphabet, type Alphabet, type Letters } from './marble/alphabet.js';
export {
  startFakeAppServer,
  type FakeAppServer,
  type FakeAppServerOptions,
} from './app-server/fake.js';
export type { FakeMethod } from './app-server/calls.js';
export type { Check, TestFramework } from './checks/check.js';
export { describeRouter } from './checks/describe-router.js';
export {
  envelope,
  notification,
  request,
  type EnvelopeIds,
  type NotificationFields,
  type RequestFields,
} from './builders/envelopes.js';
export type { FakeAnswer } from './codex/answer.js';
export type { CodexControls, CodexOptions } from './codex/fake.js';
export {
  startFakeManager,
  type FakeManager,
  type FakeManagerOptions,
  type SessionOptions,
} from './manager/fake.js';
export { fakeTransport, type FakeConnection, type FakeTransport } from './faults/fake-transport.js';
export type { FakeTurn, TurnScript } from './codex/turn.js';
export type { FaultConnection } from './faults/connection.js';
export { startFaultProxy, type FaultProxy, type FaultProxyOptions } from './faults/proxy.js';
export type { Directed, Direction, Faults, ProxyFaults } from './faults/settings.js';
export type { SentAnswer } from './marble/rest.js';
export type { SentMessage } from './marble/sessions.js';
export type { MarbleStream, MarbleStreamOptions } from './marble/stream.js';
export type {
  ErrorSource,
  ExpectedError,
  ExpectedObservable,
  MarbleTest,
  MarbleSource,
  PlayDiagram,
} from './marble/marble-test.js';
export { marbles } from './marble/marbles.js';
export type { Values } from './marble/letters.js';
export type { ItemType } from './builders/defaults/items.js';
export type { Part } from './builders/defaults/part.js';
export type { HttpHeaders } from './servers/loopback.js';
export type { SubscriptionLog } from './marble/explain-subscriptions.js';
export type { AnswerRefusal } from './manager/routes.js';
export type { ClientSocket } from './servers/client-socket.js';
export type { PlayOptions } from './servers/play-recording.js';
export type { RestCall, RestReply, RestRequest } from './servers/rest-request.js';
export { routerChecks, type RouterCheck } from './checks/router-checks.js';
export { seenBy } from './checks/seen-by.js';
export {
  startStreamServer,
  type ServerSocket,
  type StreamServer,
  type StreamServerOptions,
} from './servers/stream.js';
export { turn, type TurnCommand, type TurnOptions } from './builders/turn.js';
export { describeSource } from './checks/describe-source.js';
export { sourceChecks } from './checks/source-checks.js';
export type { SourceCheck, SourceStage } from './checks/source-stage.js';
export { appServerGatewayChecks } from './checks/app-server-gateway-checks.js';
export { describeGateway, gatewayChecks, runGatewayCheck } from './checks/describe-gateway.js';
export type { GatewayClient } from './checks/gateway-client.js';
export type { Gateway, GatewayCheck, GatewayFrame, GatewayVisit } from './checks/gateway.js';
export { managerGatewayChecks } from './checks/manager-gateway-checks.js';
