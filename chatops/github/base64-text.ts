const decoder = new TextDecoder('utf-8', { fatal: true });

/** Decodes base64 as GitHub sends it, with line breaks. */
export const decodeBase64 = (base64: string): Buffer => Buffer.from(base64, 'base64');

/** Decodes UTF-8; returns undefined if the bytes are not text: not valid UTF-8, or with NUL. */
export const decodeText = (bytes: Uint8Array): string | undefined => {
  if (bytes.includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
};
