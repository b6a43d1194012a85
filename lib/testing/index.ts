export { alphabet, type Alphabet } from './marble/alphabet.js';
export { startFakeAppServer, type FakeAppServer, type FakeAppServerOptions } from './app-server.js';
export type { FakeMethod } from './app-server-calls.js';
export type { FakeAppServerSocket } from './app-server-client.js';
export { describeRouter, type TestFramework } from './describe-router.js';
export {
  envelope,
  notification,
  request,
  type EnvelopeIds,
  type NotificationFields,
  type RequestFields,
} from './envelopes.js';
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
export type { SentAnswer } from './marble/rest.js';
export type { MarbleStream, MarbleStreamOptions } from './marble/stream.js';
export type {
  ErrorSource,
  ExpectedError,
  ExpectedObservable,
  MarbleHelpers,
  MarbleSource,
  PlayDiagram,
} from './marble/marble-helpers.js';
export { marbles } from './marbles.js';
export type { Values } from './marble/letters.js';
export type { Part } from './defaults/part.js';
export { readRecording, type RecordedEntry, type Recording } from './recording.js';
export type { AnswerRefusal } from './manager-routes.js';
export type { PlayOptions } from './play-recording.js';
export type { RestCall, RestReply, RestRequest } from './rest-request.js';
export { routerChecks, type RouterCheck } from './router-checks.js';
export { seenBy } from './seen-by.js';
export {
  startStreamServer,
  type ServerSocket,
  type StreamServer,
  type StreamServerOptions,
} from './stream-server.js';
export { turn, type TurnCommand, type TurnOptions } from './turn.js';
export {
  startTranscript,
  type SocketTranscript,
  type Transcript,
  type TranscriptOptions,
} from './transcript.js';
export { TranscriptError } from './transcript-error.js';
export { transcriptOf, type TranscriptEntry, type TranscriptOfOptions } from './transcript-of.js';
export { startProcessTranscript, type ProcessTranscript } from './transcript-process.js';
export {
  closes,
  connects,
  emits,
  emitsText,
  exits,
  expects,
  expectsRest,
  inAnyOrder,
  leaves,
  pauses,
  refuses,
  replies,
  silence,
  type CapturedValues,
  type Emitted,
  type Handshake,
  type Step,
  type StepOptions,
} from './transcript-step.js';
export {
  any,
  anyNumber,
  anyString,
  captured,
  exactly,
  stringMatching,
  type Captured,
  type Exactly,
  type Wildcard,
} from './wildcard.js';
export { describeSource } from './describe-source.js';
export { sourceChecks } from './source-checks.js';
export type { SourceCheck, SourceStage } from './source-stage.js';
export { appServerGatewayChecks } from './app-server-gateway-checks.js';
export { describeGateway, gatewayChecks, runGatewayCheck } from './describe-gateway.js';
export type { GatewayClient } from './gateway-client.js';
export type { Gateway, GatewayCheck, GatewayFrame, GatewayVisit } from './gateway.js';
export { managerGatewayChecks } from './manager-gateway-checks.js';
