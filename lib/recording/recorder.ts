import { asyncScheduler, Subscription } from 'rxjs';
import { amounts, has, mustBe, mustBeKnown } from '../options/index.js';
import { messageOf, writeLog, type StreamLog } from '../text/index.js';
import { bytesOf, createLineWriter } from './line-writer.js';
import type { Redaction } from './redact.js';
import type { RedactionCount } from './secrets.js';
import type { RecordedProtocol, RecordingHeader } from './recording.js';
import type { RecordingSink } from './sink.js';

/** What a recording holds, and how much. */
export interface RecordOptions {
  /**
   * Cuts secrets out before anything is written: `redact()`.
   *
   * @default nothing is cut
   */
  readonly redact?: Redaction;

  /**
   * A recording ends, with a note, before it grows larger; in bytes.
   *
   * @default 1 GiB
   */
  readonly maxBytes?: number;

  /**
   * A larger frame is left out, with a note of its size; in bytes.
   *
   * @default 16 MiB
   */
  readonly maxFrameBytes?: number;

  /**
   * While more than that waits in a sink that does not keep up, lines are left out, with a note of
   * how many; in bytes.
   *
   * @default 16 MiB
   */
  readonly maxWaitingBytes?: number;

  /**
   * Called when the sink begins to fail, and when the recording is full; the events go on.
   *
   * @default it is written to `log`
   */
  readonly failed?: (error: unknown) => void;

  /**
   * Gets what no callback hears; `false`: nothing is written. What it throws harms nothing.
   *
   * @default console
   */
  readonly log?: StreamLog | false;
}

const recordOptionNames = [
  'redact',
  'maxBytes',
  'maxFrameBytes',
  'maxWaitingBytes',
  'failed',
  'log',
] as const satisfies readonly (keyof RecordOptions)[];

/** What became of a recording so far: a snapshot. */
export interface RecordingStats {
  readonly lines: number;
  readonly bytes: number;
  /** Lines and frames that are not in it: too large, too many, or not taken by the sink. */
  readonly missing: number;
  /** How often the sink failed. */
  readonly failures: number;
  /** What `redact` cut out: which rules, and how often. */
  readonly redacted: readonly RedactionCount[];
  /** Why nothing is written any more: it was closed, or is full. */
  readonly ended: 'closed' | 'full' | null;
}

/** A recording in progress. */
export interface RecordingInProgress {
  readonly stats: () => RecordingStats;
  /** Ends the recording, and resolves when its sink is closed. What is recorded goes on. */
  readonly close: () => Promise<void>;
}

/** Writes what happens. None of its functions throws. */
export interface Recorder extends RecordingInProgress {
  /** Writes the header, the first time. */
  begin(protocol: RecordedProtocol): void;
  /** Writes an entry that happens now. */
  entry(members: object): void;
  /** Writes a frame as it goes over the wire: JSON, or any text. */
  frame(sock: string, dir: 'in' | 'out', text: string): void;
  /** Writes a frame that is built only if it is written. */
  frameLater(sock: string, dir: 'in' | 'out', make: () => object): void;
  readonly fail: (error: unknown) => void;
}

/** How long lines that may belong to each other wait while nothing comes, in milliseconds. */
const flushDelay = 2_000;

/** @param others Names of options that the caller knows. */
export function createRecorder(
  sink: RecordingSink,
  options: RecordOptions = {},
  others: readonly string[] = [],
): Recorder {
  mustBeKnown('', options, [...recordOptionNames, ...others]);
  const { redact: redaction, log = console } = options;
  const { failed = (error) => writeLog(log, `the recording failed: ${messageOf(error)}`, error) } =
    options;
  mustBe(has(sink, 'write') || has(sink, 'push'), 'sink', 'something with "write" or "push"');
  mustBe(redaction === undefined || has(redaction, 'begin'), 'redact', 'made by redact()');
  mustBe(typeof failed === 'function', 'failed', 'a function');
  const limits = amounts('', options, {
    maxBytes: 2 ** 30,
    maxFrameBytes: 2 ** 24,
    maxWaitingBytes: 2 ** 24,
  });
  const writer = createLineWriter(
    sink,
    limits,
    (note) => lineOf(`"dir":"note","note":"${note}"`),
    failed,
    log,
  );
  const redacted = redaction?.begin();
  let startedAt: number | null = null;
  let t = 0;
  let waiting = Subscription.EMPTY;

  function lineOf(members: string): string {
    // A clock may be set back, a recording goes on.
    t = Math.max(t, asyncScheduler.now() - (startedAt ?? 0));
    return `{"t":${t},${members}}`;
  }

  function write(line: string): void {
    if (redacted === undefined) writer.write(line);
    else {
      for (const ready of redacted.push(line)) writer.write(ready);
      waiting.unsubscribe();
      if (redacted.waiting > 0) waiting = asyncScheduler.schedule(flush, flushDelay);
    }
  }

  function flush(): void {
    if (redacted !== undefined) for (const line of redacted.flush()) writer.write(line);
  }

  function safely(act: () => void): void {
    try {
      if (writer.ended === null) act();
      else writer.miss();
    } catch (error) {
      writer.miss();
      writer.fail(error);
    }
  }

  function frame(sock: string, dir: 'in' | 'out', text: string, isJson: boolean): void {
    const head = `"sock":${JSON.stringify(sock)},"dir"`;
    const { maxFrameBytes } = limits;
    const bytes = text.length * 3 > maxFrameBytes ? bytesOf(text) : 0;
    if (bytes > maxFrameBytes) {
      writer.miss();
      const note = `A frame that ${dir === 'in' ? 'came in' : 'went out'} is left out: ${bytes} bytes.`;
      write(lineOf(`${head}:"note","note":"${note}","bytes":${bytes}`));
    } else if (isJson) {
      // Newlines outside of strings mean nothing, and inside of them there are none.
      write(lineOf(`${head}:"${dir}","frame":${text.replace(/[\r\n]/g, ' ')}`));
    } else {
      write(lineOf(`${head}:"${dir}","text":${JSON.stringify(text)}`));
    }
  }

  return {
    begin(protocol) {
      if (startedAt !== null) return;
      startedAt = asyncScheduler.now();
      const header: RecordingHeader = {
        recording: 'codex-rx',
        version: 1,
        protocol,
        startedAt: new Date(startedAt).toISOString(),
        redacted: redaction !== undefined,
      };
      writer.begin(JSON.stringify(header));
    },
    entry(members) {
      safely(() => {
        write(lineOf(JSON.stringify(members).slice(1, -1)));
      });
    },
    frame(sock, dir, text) {
      safely(() => {
        frame(sock, dir, text, isJson(text));
      });
    },
    frameLater(sock, dir, make) {
      safely(() => {
        frame(sock, dir, JSON.stringify(make()), true);
      });
    },
    fail: writer.fail,
    stats() {
      const { lines, bytes, missing, failures, ended } = writer;
      return { lines, bytes, missing, failures, redacted: redaction?.report() ?? [], ended };
    },
    close() {
      waiting.unsubscribe();
      flush();
      return writer.close();
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
