import { randomInt } from 'node:crypto';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { parse } from 'parse5';
import { getReadableText } from './readable-text.ts';

/** The maximum number of lines that are checked per comment. A reply has room for far fewer. */
const maxLines = 500;

/** The range of the marker characters. They are letters of one script, so Markdown treats all of them alike. */
const firstMarker = 0xac00;
const lastMarker = 0xd7a3;

/**
 * Returns for each line whether it is visible text, using third-party parsers: micromark converts the comment to HTML, and parse5
 * parses the HTML. It shares no code with `analyzeVisibility`. A different marker character replaces the first letter of each line, so that
 * the line can be found in the result.
 * @param text the comment, with lines that end in LF
 * @param lines the offset of each line’s slash, which must be followed by a letter
 */
export const checkVisibleLines = ({ text, lines }: { text: string; lines: readonly number[] }): boolean[] => {
  const markers = createMarkers(text, Math.min(lines.length, maxLines));
  const chars = text.split('');
  markers.forEach((mark, n) => (chars[(lines[n] ?? 0) + 1] = mark));
  const html = micromark(chars.join(''), {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  const readable = getReadableText(parse(`<!doctype html><body>${html}`));
  return lines.map((_, n) => isMarkerAtLineStart(markers[n], html, readable));
};

/** The slash and the marker, after blanks and other characters that readers do not see. */
const lineStart = /^[\p{Zs}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*\/.$/u;

/** Returns whether a marker occurs once, after the slash at the start of a line. */
const isMarkerAtLineStart = (marker: string | undefined, html: string, readable: string): boolean => {
  if (marker === undefined || html.split(marker).length !== 2) return false;
  const line = readable.slice(
    readable.lastIndexOf('\n', readable.indexOf(marker)) + 1,
    readable.indexOf(marker) + 1,
  );
  return readable.includes(marker) && lineStart.test(line);
};

/** Returns `count` random characters that do not occur in the text, so that authors cannot guess them. */
const createMarkers = (text: string, count: number): string[] => {
  const markers = new Set<string>();
  while (markers.size < count) {
    const marker = String.fromCharCode(randomInt(firstMarker, lastMarker + 1));
    if (!text.includes(marker)) markers.add(marker);
  }
  return [...markers];
};
