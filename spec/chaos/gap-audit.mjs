// Watches the gaps of a stream: each connection that becomes ready has one, but for the first.

export function auditGaps(report, links, delivery) {
  let connection = 0;
  let readyAt = 0;
  let told = 0;
  let count = 0;
  /** The link of the connection that is ready, or was last, and that of the one before. */
  let link = null;
  let before = null;
  let last = null;

  const isDue = () => (before === null ? 0 : 1);

  function demand() {
    const due = isDue();
    if (told !== due) report('gap', `${told} gaps instead of ${due}`);
  }

  return {
    get count() {
      return count;
    },
    ready(status) {
      ({ connection, since: readyAt } = status);
      told = 0;
      [before, link] = [link, links.telling];
    },
    /** The ready connection ended. */
    ended: demand,
    event(event) {
      if (delivery.inConnection <= 1) demand();
      last = event;
    },
    gap(gap) {
      count++;
      told++;
      const { since, duration } = gap;
      if (gap.connection !== connection) report('gap', `a gap of connection ${gap.connection}`);
      if (told > isDue()) report('gap', `gap ${told} of a connection`);
      if (delivery.inConnection > 0) report('gap', 'a gap after an event of its connection');
      if (gap.last !== last) report('gap', 'the last event of a gap was not the last');
      if (before === null) return;
      const { from, to } = before.heard;
      if (since < from || since > to) report('gap', `since ${since}, not ${from} to ${to}`);
      if (since + duration !== readyAt) report('gap', `it lasted until ${since + duration}`);
    },
  };
}
