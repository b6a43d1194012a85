// Watches the transport of a stream: which links it has, and what each of them tells it.

import { isEvent, readFrame } from './frame.mjs';

/**
 * @param heirs who must be given each event, within the call that tells of it: objects with `told`
 *   and `settle`.
 */
export function auditLinks(report, heirs) {
  const totals = { links: 0, received: 0, events: 0, ignored: 0, unreadable: 0, stale: 0 };
  let open = 0;
  let current = null;
  let telling = null;

  /** Wraps a transport. */
  const watch = (openTransport) => (request, events) => {
    const link = {
      number: ++totals.links,
      isLeft: false,
      ignored: 0,
      unreadable: 0,
      /** Between which times it was heard last. */
      heard: { from: 0, to: 0 },
    };
    if (open > 0) report('links', 'a link was opened while another was not left');
    open++;
    current = link;

    const leave = () => {
      if (link.isLeft) report('links', 'a link was left twice');
      else open--;
      link.isLeft = true;
      if (current === link) current = null;
    };

    function tell(count, task) {
      const outer = telling;
      const from = Date.now();
      const { isLeft } = link;
      telling = link;
      if (isLeft) totals.stale++;
      else {
        totals.received++;
        if (count) {
          totals[count]++;
          link[count]++;
        }
      }
      task();
      if (!isLeft) link.heard = { from, to: Date.now() };
      telling = outer;
      for (const heir of heirs) heir.settle();
    }

    const opened = openTransport(request, {
      ...events,
      text(text, bytes) {
        const frame = readFrame(text);
        if (frame === null) tell('unreadable', () => events.text(text, bytes));
        else if (!isEvent(frame)) tell(null, () => events.text(text, bytes));
        else {
          if (!link.isLeft) {
            totals.events++;
            for (const heir of heirs) heir.told(frame.payload);
            check(frame.payload);
          }
          tell(null, () => events.text(text, bytes));
        }
      },
      ignored(bytes) {
        tell('ignored', () => events.ignored(bytes));
      },
      fault(fault, bytes, excerpt) {
        tell('unreadable', () => events.fault(fault, bytes, excerpt));
      },
    });

    /** Compares what the server has sent before an event. */
    function check({ socket, n, ignored, unreadable }) {
      if (ignored === link.ignored && unreadable === link.unreadable) return;
      const sent = `${ignored} to ignore and ${unreadable} unreadable`;
      const told = `${link.ignored} and ${link.unreadable}`;
      report('transport', `before event ${socket}:${n} came ${told} frames, not ${sent}`);
    }

    return {
      send: opened.send,
      close(closed) {
        leave();
        opened.close(closed);
      },
      abandon() {
        leave();
        opened.abandon();
      },
    };
  };

  return {
    watch,
    totals,
    /** The link that the stream lives on, or `null`. */
    get current() {
      return current;
    },
    /** The link that tells something just now, or `null`. */
    get telling() {
      return telling;
    },
  };
}
