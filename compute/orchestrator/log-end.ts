/** The last whole lines among the last bytes of a log; of one endless line, its end. @param cut whether the log begins before */
export const wholeLines = (end: Buffer, cut: boolean): string => {
  const line = cut ? end.indexOf(0x0a) + 1 : 0;
  const text = textOf(line < end.length ? end.subarray(line) : end);
  // Cut at a line, and so never inside a character, unless there is no line's end.
  return cut ? text.replace(/^\uFFFD+/, '') : text;
};

/** Without a last character that is not all there yet, for the log may still grow. */
const textOf = (bytes: Buffer): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
