import type { Writable } from 'node:stream';

/**
 * Handles the errors of the standard streams. EPIPE is a goodbye: the reader has left, as `head`
 * does. Any other error of an output, such as a full disk, is a failure.
 *
 * @param stop Called when stdout can no longer be written, whatever the reason.
 * @param fail Called when an output has failed.
 */
export function watchOutputs(
  { stdout, stderr }: { readonly stdout: Writable; readonly stderr: Writable },
  { stop, fail }: { readonly stop: () => void; readonly fail: () => void },
): void {
  let reported = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      fail();
      if (!reported) stderr.write(`codex-rx: cannot write to stdout: ${error.message}\n`);
      reported = true;
    }
    stop();
  });
  stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') fail();
  });
}
