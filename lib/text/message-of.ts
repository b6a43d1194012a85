/**
 * What a thrown value says: its message, or the value as text. Reads errors of another realm, and
 * of a host with several addresses, whose own message is empty. Never throws.
 */
export function messageOf(error: unknown): string {
  try {
    const { message, errors } = Object(error) as { message?: unknown; errors?: readonly unknown[] };
    if (typeof message === 'string' && message !== '') return message;
    if (errors?.length) return messageOf(errors[0]);
    return String(error instanceof Error && message !== '' ? message : error);
  } catch {
    return 'a value that cannot be shown';
  }
}
