import type { OpenLink } from 'codex-rx';

/** A frame as it went over the wire. */
export interface RecordedFrame {
  readonly dir: 'in' | 'out';
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What was said on one connection. */
export type Recording = readonly RecordedFrame[];

/** A transport that writes down every frame, each connection in a recording of its own. */
export function recordedLink(open: OpenLink, recordings: Recording[]): OpenLink {
  return (request, events) => {
    const frames: RecordedFrame[] = [];
    recordings.push(frames);
    const link = open(request, {
      ...events,
      text(text, bytes) {
        frames.push({ dir: 'in', text, at: Date.now() });
        events.text(text, bytes);
      },
    });
    return {
      ...link,
      send(text) {
        frames.push({ dir: 'out', text, at: Date.now() });
        link.send(text);
      },
    };
  };
}
