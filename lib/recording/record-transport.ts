import { mustBe } from '../options/index.js';
import type { TransportEnd, OpenTransport } from '../socket/index.js';
import { createRecorder, type RecordingInProgress, type RecordOptions } from './recorder.js';
import type { RecordedProtocol } from './recording.js';
import type { RecordingSink } from './sink.js';
import { withoutSecrets } from './without-secrets.js';

/** The options of `recordTransport`. */
export interface RecordTransportOptions extends RecordOptions {
  /**
   * @default `codex-manager` if the url is that of its stream, `/api/stream`; otherwise
   * `app-server`
   */
  readonly protocol?: RecordedProtocol;
}

/**
 * Records what goes over the wire: every frame that comes in or goes out, even if it is not JSON,
 * and how each connection begins and ends. Its result is the `transport` option of a stream; each
 * connection has its own `sock` in the one recording. Headers and the query of a url are never
 * written, and neither are frames of the types that `ignore` lists; those that `ignore: 'unrouted'`
 * drops are.
 *
 * @example
 * const recording = recordTransport(openWebSocket, sink, { redact: redact() });
 * const stream = connectAppServer({ url, transport: recording });
 * // …
 * await stream.close();
 * await recording.close(); // all is written
 *
 * @param open The transport: `openWebSocket` or `openChildProcess()` of `codex-rx/node`, or your
 * own.
 * @throws TypeError that names the option that is wrong.
 */
export function recordTransport(
  open: OpenTransport,
  sink: RecordingSink,
  options: RecordTransportOptions = {},
): OpenTransport & RecordingInProgress {
  const { protocol } = options;
  mustBe(isProtocol(protocol), 'protocol', '"codex-manager" or "app-server"');
  const recorder = createRecorder(sink, options, ['protocol']);
  let connections = 0;

  const recorded: OpenTransport = (request, events) => {
    const sock = String(++connections);
    let isOpen = false;
    let isOver = false;

    function close(how: object): void {
      if (isOver) return;
      isOver = true;
      isOpen = false;
      recorder.entry({ sock, dir: 'close', ...how });
    }

    recorder.begin(options.protocol ?? protocolOf(request.url));
    const momentary = request.ignore?.isMomentary ? request.ignore : null;
    const link = open(momentary ? { ...request, ignore: null } : request, {
      opened() {
        isOpen = true;
        recorder.entry({ sock, dir: 'open', url: withoutSecrets(request.url) });
        events.opened();
      },
      text(text, bytes, at) {
        recorder.frame(sock, 'in', text);
        if (momentary?.test(text)) events.ignored(bytes, at);
        else events.text(text, bytes, at);
      },
      ignored(bytes, at) {
        events.ignored(bytes, at);
      },
      fault(fault, bytes, excerpt) {
        const note = `A frame that came in was not delivered: ${fault}, ${bytes} bytes.`;
        recorder.entry({ sock, dir: 'note', note, fault, bytes });
        events.fault(fault, bytes, excerpt);
      },
      ended(end) {
        close(describeEnd(end));
        events.ended(end);
      },
    });
    return {
      send(text) {
        if (isOpen) recorder.frame(sock, 'out', text);
        link.send(text);
      },
      close(closed) {
        close({ by: 'client' });
        link.close(closed);
      },
      abandon() {
        close({ by: 'client' });
        link.abandon();
      },
    };
  };
  return Object.assign(recorded, { stats: recorder.stats, close: recorder.close });
}

const isProtocol = (protocol: unknown): boolean =>
  [undefined, 'codex-manager', 'app-server'].includes(protocol as string | undefined);

/** What the streams of both protocols connect to. */
const protocolOf = (url: string): RecordedProtocol =>
  /^wss?:\/\/[^?#]*\/api\/stream(?:[?#]|$)/.test(url) ? 'codex-manager' : 'app-server';

function describeEnd(end: TransportEnd): object {
  if (end.kind !== 'failed') return { ...end, kind: undefined };
  return { error: String((end.error as Error | undefined)?.message ?? end.error) };
}
