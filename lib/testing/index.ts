export {
  startFakeAppServer,
  type FakeAnswer,
  type FakeAppServer,
  type FakeAppServerOptions,
  type FakeAppServerSocket,
  type FakeMethod,
} from './app-server.js';
export { describeRouter, type TestFramework } from './describe-router.js';
export { envelope, notification, serverRequest, type EnvelopeFields } from './envelopes.js';
export { fakeSocket, type FakeLink, type FakeSocket } from './fake-socket.js';
export type { FaultConnection } from './fault-connection.js';
export { startFaultProxy, type FaultProxy, type FaultProxyOptions } from './fault-proxy.js';
export type { Directed, Direction, Faults, ProxyFaults } from './fault-settings.js';
export { marbles } from './marbles.js';
export { readRecording, type RecordedFrame } from './recording.js';
export { routerChecks, type RouterCheck } from './router-checks.js';
export {
  startStreamServer,
  type RestRequest,
  type ServerSocket,
  type StreamServer,
  type StreamServerOptions,
} from './stream-server.js';
export {
  startTranscript,
  type SocketTranscript,
  type Transcript,
  type TranscriptOptions,
} from './transcript.js';
export { TranscriptError } from './transcript-error.js';
export { transcriptOf, type RecordedEntry, type TranscriptOfOptions } from './transcript-of.js';
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
  type LastFrame,
  type RestReply,
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
