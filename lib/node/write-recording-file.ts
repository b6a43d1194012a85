import { once } from 'node:events';
import { closeSync, createWriteStream, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { mustBe } from '../options/index.js';

/** A file that a recording is written to: the sink of `record` and `recordTransport`. */
export interface RecordingFile {
  readonly path: string;
  /** How much waits to be written, in bytes. */
  readonly writableLength: number;
  /** @throws Error if the file cannot be written any more. */
  write(line: string): void;
  /** Resolves when everything is on the disk; rejects if it is not. */
  close(): Promise<void>;
}

const flush = promisify(fdatasync);

function open(path: string): number {
  try {
    return openSync(path, 'ax');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it exists, and recordings are not written over' : message;
    throw new Error(`The recording ${path} cannot be made: ${why}.`, { cause });
  }
}

/**
 * Makes a new file for a recording. Lines are appended one after the other, in the order in which
 * they come, so a crash leaves whole lines and perhaps a part of the last.
 *
 * @throws Error if it cannot be made, or exists: recordings are not written over.
 */
export function writeRecordingFile(path: string): RecordingFile {
  mustBe(typeof path === 'string' && path !== '', 'path', 'the path of a file');
  const fd = open(path);
  const stream = createWriteStream(path, { fd, autoClose: false });
  let failure: Error | null = null;
  let closed: Promise<void> | null = null;
  stream.on('error', (error) => {
    failure ??= error;
  });

  async function close(): Promise<void> {
    try {
      if (failure === null) {
        stream.end();
        await once(stream, 'finish');
        await flush(fd);
      }
    } finally {
      closeSync(fd);
    }
    if (failure !== null) throw failure;
  }

  return {
    path,
    get writableLength() {
      return stream.writableLength;
    },
    write(line) {
      if (failure !== null) throw failure;
      if (closed !== null) throw new Error(`The recording ${path} is closed.`);
      stream.write(line);
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
}
