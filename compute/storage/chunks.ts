/** Bytes of a staged block of a blob that is put in parts. */
const minChunkBytes = 4 * 1024 * 1024;

/** Joins parts to pieces of about 4 MiB, in order. Each piece but the last has at least that size. */
export async function* toChunks(parts: AsyncIterable<string | Uint8Array>): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let bytes = 0;
  for await (const part of parts) {
    const buffer =
      typeof part === 'string'
        ? Buffer.from(part)
        : Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    pending.push(buffer);
    bytes += buffer.length;
    if (bytes < minChunkBytes) continue;
    yield Buffer.concat(pending);
    pending = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(pending);
}
