import type { Envelope } from 'codex-rx';
import { writeRecordingFile } from 'codex-rx/node';
import { record } from 'codex-rx/recording';
import { envelope } from 'codex-rx/testing';
import { Subject } from 'rxjs';

// A process of its own, which records events to a file, more and more of them, until it is killed or the
// file cannot be written any more: then it goes on a little, and prints what became of it.

export interface Printed {
  readonly failed: readonly string[];
  readonly closed: string;
  readonly sent: number;
  readonly seen: number;
  readonly missing: number;
}

const file = writeRecordingFile(process.env['RECORDING_FILE']!);
const failed: string[] = [];
const events = new Subject<Envelope>();
const recording = record(file, {
  failed: (error) => {
    failed.push(String(error));
  },
});
let sent = 0;
let seen = 0;
events.pipe(recording).subscribe(() => seen++);

function send(): void {
  for (let i = 0; i < 50; i++) events.next(envelope('x', { n: sent++, text: 'é'.repeat(500) }));
}

while (failed.length === 0) {
  send();
  await new Promise((resolve) => setImmediate(resolve));
}
send();
const closed = await file.close().then(() => 'closed', String);
await recording.close();
const { missing } = recording.stats();
process.stdout.write(JSON.stringify({ failed, closed, sent, seen, missing } satisfies Printed));
