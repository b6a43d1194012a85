export { describeRouter, type TestFramework } from './describe-router.js';
export { envelope, notification, serverRequest, type EnvelopeFields } from './envelopes.js';
export { fakeSocket, type FakeLink, type FakeSocket } from './fake-socket.js';
export { marbles } from './marbles.js';
export { readRecording, type RecordedFrame } from './recording.js';
export { routerChecks, type RouterCheck } from './router-checks.js';
export {
  startStreamServer,
  type ServerSocket,
  type StreamServer,
  type StreamServerOptions,
} from './stream-server.js';
