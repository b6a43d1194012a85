/** More is not looked into, in characters: it would take long. */
const limit = 2 ** 20;

/** The text that base64 means; `null` if it means none, or too much. */
export function base64Text(base64: string): string | null {
  if (base64.length > limit) return null;
  try {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const text = new TextDecoder().decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

export function toBase64(text: string): string {
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return btoa(bytes);
}
