// Numbers the answers that a stream sends by REST, and watches what comes back.

/** @param answering The marks of what is being answered here, by the id of the request. */
export function watchAttempts(answering) {
  /** By number: `{ startedAt, endedAt, status, marks }`. */
  const attempts = new Map();
  /** When each process of the server was last heard: what proves that it was there. */
  const proofs = new Map();
  const heard = (process) => void proofs.set(process, performance.now());
  return {
    attempts,
    proofs,
    heard,
    watch: (fetch) => async (url, request) => {
      if (request.method !== 'POST') {
        const response = await fetch(url, request);
        const json = async () => {
          const body = await jsonOf(response);
          heard(body.process);
          return body;
        };
        return { status: response.status, json };
      }
      const number = String(attempts.size);
      const [, id] = /\/(\d+)\/\w+$/.exec(url) ?? [];
      const marks = answering(Number(id));
      const attempt = { startedAt: performance.now(), endedAt: NaN, status: null, marks };
      attempts.set(number, attempt);
      // It is over when it is given up, and not when a busy process gets to hear of that.
      const over = () => {
        if (isNaN(attempt.endedAt)) attempt.endedAt = performance.now();
      };
      request.signal?.addEventListener('abort', over);
      try {
        const headers = { ...request.headers, 'x-attempt': number };
        const response = await fetch(url, { ...request, headers });
        attempt.status = response.status;
        return response;
      } finally {
        over();
      }
    },
  };
}

/** The body of a response of the library's own `fetch`, which comes in pieces. */
async function jsonOf({ body }) {
  const reader = body.getReader();
  const chunks = [];
  for (let next = await reader.read(); next.value; next = await reader.read()) {
    chunks.push(next.value);
  }
  return JSON.parse(Buffer.concat(chunks));
}
