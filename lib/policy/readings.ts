import type { ServerRequest } from '../requests/index.js';

interface Params {
  readonly command?: unknown;
  readonly commandActions?: unknown;
}

/** What separates commands, quoted scripts included. */
const separators = /[;&|<>(){}`\r\n'"]+|\$\(/;

/**
 * What runs the command after it: keywords, assignments, programs and shells with their options.
 */
const runner =
  /^(?:(?:\S*[\\/])?(?:sudo|doas|env|command|exec|builtin|nohup|time|timeout|nice|xargs|eval|then|do|else|if|while|until|not|and|or|begin|call|start|(?:ba|z|da|k|fi|c|tc)?sh|pwsh|powershell|cmd)(?:\.exe)?|!|@|\w+=\S*|[-/][\w-]+(?:=\S*)?|\d+[smhd]?)(?=\s|$)\s*/i;

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
  const texts = [joined, decoded(joined), decoded(joined).replace(/[{,}]/g, ' ')];
  const scripts = texts.flatMap((text) => [text, unquoted(text)]);
  const commands = scripts.flatMap((text) => text.split(separators)).map(oneSpace);
  return [script, ...scripts.map(oneSpace), ...commands.flatMap(withoutRunners)].filter(isText);
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

/** A command, what runs it dropped, and its program without a folder. */
function withoutRunners(command: string): readonly string[] {
  const readings = [command];
  let rest = command;
  for (let found = runner.exec(rest); found; found = runner.exec(rest)) {
    rest = rest.slice(found[0].length);
    readings.push(rest);
  }
  for (const each of [command, rest]) {
    readings.push(each.replace(/^\S*[\\/](?=[^\s\\/])/, ''));
    readings.push(each.replace(/^(?:\S*[\\/])?([^\s\\/]+)\.(?:exe|cmd|bat|com)(?=\s|$)/i, '$1'));
  }
  return readings;
}
