// Watches one of those who get the events of a stream: they are what its link tells, each once, in
// order, and of one socket in each connection.

import { isEvent } from './frame.mjs';
import { createSequence } from './sequence.mjs';

export function auditDelivery(who, report) {
  const waiting = [];
  let sequence = createSequence();
  let socket = null;
  let lastSocket = 0;
  let count = 0;

  const name = (event) => `event ${event.socket}:${event.n}`;

  return {
    /** How many events came, and how many in this connection. */
    get count() {
      return count;
    },
    get inConnection() {
      return sequence.next;
    },
    /** The socket of the server that sends to this connection, if that is known. */
    get socket() {
      return socket;
    },
    /** A new connection. */
    begin() {
      sequence = createSequence();
      lastSocket = socket ?? lastSocket;
      socket = null;
    },
    /** A link tells of an event, which is to be delivered. */
    told(payload) {
      waiting.push(payload);
    },
    /** The link has told it. */
    settle() {
      if (waiting.length === 0) return;
      report('undelivered', `${who} did not get ${waiting.map(name).join()}`);
      waiting.length = 0;
    },
    /** `link`: the link that is just telling. */
    delivered(event, link) {
      count++;
      if (!isEvent(event)) {
        report('ignored', `${who} got ${event.type}, which is ignored`);
        return;
      }
      const { payload } = event;
      if (link === null) report('stale', `${who} got ${name(payload)} that no link tells`);
      else if (link.isLeft) report('stale', `${who} got ${name(payload)} of a link that was left`);
      const expected = waiting.shift();
      if (expected?.socket !== payload.socket || expected.n !== payload.n) {
        const told = expected ? name(expected) : 'nothing';
        report('untold', `${who} got ${name(payload)}, and the link told ${told}`);
      }
      check(payload);
    },
  };

  function check(payload) {
    if (socket === null && payload.socket > lastSocket) socket = payload.socket;
    if (payload.socket !== socket) {
      report('foreign', `${who} got ${name(payload)} in the connection of socket ${socket}`);
      return;
    }
    const { next } = sequence;
    const wrong = sequence.check(payload.n);
    if (wrong) report(wrong, `${who} got ${name(payload)} after ${next - 1}`);
  }
}
