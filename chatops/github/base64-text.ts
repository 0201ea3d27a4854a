const decoder = new TextDecoder('utf-8', { fatal: true });

/** The bytes that GitHub sends as base64, with its line breaks. */
export const decodeBase64 = (base64: string): Buffer => Buffer.from(base64, 'base64');

/** Bytes as text; undefined if they are none: not UTF-8, or with NUL. */
export const decodeText = (bytes: Uint8Array): string | undefined => {
  if (bytes.includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
};
