import type { Duplex } from 'node:stream';

const headEnd = '\r\n\r\n';

/** A target that answers the first HTTP request with a status and no body, and ends. */
export function faultAnswer(status: number, stream: typeof Duplex): Duplex {
  let head = '';
  return new stream({
    read: () => undefined,
    write(bytes: Buffer, _encoding, done) {
      const wasWhole = head.includes(headEnd);
      head += wasWhole ? '' : bytes.toString('latin1');
      if (!wasWhole && head.includes(headEnd)) {
        this.push(`HTTP/1.1 ${status} \r\nconnection: close\r\ncontent-length: 0${headEnd}`);
        this.push(null);
      }
      done();
    },
    final(done) {
      this.push(null);
      done();
    },
  });
}
