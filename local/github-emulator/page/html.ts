/** Text that is HTML already. Only `markup` and `trusted` make it, so all else is escaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type HtmlValue = Html | string | number | boolean | undefined | readonly HtmlValue[];

/** A piece of HTML: values that are text are escaped, `true`, `false` and `undefined` leave nothing, arrays are joined. */
export const markup = (parts: TemplateStringsArray, ...values: HtmlValue[]): Html =>
  new Html(parts.map((part, index) => part + toHtmlText(values[index])).join(''));

/** Text that is known to be safe HTML: our own, or sanitised. */
export const trustHtml = (text: string): Html => new Html(text);

const toHtmlText = (value: HtmlValue): string => {
  if (value === undefined || typeof value === 'boolean') return '';
  if (value instanceof Html) return value.text;
  return typeof value === 'object' ? value.map(toHtmlText).join('') : escapeHtml(String(value));
};

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] as string);
