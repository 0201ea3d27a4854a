/** Text that is already HTML. Only `markup` and `trustHtml` create it, so everything else is escaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type HtmlValue = Html | string | number | boolean | undefined | readonly HtmlValue[];

/** Builds HTML from a template: escapes text, omits booleans and `undefined`, and joins arrays. */
export const markup = (parts: TemplateStringsArray, ...values: HtmlValue[]): Html =>
  new Html(parts.map((part, index) => part + toHtmlText(values[index])).join(''));

/** Marks text as safe HTML. It must be our own or sanitized. */
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
