/** A variable, a template or a mark that something was cut: no value. */
const template =
  /^[^\p{L}\d]+$|^(?:<|\$(?!\w{1,12}\$)|%\w+%$|[{[(#=]|@\w+@$|\*+$|\.{2,}|\.\*|…|x{3,}$|(?:your|example|dummy|placeholder|change[-_]?me)(?![a-z\d]))/iu;

/** What stands behind a name in prose, in types and in forms. */
const words: ReadonlySet<string> = /* @__PURE__ */ new Set(
  (
    'null undefined true false none nil string str number integer int bool boolean any text object type ' +
    'password passwd pass secret token key value required optional empty missing invalid incorrect wrong ' +
    'expired hidden redacted masked unset unknown enabled disabled default prompt input field stdin ' +
    'env file auto failed success set not is was and or the a an in of for to with must should has ' +
    'have may can will from at on no yes see your my this that new old it if then when as by be ' +
    'changed updated rotated basic bearer digest self process await new const let var return ' +
    'function import export ok done sent found given provided needed accepted rejected denied allowed ' +
    'manager reset policy authentication authorization management based login here below above bytes'
  ).split(' '),
);

/** `config.password`, `getToken()`, `env['TOKEN']`: an expression, with no digit in its names. */
const expression = /^[A-Za-z_$]+(?:\??\.[A-Za-z_$]+)+$|^[A-Za-z_$][\w$.]*[([]/;

/** Whether a value is given at all, as far as can be said without its name. */
export const isGiven = (value: string): boolean =>
  !template.test(value) && !words.has(value.toLowerCase().replace(/[.:!?/]+$/, ''));

export const isExpression = (value: string): boolean => expression.test(value);

/** Letters and digits, as tokens and generated passwords have them. */
export const isMixed = (value: string): boolean =>
  value.length >= 8 && /\d/.test(value) && /[A-Za-z]/.test(value) && !/\s/.test(value);

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** How often a word changes between small letters, capitals and digits. */
function changesOf(word: string): number {
  let changes = 0;
  let last = '';
  for (const char of word) {
    const kind = /[a-z]/.test(char) ? 'a' : /[A-Z]/.test(char) ? 'A' : /\d/.test(char) ? '0' : '';
    if (kind !== '' && last !== '' && kind !== last) changes++;
    if (kind !== '') last = kind;
  }
  return changes;
}

/** Whether a word changes as often as drawn ones do, and names do not. No UUID, they are ids. */
export const isDrawn = (word: string): boolean =>
  word.length >= 10 &&
  !/^(?:[/.~]|[A-Z]:)/.test(word) &&
  changesOf(word) >= Math.max(3, word.length / 8) &&
  !uuid.test(word);

/** Whether a word can only have been drawn: long, of all kinds of letters, and of no pattern. */
export const isRandom = (word: string): boolean =>
  word.length >= 28 &&
  /\d[^]*\d/.test(word) &&
  /[g-z]/i.test(word) &&
  changesOf(word) >= word.length * (/[a-z]/.test(word) && /[A-Z]/.test(word) ? 0.42 : 0.25);
