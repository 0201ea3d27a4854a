import { describe, expect, test } from '@jest/globals';
import { HeadTailBuffer } from '../../../compute/runner/log/head-tail-buffer.ts';

/** A line of 1 000 bytes. */
const line = (n: number): Buffer => Buffer.from(`${String(n).padStart(999, '0')}\n`);

describe('of a log', () => {
  test('all of a short log is kept, in order', () => {
    const window = new HeadTailBuffer();
    const parts: Buffer[] = [];
    for (let n = 0; n < 4_900; n += 1) {
      window.add(line(n));
      if (n % 1_000 === 0) parts.push(window.takeHead());
    }
    parts.push(window.takeRest());
    expect(parts[0]).toEqual(line(0));
    const written = Array.from({ length: 4_900 }, (_, n) => line(n));
    expect(Buffer.concat(parts).equals(Buffer.concat(written))).toBe(true);
  });

  test('of a long log, head and tail of at most 10 MB are kept, and the omitted bytes are counted', () => {
    const window = new HeadTailBuffer();
    for (let n = 0; n < 20_000; n += 1) window.add(line(n));
    const text = window.takeRest().toString();
    const [, head = '', leftOut, tail = ''] =
      /^([^]*)\n\[… (\d+) bytes left out …\]\n([^]*)$/.exec(text) ?? [];
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000_000);
    expect(Number(leftOut) + head.length + tail.length).toBe(20_000_000);
    expect(head.startsWith(line(0).toString())).toBe(true);
    expect(tail).toMatch(/^\d{999}\n/);
    expect(tail.endsWith(line(19_999).toString())).toBe(true);
  });

  test('readers of the head learn once where the rest is', () => {
    const window = new HeadTailBuffer();
    for (let n = 0; n < 4_000; n += 1) window.add(line(n));
    expect(window.takeHead().length).toBe(4_000_000);
    for (let n = 4_000; n < 6_000; n += 1) window.add(line(n));
    const head = window.takeHead().toString();
    expect(head).toMatch(/\d{999}\n\n\[… The log has reached 5 MB\. .* when the script ends …\]\n$/);
    expect(window.takeHead().length).toBe(0);
    window.add(line(6_000));
    expect(window.takeHead().length).toBe(0);
    expect(window.takeRest().length).toBe(1_001_000);
  });

  test('a log of up to 9.9 MB is whole when nobody has read its head', () => {
    const window = new HeadTailBuffer();
    for (let n = 0; n < 9_000; n += 1) window.add(line(n));
    const written = Array.from({ length: 9_000 }, (_, n) => line(n));
    expect(window.takeRest().equals(Buffer.concat(written))).toBe(true);
  });

  test('many small writes take no more memory than a few large ones', () => {
    const window = new HeadTailBuffer();
    for (let n = 0; n < 100_000; n += 1) window.add(Buffer.from('ab'));
    expect(window.takeRest().length).toBe(200_000);
  });
});
