// Numbers the answers that a stream sends by REST, and watches what comes back.

export function watchAttempts() {
  /** By number: `{ startedAt, endedAt, status }`. */
  const attempts = new Map();
  return {
    attempts,
    watch: (fetch) => async (url, request) => {
      if (request.method !== 'POST') return fetch(url, request);
      const number = String(attempts.size);
      const attempt = { startedAt: performance.now(), endedAt: NaN, status: null };
      attempts.set(number, attempt);
      try {
        const headers = { ...request.headers, 'x-attempt': number };
        const response = await fetch(url, { ...request, headers });
        attempt.status = response.status;
        return response;
      } finally {
        attempt.endedAt = performance.now();
      }
    },
  };
}
