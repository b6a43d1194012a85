const bom = 0xfeff;
const escape = 0x1b;

/** White space, a BOM, escape sequences of a terminal: CSI, OSC and the shorter ones. */
const noise =
  // eslint-disable-next-line no-control-regex -- it is control characters that are matched
  /^(?:[\s\ufeff]|\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~]))+/;

/** The JSON of a frame, without what an encoder or a shell may write in front of it. */
export function withoutNoise(text: string): string {
  const first = text.charCodeAt(0);
  if (first !== bom && first !== escape) return text;
  const end = noise.exec(text)?.[0].length ?? 0;
  const start = text.indexOf('{', end);
  return start === -1 ? text.slice(end) : text.slice(start);
}
