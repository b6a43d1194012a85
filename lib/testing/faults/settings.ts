import { mustBe } from '../../options/index.js';

/** One value for both directions, or one for each; a direction that is left out stays as it is. */
export type Directed<Value> = Value | Readonly<Partial<Record<Direction, Value>>>;

/** The direction of bytes, as the client sees it. */
export type Direction = 'toClient' | 'toServer';

/** The faults of a connection. Those that are left out stay as they are. */
export interface Faults {
  /**
   * How many milliseconds late bytes, and their end, are forwarded.
   *
   * @default 0
   */
  readonly delay?: Directed<number>;
  /**
   * The most bytes that are forwarded in a second.
   *
   * @default `Infinity`
   */
  readonly throttle?: Directed<number>;
  /**
   * The most bytes that are forwarded at once: each piece is a separate write, a tick of the event
   * loop after the last.
   *
   * @default `Infinity`
   */
  readonly split?: Directed<number>;
  /**
   * How many milliseconds bytes are gathered for, to be forwarded together.
   *
   * @default 0
   */
  readonly merge?: Directed<number>;
  /**
   * Whether the other side is dead: bytes are read and lost, those included that wait to be
   * forwarded, and the end of a side is not forwarded. When it lives again, later bytes are
   * forwarded, and an end that came during the stall; the lost bytes are not, so a websocket
   * survives this only between two frames.
   *
   * @default false
   */
  readonly stall?: Directed<boolean>;
}

/** The faults of a proxy, and of each of its connections. Those left out stay as they are. */
export interface ProxyFaults extends Faults {
  /**
   * Whether new connections are reset at once: clients get ECONNRESET. (For ECONNREFUSED, close the
   * proxy, and start another on its port.)
   *
   * @default false
   */
  readonly refuse?: boolean;
  /**
   * The HTTP status, 100 to 599, that new connections are answered with, without a connection to
   * the target; `null` for none.
   *
   * @default `null`
   */
  readonly answer?: number | null;
}

/** The faults of one direction. */
export type PipeFaults = {
  readonly [Fault in keyof Faults]-?: Fault extends 'stall' ? boolean : number;
};

/** The faults of a connection. */
export type Wire = Readonly<Record<Direction, PipeFaults>>;

/** The changes of one call of `set`. */
export type WireChanges = Readonly<Record<Direction, Partial<PipeFaults>>>;

const sound = { delay: 0, throttle: Infinity, split: Infinity, merge: 0, stall: false };

export const soundWire: Wire = { toClient: sound, toServer: sound };

export const change = (wire: Wire, changes: WireChanges): Wire => ({
  toClient: { ...wire.toClient, ...changes.toClient },
  toServer: { ...wire.toServer, ...changes.toServer },
});

type Rule = readonly [isRight: (value: unknown) => boolean, what: string];

const isAmount = (value: unknown): value is number => typeof value === 'number' && value >= 0;
const milliseconds: Rule = [isAmount, 'a number of milliseconds, 0 or more'];
const boolean: Rule = [(value) => typeof value === 'boolean', 'true or false'];

const rules: Readonly<Record<string, Rule>> = {
  delay: milliseconds,
  throttle: [(value) => isAmount(value) && value > 0, 'a number of bytes a second, above 0'],
  split: [
    (value) => isAmount(value) && value > 0 && (value === Infinity || Number.isInteger(value)),
    'a whole number of bytes above 0, or Infinity',
  ],
  merge: milliseconds,
  stall: boolean,
};

const httpStatus: Rule = [
  (value) => Number.isInteger(value) && isAmount(value) && value >= 100 && value < 600,
  'an HTTP status, 100 to 599, or null',
];

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function check([isRight, what]: Rule, name: string, value: unknown): void {
  const isShown = typeof value === 'number' || value === null;
  mustBe(isRight(value), name, what, isShown ? value : typeof value);
}

/** @throws TypeError that names the fault that is wrong or unknown. */
export function readFaults(faults: Faults): WireChanges {
  mustBe(isObject(faults), 'faults', 'an object of faults');
  const changes: Record<string, Record<string, unknown>> = { toClient: {}, toServer: {} };
  for (const [name, value] of Object.entries(faults) as [string, unknown][]) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    mustBe(rule !== undefined, name, `one of the faults ${Object.keys(rules).join(', ')}`);
    const given = isObject(value) ? value : { toClient: value, toServer: value };
    for (const [direction, setting] of Object.entries(given) as [string, unknown][]) {
      const path = isObject(value) ? `${name}.${direction}` : name;
      const settings = Object.hasOwn(changes, direction) ? changes[direction] : undefined;
      mustBe(settings !== undefined, path, 'toClient or toServer');
      if (setting === undefined) continue;
      check(rule, path, setting);
      settings[name] = setting;
    }
  }
  return changes as WireChanges;
}

/** @throws TypeError, as `readFaults` does. */
export function readProxyFaults(faults: ProxyFaults): WireChanges {
  mustBe(isObject(faults), 'faults', 'an object of faults');
  const { refuse = false, answer = null, ...others } = faults;
  check(boolean, 'refuse', refuse);
  if (answer !== null) check(httpStatus, 'answer', answer);
  return readFaults(others);
}
