export { startTranscript, type SocketTranscript } from './socket.js';
export type { Transcript, TranscriptOptions } from './play-on.js';
export { TranscriptError, type TranscriptFault } from './error.js';
export { transcriptOf, type TranscriptEntry, type TranscriptOfOptions } from './of-recording.js';
export { startProcessTranscript, type ProcessTranscript } from './process.js';
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
} from './step.js';
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
