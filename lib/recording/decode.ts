import { isRequest, isResponse, readMessage, toMessage } from '../app-server/message.js';
import { toEvent } from '../app-server/to-event.js';
import { ofText, parseFrame, toEnvelope, type Envelope } from '../envelope/index.js';
import { controlFrame } from '../manager/control.js';
import { identityOf } from '../requests/index.js';
import type { RecordedEntry, RecordingHeader } from './recording.js';

/**
 * The event that a recorded frame is, read as the live sources read it; `null` if it is none.
 *
 * @throws EnvelopeError for a frame that cannot be read.
 */
export type Decode = (entry: RecordedEntry) => Envelope | null;

export const decoderOf = ({ protocol, startedAt }: RecordingHeader): Decode =>
  protocol === 'codex-manager' ? decodeManager : appServerDecoder(Date.parse(startedAt));

const decodeManager: Decode = ({ frame, text }) => {
  const value = text === undefined ? frame : parseFrame(text);
  if (controlFrame(value) !== null) return null;
  return text === undefined ? toEnvelope(value) : ofText(text, value);
};

/** How many requests are remembered. */
const bound = 10_000;

function appServerDecoder(startedAt: number): Decode {
  const requests = new Set<string>();

  /** The server sends a request again when its thread is resumed: it is emitted once. */
  function isAgain(request: Envelope): boolean {
    const key = identityOf(request);
    if (requests.has(key)) return true;
    if (requests.size >= bound) requests.clear();
    requests.add(key);
    return false;
  }

  return ({ t, frame, text }) => {
    const message = text === undefined ? toMessage(frame) : readMessage(text);
    if (isResponse(message)) return null;
    const event = toEvent(message, new Date(startedAt + t).toISOString());
    return isRequest(message) && isAgain(event) ? null : event;
  };
}
