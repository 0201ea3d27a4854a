import { organization, teams, type Accounts } from '../accounts.ts';

/** Matches `@login` and `@org/team`, except within a word or an address. */
const mention = /(?<![\w./@-])@([a-z\d](?:-?[a-z\d])*(?:\/[\w-]+)?)(?![\w/@-])/gi;
/** Elements in which a mention is plain text, as on GitHub. */
const plain = /^<(\/?)(?:code|pre|a|kbd|samp)[\s>]/i;

/** Marks mentions of people and teams in sanitized HTML, so that readers see who would be notified. */
export const createMentionMarker =
  (accounts: Pick<Accounts, 'byLogin'>) =>
  (html: string): string => {
    const names = new Set(teams.map(({ slug }) => `${organization.login}/${slug}`));
    const isSomebody = (name: string): boolean =>
      names.has(name.toLowerCase()) || accounts.byLogin(name)?.type === 'User';
    const markMentions = (text: string): string =>
      text.replace(mention, (whole, name: string) =>
        isSomebody(name) ? `<strong class="mention">${whole}</strong>` : whole,
      );
    let depth = 0;
    // Texts and tags alternate.
    return html
      .split(/(<[^>]*>)/)
      .map((part, index) => {
        if (index % 2 === 0) return depth > 0 ? part : markMentions(part);
        const [, closes] = plain.exec(part) ?? [];
        if (closes !== undefined) depth += closes === '' ? 1 : -1;
        return part;
      })
      .join('');
  };
