/** A url as it may be shown: its query may hold a token, and it may hold a password. */
export const withoutSecrets = (url: string): string =>
  url.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//');
