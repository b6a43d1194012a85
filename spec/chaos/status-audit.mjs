// Watches the states of a stream, as two observers see them.

/** What may follow what. */
const legal = {
  none: ['idle'],
  idle: ['connecting', 'closed'],
  connecting: ['opened', 'waiting', 'idle', 'closed'],
  opened: ['ready', 'waiting', 'idle', 'closed'],
  ready: ['ready', 'waiting', 'idle', 'closed'],
  waiting: ['connecting', 'idle', 'closed'],
  closed: ['complete'],
  complete: [],
};

const nameOf = (status) => (status.state === 'open' ? status.phase : status.state);

/** @param changed is told of each legal state. */
export function auditStatus(report, links, changed) {
  const pending = [];
  let name = 'none';
  let status = { state: 'none' };
  let connections = 0;
  let readies = 0;

  function enter(next) {
    if (!legal[name].includes(next)) report('status', `${name} → ${next}`);
    name = next;
  }

  function check(next, before) {
    const { connection, upstream } = next;
    if (name === 'opened' && connection !== ++connections) {
      report('status', `connection ${connection} comes after ${connections - 1}`);
    }
    if (name === 'ready') {
      if (connection !== connections) report('status', `connection ${connection} became ready`);
      const isSame = before.phase === 'ready' && before.upstream === upstream;
      if (isSame) report('status', 'ready → ready without a change');
    }
    if (name === 'connecting' && before.state === 'waiting' && next.attempt !== before.attempt) {
      report('status', `attempt ${next.attempt} instead of ${before.attempt}`);
    }
    const lives = links.current !== null;
    if (next.state === 'open' && !lives) report('status', `${name} without a link`);
    if (next.state !== 'open' && lives) report('status', `${name} with a link`);
  }

  return {
    first: {
      next(next) {
        enter(nameOf(next));
        const before = status;
        status = next;
        pending.push(next);
        check(next, before);
        if (name === 'ready' && before.phase !== 'ready') readies++;
        changed(name, before);
      },
      complete: () => enter('complete'),
    },
    second: {
      next(next) {
        if (pending.shift() !== next) report('status', 'two observers disagree');
      },
      complete() {
        if (pending.length > 0) report('status', `an observer missed ${pending.length} states`);
      },
    },
    /** `opened` and `ready` stand for their phase. */
    get name() {
      return name;
    },
    get current() {
      return status;
    },
    /** How many connections became ready. */
    get readies() {
      return readies;
    },
  };
}
