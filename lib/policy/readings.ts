import type { ServerRequest } from '../requests/index.js';

interface Params {
  readonly command?: unknown;
  readonly commandActions?: unknown;
}

/** What separates commands, quoted scripts included. */
const separators = /[;&|<>(){}`\r\n'"]+|\$\(|\s-(?:exec|ok)(?:dir)?\s/;

/**
 * What runs the command after it: keywords, assignments, programs and shells with their options.
 */
const runner =
  /^(?:(?:(?:\S*[\\/])?(?:sudo|doas|env|command|exec|builtin|nohup|time|timeout|nice|ionice|xargs|parallel|eval|then|do|else|if|exist|while|until|repeat|not|and|or|begin|call|start|noglob|nocorrect|coproc|busybox|setsid|stdbuf|strace|watch|flock|chroot|unshare|runuser|su|ssh|which|(?:ba|z|da|k|fi|c|tc)?sh|pwsh|powershell|cmd)(?:\.exe)?|\.|\w+=\S*|[-/][\w-]*(?:=\S*)?|\d+[smhd]?)(?=\s|$)\s*|[!@=]\s*)/i;

/** Runners with a word between them and the command. */
const takesWord = /^[-/]|(?:exist|flock|chroot|ssh)\s*$/i;

/** How many readings one command has. */
const maxReadings = 64;

/** Every text that says what a request to run a command may run. `deny` looks at all of them. */
export function readingsOf({ kind, params }: ServerRequest): readonly string[] {
  if (kind !== 'commandExecution') return [];
  const { command, commandActions } = Object(params) as Params;
  const words: readonly unknown[] = Array.isArray(command) ? command : [command];
  const actions: readonly unknown[] = Array.isArray(commandActions) ? commandActions : [];
  const parts = actions.map((action) => (Object(action) as Params).command);
  const texts = [words.filter(isText).join(' '), ...words.slice(1), ...parts].filter(isText);
  return [...new Set(texts.flatMap(readingsOfScript))];
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function readingsOfScript(script: string): readonly string[] {
  const joined = script.replace(/[\\`^]\r?\n/g, '');
  const plain = decoded(joined);
  const texts = [joined, plain, plain.replace(/[{,}]/g, ' '), withDefaults(plain), emptied(plain)];
  const scripts = texts.flatMap((text) => [text, unquoted(text)]);
  const commands = new Set(scripts.flatMap((text) => text.split(separators)).map(oneSpace));
  return [script, ...scripts.map(oneSpace), ...[...commands].flatMap(withoutRunners)].filter(
    isText,
  );
}

const oneSpace = (text: string): string => text.replace(/\s+/g, ' ').replace(/^ | $/g, '');

/** A text without quotes and escapes; what an empty substitution leaves is gone, too. */
const unquoted = (text: string): string =>
  text.replace(/\$(?=['"])|\$\(\)|``|\$[@*]|\$\{[@*]\}/g, '').replace(/['"\\`^]/g, '');

/** The escapes of `$'…'`, and the separator of words in a variable. */
const decoded = (text: string): string =>
  text
    .replace(/\$\{?IFS\}?/g, ' ')
    .replace(
      /\\(?:x([\da-f]{1,2})|u([\da-f]{1,4})|([0-7]{3}))/gi,
      (_, hex?: string, unicode?: string, octal?: string) =>
        String.fromCharCode(parseInt(hex ?? unicode ?? octal ?? '', octal ? 8 : 16)),
    );

/** A text in which each variable has the value that stands with it. */
const withDefaults = (text: string): string => text.replace(/\$\{\w+:?[-+=]([^{}]*)\}/g, '$1');

/** A text without redirections, and in which variables and substitutions have no value. */
const emptied = (text: string): string =>
  text
    .replace(/\$\([^()]*\)|`[^`]*`|\$\{[^{}]*\}|\$(?:\d|[a-z_]\w*)|%\w*%/gi, '')
    .replace(/[\d&]?(?:>[>|&]?|<{1,3})\s*[^\s;&|<>]+/g, ' ');

/** A command, what runs it dropped, and its program without a folder. */
function withoutRunners(command: string): readonly string[] {
  let last = command;
  for (let found = runner.exec(last); found?.[0]; found = runner.exec(last)) {
    last = last.slice(found[0].length);
  }
  const readings = new Set([command, last]);
  // What is long costs the more for each.
  const most = Math.min(maxReadings, 2 ** 20 / command.length);
  for (const each of readings) {
    const [found = ''] = runner.exec(each) ?? [];
    if (found === '' || readings.size > most) continue;
    const rest = each.slice(found.length);
    readings.add(rest);
    if (takesWord.test(found)) readings.add(rest.replace(/^\S+\s*/, ''));
  }
  return [...readings].flatMap((each) => [
    each,
    each.replace(/^\S*[\\/](?=[^\s\\/])/, ''),
    each.replace(/^(?:\S*[\\/])?([^\s\\/]+)\.(?:exe|cmd|bat|com)(?=\s|$)/i, '$1'),
  ]);
}
