export { startFakeAppServer, type FakeAppServer, type FakeAppServerOptions } from './app-server.js';
export type { FakeMethod } from './app-server-calls.js';
export type { FakeAppServerSocket } from './app-server-client.js';
export { describeRouter, type TestFramework } from './describe-router.js';
export { envelope, notification, serverRequest, type EnvelopeFields } from './envelopes.js';
export type { FakeAnswer } from './fake-answer.js';
export type { CodexOptions } from './fake-codex.js';
export {
  startFakeManager,
  type FakeManager,
  type FakeManagerOptions,
  type SessionOptions,
} from './fake-manager.js';
export { fakeSocket, type FakeLink, type FakeSocket } from './fake-socket.js';
export type { FakeTurn, TurnScript } from './fake-turn.js';
export type { FaultConnection } from './fault-connection.js';
export { startFaultProxy, type FaultProxy, type FaultProxyOptions } from './fault-proxy.js';
export type { Directed, Direction, Faults, ProxyFaults } from './fault-settings.js';
export type { AnswerRefusal } from './manager-routes.js';
export { marbles } from './marbles.js';
export type { PlayOptions, RecordingEntry } from './play-recording.js';
export { readRecording, type RecordedFrame } from './recording.js';
export type { RestCall, RestReply, RestRequest } from './rest-request.js';
export { routerChecks, type RouterCheck } from './router-checks.js';
export {
  startStreamServer,
  type ServerSocket,
  type StreamServer,
  type StreamServerOptions,
} from './stream-server.js';
