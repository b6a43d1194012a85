import { draw, type Row } from './diagram.js';

/** When a subscription began and ended; `Infinity` if it never ended. */
export interface SubscriptionLog {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}

/** How subscriptions differ from the expected ones; `null` if they do not. */
export function explainSubscriptions(
  expected: readonly SubscriptionLog[],
  actual: readonly SubscriptionLog[],
): string | null {
  const longest = expected.length > actual.length ? expected : actual;
  const at = longest.findIndex((_, index) => difference(expected[index], actual[index]) !== null);
  if (at < 0) return null;
  const [frame, report] = difference(expected[at], actual[at]) as Difference;
  const [wanted, got] = [expected.map(rowOf), actual.map(rowOf)];
  const { lines, columnOf } = draw([...wanted, ...got], frame);
  const symbols = [...(wanted[at] ?? []), ...(got[at] ?? [])];
  const column = columnOf(symbols.find((symbol) => symbol.frame === frame) as Row[number]) ?? 0;
  const whose = longest.length > 1 ? `subscription ${at + 1}` : 'the subscription';
  return [
    ...labelled('Expected  ', lines.slice(0, wanted.length)),
    ...labelled('but got   ', lines.slice(wanted.length)),
    `${' '.repeat(10 + column)}^ frame ${frame}: expected ${whose} ${report}`,
  ].join('\n');
}

type Difference = readonly [frame: number, telling: string];

function difference(expected?: SubscriptionLog, is?: SubscriptionLog): Difference | null {
  if (!is) return expected ? [expected.subscribedFrame, 'to begin, got none'] : null;
  if (!expected) return [is.subscribedFrame, 'not to be'];
  const begins = compare(expected.subscribedFrame, is.subscribedFrame, 'begin', 'began');
  return begins ?? compare(expected.unsubscribedFrame, is.unsubscribedFrame, 'end', 'ended');
}

function compare(due: number, is: number, verb: string, past: string): Difference | null {
  if (due === is) return null;
  const wanted = due === Infinity ? `not to ${verb}` : `to ${verb} at frame ${due}`;
  const got = is === Infinity ? 'it did not' : `it ${past} at frame ${is}`;
  return [Math.min(due, is), `${wanted}, ${got}`];
}

const rowOf = ({ subscribedFrame, unsubscribedFrame }: SubscriptionLog): Row => [
  { frame: subscribedFrame, char: '^' },
  ...(unsubscribedFrame === Infinity ? [] : [{ frame: unsubscribedFrame, char: '!' }]),
];

const labelled = (label: string, lines: readonly string[]): readonly string[] =>
  (lines.length > 0 ? lines : ['nothing']).map(
    (line, index) => (index === 0 ? label : ' '.repeat(label.length)) + line,
  );
