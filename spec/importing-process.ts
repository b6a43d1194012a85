import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import timers from 'node:timers';
import worker from 'node:worker_threads';

// A process of its own, which imports modules and prints what each of them did meanwhile:
// argv[2] is JSON, { externals, modules }. The externals are imported before anything is recorded.

export interface Job {
  readonly externals: readonly string[];
  readonly modules: readonly string[];
}

const job = JSON.parse(process.argv[2]!) as Job;
const platform = globalThis as Record<string, unknown>;
const realImmediate = setImmediate;
let record: string[] | null = null;

// What only a browser has.
for (const name of ['addEventListener', 'removeEventListener']) platform[name] ??= () => undefined;
platform['document'] ??= new EventTarget();
platform['WebSocket'] ??= function WebSocket() {};

for (const name of job.externals) await import(name);

function spy(owner: object, ownerName: string, names: readonly string[]): void {
  for (const name of names) {
    const original = Reflect.get(owner, name) as unknown;
    if (typeof original !== 'function') continue;
    const told = `${ownerName}.${name}`;
    const value = new Proxy(original, {
      apply(target, self, args: unknown[]) {
        record?.push(told);
        return Reflect.apply(target, self, args) as unknown;
      },
      construct(target, args: unknown[], made) {
        record?.push(`new ${told}`);
        return Reflect.construct(target, args, made) as object;
      },
    });
    Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  }
}

const timing = ['setTimeout', 'setInterval', 'setImmediate'];
const listening = ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener'];
const random = ['randomUUID', 'randomBytes', 'randomInt', 'randomFillSync'];
spy(Math, 'Math', ['random']);
spy(Object.getPrototypeOf(globalThis.crypto) as object, 'crypto', [
  'randomUUID',
  'getRandomValues',
]);
spy(crypto, 'node:crypto', random);
spy(timers, 'timers', timing);
const sockets = ['WebSocket', 'EventSource', 'fetch', 'Worker', 'BroadcastChannel'];
spy(platform, 'globalThis', [...timing, 'queueMicrotask', 'addEventListener', ...sockets]);
spy(process, 'process', [...listening, 'nextTick', 'emitWarning']);
spy(EventEmitter.prototype, 'EventEmitter', listening);
spy(EventTarget.prototype, 'EventTarget', ['addEventListener']);
spy(net.Socket.prototype, 'Socket', ['connect']);
spy(net.Server.prototype, 'Server', ['listen']);
spy(http, 'http', ['request', 'get']);
spy(https, 'https', ['request', 'get']);
spy(dns, 'dns', ['lookup']);
spy(dgram, 'dgram', ['createSocket']);
spy(fs, 'fs', ['watch', 'watchFile', 'writeFile', 'writeFileSync', 'appendFileSync', 'mkdirSync']);
spy(childProcess, 'child_process', ['spawn', 'spawnSync', 'exec', 'execSync', 'fork']);
spy(worker, 'worker_threads', ['Worker', 'MessageChannel', 'BroadcastChannel']);
spy(console, 'console', ['debug', 'error', 'info', 'log', 'warn']);
spy(Object.getPrototypeOf(process.stdout) as object, 'process.stdout', ['write']);
syncBuiltinESMExports();

/** Every global, and every member of one and of its prototype. */
function globals(): readonly string[] {
  return Reflect.ownKeys(globalThis).flatMap((name) => {
    const value = Reflect.getOwnPropertyDescriptor(globalThis, name)?.value as unknown;
    const isObject = typeof value === 'function' || (typeof value === 'object' && value !== null);
    if (!isObject || value === globalThis) return [String(name)];
    const { prototype } = value as { prototype?: unknown };
    const members = [value, prototype].flatMap((owner) =>
      owner instanceof Object || owner === Object.prototype ? Reflect.ownKeys(owner) : [],
    );
    return [String(name), ...members.map((member) => `${String(name)}: ${String(member)}`)];
  });
}

const turn = () => new Promise((resolve) => realImmediate(resolve));

const added = (before: readonly string[], after: readonly string[]): readonly string[] => {
  const left = [...before];
  return after.filter((each) => {
    const index = left.indexOf(each);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
};

const results: (readonly string[])[] = [];
for (const module of job.modules) {
  const resources = process.getActiveResourcesInfo();
  const known = new Set(globals());
  const effects: string[] = [];
  record = effects;
  await import(module);
  // What a module begins may come in a later turn.
  await turn();
  await turn();
  record = null;
  results.push([
    ...effects,
    ...globals()
      .filter((name) => !known.has(name))
      .map((name) => `global ${name}`),
    ...added(resources, process.getActiveResourcesInfo()).map((name) => `resource ${name}`),
  ]);
}
fs.writeSync(1, JSON.stringify(results));
process.exit();
