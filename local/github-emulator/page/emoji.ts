/** The pictures of emoji that replies and pages use, by their names in `assets/emoji/`. A system may have no font with them. */
const emojiNames: Readonly<Record<string, string>> = {
  '✅': 'check',
  '❌': 'cross',
  '⚠': 'warning',
  '🛑': 'stop',
  '🚫': 'prohibited',
  '✋': 'hand',
  '⏳': 'hourglass',
  '⌛': 'hourglass-done',
  '⏰': 'alarm',
  '⏸': 'pause',
  '🚣': 'rowing',
  '🔒': 'lock',
  '🔓': 'unlock',
  '🔎': 'search',
  '📜': 'scroll',
  '⬜': 'square',
  '👍': 'thumbs-up',
  '👎': 'thumbs-down',
  '😄': 'laugh',
  '🎉': 'party',
  '😕': 'confused',
  '❤': 'heart',
  '🚀': 'rocket',
  '👀': 'eyes',
};

export const emojiFiles: readonly string[] = Object.values(emojiNames).map((name) => `${name}.svg`);

/** Followed by the selector of the picture, or not. */
const pattern = new RegExp(`(${Object.keys(emojiNames).join('|')})(\\ufe0f?)`, 'gu');

/** Elements that contain text only, and logs, which stay as they are. */
const plain = /^<(\/?)(?:textarea|title|option|pre)[\s>]/i;

/**
 * Shows the emoji of a page's HTML as pictures. Their alternative text is the emoji, so readers hear it, and copied text contains it.
 * Attributes must not contain `>`, which our templates and the sanitizer escape.
 */
export const showEmoji = (html: string): string => {
  let depth = 0;
  // Texts and tags alternate.
  return html
    .split(/(<[^>]*>)/)
    .map((part, index) => {
      if (index % 2 === 0) return depth > 0 ? part : part.replace(pattern, toPicture);
      const [, closes] = plain.exec(part) ?? [];
      if (closes !== undefined) depth += closes === '' ? 1 : -1;
      return part;
    })
    .join('');
};

const toPicture = (whole: string, emoji: string): string =>
  `<img class="emoji" src="/assets/emoji/${emojiNames[emoji]}.svg" alt="${whole}" width="16" height="16">`;
