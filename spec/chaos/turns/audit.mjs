// Compares what was said of a turn with what its server knows.

/**
 * @param record `text`, or `turnId` of a turn that was watched; `outcome`, `answer`, `turnId`, `steered`.
 */
export function auditTurn(
  { client, text, outcome, answer, turnId, steered, seconds },
  truth,
  report,
) {
  const holder = [...truth.values()].find(({ said }) => said.includes(text));
  const turn = truth.get(turnId);
  const { status, by, certain, delivered } = outcome;
  const what = `${text ?? turnId}: ${status} by ${by}`;
  const tell = (kind, why) => report(kind, `${what}, ${why}`, client);

  if (text !== undefined) {
    const times = [...truth.values()].flatMap(({ said }) =>
      said.filter((one) => one === text),
    ).length;
    if (times > 1) tell('twice', `and it was sent ${times} times`);
    if (delivered === true && !holder) tell('delivered', 'but the message is nowhere');
    if (delivered === false && holder) tell('delivered', `but the message is in ${holder.id}`);
    // Without names of clients, a turn that was announced and is none can be lost sight of in a gap.
    const isKnown = client.source === 'app-server' || status !== 'incomplete';
    if (holder && turnId !== holder.id && by !== 'send' && isKnown) {
      tell('turn', `of ${turnId}, but the message is in ${holder.id}`);
    }
  }
  if (steered && steered.delivered !== null) {
    const isThere = [...truth.values()].some(({ said }) => said.includes(steered.text));
    if (isThere !== steered.delivered) {
      tell('delivered', `and what steered it is ${isThere ? '' : 'not '}there`);
    }
  }
  if (status === 'incomplete') {
    const isKnown = delivered === false || by === 'send' || by === 'closed';
    // A manager says for ever that a turn runs whose Codex was killed, and forgets failures.
    const isLost = client.source === 'manager' && turn?.status !== 'completed';
    if (!isKnown && !isLost) tell('gave-up', `but its server says ${turn?.status}`);
    return;
  }
  if (turn?.status !== status && certain) tell('false-end', `but its server says ${turn?.status}`);
  if (turn?.status === 'inProgress') tell('false-end', 'but it has not ended');
  // What a gap took of a turn that has ended is tried to be read for 10 s.
  const isUnread = answer === null && seconds > 10;
  if (status !== 'completed' || turn?.status !== 'completed' || isUnread) return;
  const isNamed = text !== undefined && delivered === true;
  const truly = isNamed ? turn.answerTo(text) : turn.answer;
  if (answer !== truly) tell('answer', `with "${answer}", but it was "${truly}"`);
}
