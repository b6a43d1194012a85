export type {
  AppServerEvent,
  AppServerPayload,
  AppServerRequestEvent,
  AppServerRequestPayload,
  NotificationMethod,
  ServerRequestMethod,
} from './app-server-event.js';
export type { EventOfType, EventType } from './event-of-type.js';
export type {
  ManagerApproval,
  ManagerApprovalOf,
  ManagerApprovalResolved,
  ManagerEvents,
  ManagerJob,
  ManagerNotification,
  ManagerPendingRequest,
  ManagerProject,
  ManagerProjectDeleted,
  ManagerRefusedRequest,
  ManagerSessionDeleted,
  ManagerSessionProject,
  ManagerSuggestion,
  ManagerToolCall,
  ManagerToolCallResolved,
  ManagerTranscriptEntry,
  ManagerTranscriptUpdate,
  ManagerUserInput,
  ManagerUserInputResolved,
} from './manager-event.js';
export type { Envelope, RequestId } from './envelope.js';
export type {
  ManagerRequestEvent,
  ManagerThreadEvent,
  NotificationCopy,
} from './manager-envelopes.js';
export { isDurable } from './durable.js';
export { EnvelopeError, type EnvelopeFault } from './envelope-error.js';
export { envelopeSchema, type EnvelopeSchema } from './envelope-schema.js';
export { findRequestId, findThreadId, findTurnId, isRequestId, type Loose } from './identity.js';
export { normalizeMethod, notificationType, remember, requestType } from './method.js';
export { ofText, parseEnvelope, toEnvelope } from './parse-envelope.js';
export { parseExactly, parseFrame, parseJson } from './parse-json.js';
export { withoutNoise } from './without-noise.js';
