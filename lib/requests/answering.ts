import { Subscription, timer } from 'rxjs';
import { AnswerError, type AnswerFault } from './answer-error.js';
import { approves } from './answers.js';
import { checkAnswer } from './check-answer.js';
import type { Entry } from './entry.js';
import { settledWithout, type Evidence } from './evidence.js';
import { writtenAs, type Given } from './given.js';
import type { Delivery, RequestPort, RequestRefusal, Sent } from './port.js';
import type { Outcome, SettledBy } from './settlement.js';

/** How long the reply to an answer is waited for once an event has said the end, in ms. */
const grace = 2_000;

export interface AnsweringHost {
  readonly port: RequestPort;
  readonly isOfConnection: (entry: Entry) => boolean;
  readonly settle: (entry: Entry, outcome: Outcome, cause: SettledBy) => void;
  readonly setState: (entry: Entry, state: 'open' | 'answering') => void;
  readonly decided: (entry: Entry, given: Given) => void;
  /** The request is open again: the next handler may answer it. */
  readonly reopened: (entry: Entry) => void;
}

/** Carries answers, and concludes from events how requests ended. */
export interface Answering {
  readonly give: (entry: Entry, given: Given) => void;
  /** Answers with an error: why not, if so. */
  refuse(entry: Entry, error: RequestRefusal, given: Omit<Given, 'answer'>): void;
  /** Sends the answer that is kept for a request, since the server waits for it. */
  redeliver(entry: Entry): void;
  readonly conclude: (entry: Entry, evidence: Evidence) => void;
  /** Whether an answer is decided that the server surely does not have. */
  isKept(entry: Entry): boolean;
}

export function createAnswering(host: AnsweringHost): Answering {
  const { port, isOfConnection, settle, setState, decided, reopened } = host;

  const isKept = ({ announced, delivery, uncertain }: Entry): boolean =>
    announced.state === 'answering' && !uncertain && (delivery?.isKept() ?? false);

  /** Why no answer can be given now; an answer that is kept gives way to one that approves less. */
  function objection(entry: Entry, approving: boolean): AnswerError | null {
    const { request, answer } = entry;
    if (!request.answerable) return fault(entry, 'unanswerable', 'this source cannot answer it');
    if (request.state === 'open') return null;
    const isLess = isKept(entry) && approves(request, answer) && !approving;
    return isLess ? null : fault(entry, 'taken', 'an answer is on its way already');
  }

  function prepare(entry: Entry, given: object): AnswerError | readonly [object, Delivery] {
    const { request } = entry;
    const written = writtenAs(given);
    if (typeof written === 'string') return fault(entry, 'unfit', written);
    const [answer, json] = written;
    const problem = checkAnswer(request, answer);
    if (problem !== null) return fault(entry, 'unfit', problem);
    const error = objection(entry, approves(request, answer));
    if (error) return error;
    const delivery = port.prepare(request, answer, json);
    return delivery instanceof AnswerError ? delivery : [answer, delivery];
  }

  function give(entry: Entry, given: Given): void {
    const prepared = objection(entry, false) ?? prepare(entry, given.answer);
    if (prepared instanceof AnswerError) {
      given.failed(prepared);
      return;
    }
    const [answer, delivery] = prepared;
    entry.sending?.unsubscribe();
    if (entry.announced.state === 'answering') {
      entry.failed(fault(entry, 'taken', 'an answer that approves less has replaced it'));
    }
    const { by, failed } = given;
    Object.assign(entry, { answer, by, failed, delivery });
    setState(entry, 'answering');
    decided(entry, { ...given, answer });
    send(entry, delivery);
  }

  function send(entry: Entry, delivery: Delivery): void {
    const sending = new Subscription();
    entry.sending = sending;
    sending.add(
      delivery.send().subscribe((sent) => {
        // From here on nothing carries it any more.
        entry.sending = null;
        sending.unsubscribe();
        carried(entry, sent);
      }),
    );
  }

  function carried(entry: Entry, sent: Sent): void {
    const { evidence } = entry;
    const isUncertain = 'uncertain' in sent && (sent.uncertain || entry.uncertain);
    const isSent = sent.status === 'sent' ? 'surely' : isUncertain ? 'perhaps' : 'no';
    const known = evidence && settledWithout(evidence, entry.answer, isSent);
    switch (sent.status) {
      case 'answered':
        settle(entry, 'answered', 'accepted');
        break;
      case 'conflict':
        settle(entry, 'answered-elsewhere', 'conflict');
        break;
      case 'gone':
        settle(entry, ...(known ?? (['lost', 'gone'] as const)));
        break;
      case 'kept':
      case 'sent':
        if (known) settle(entry, ...known);
        break;
      case 'failed':
        entry.uncertain ||= sent.uncertain;
        if (known) settle(entry, ...known);
        else {
          setState(entry, 'open');
          entry.failed(sent.error);
          reopened(entry);
        }
    }
  }

  return {
    give,
    isKept,
    refuse(entry, error, { failed, ...note }) {
      const refused = objection(entry, false) ?? port.refuse(entry.request, error);
      if (refused instanceof AnswerError) failed(refused);
      else if ('answer' in refused) give(entry, { ...note, failed, answer: refused.answer });
      else {
        entry.sending?.unsubscribe();
        refused.send().subscribe();
        settle(entry, 'failed', 'refused');
      }
    },
    redeliver(entry) {
      const { request, delivery, sending } = entry;
      if (request.state === 'answering' && delivery && !sending) send(entry, delivery);
    },
    conclude(entry, said) {
      const { announced, sending, uncertain } = entry;
      // This connection never announced the request, so its events cannot say how it ended.
      const evidence: Evidence = isOfConnection(entry) ? said : { ...said, answeredBy: 'unknown' };
      const kept = isKept(entry);
      if (sending && !sending.closed && !kept) {
        // The reply to the answer knows more; it is waited for, but not for ever.
        if (entry.evidence) return;
        entry.evidence = evidence;
        sending.add(
          timer(grace).subscribe(() => {
            settle(entry, ...settledWithout(evidence, entry.answer, 'perhaps'));
          }),
        );
        return;
      }
      const isSent =
        announced.state === 'answering' && !kept ? 'surely' : uncertain ? 'perhaps' : 'no';
      settle(entry, ...settledWithout(evidence, entry.answer, isSent));
    },
  };
}

const fault = ({ announced }: Entry, kind: AnswerFault, message: string): AnswerError =>
  new AnswerError(kind, `${announced.method}: ${message}.`);
