import { readFile } from 'node:fs/promises';
import { buildActionTables } from './action.ts';

/** `README.md` as it stands, with each table between `<!-- inputs -->` and `<!-- /inputs -->` made anew of `action.yml`. */
export const renderReadme = async (): Promise<string> => {
  const tables = await buildActionTables();
  const text = await readFile('README.md', 'utf8');
  return Object.entries(tables).reduce((page, [name, table]) => {
    const place = new RegExp(`(<!-- ${name} -->\\n\\n).*?(\\n\\n<!-- /${name} -->)`, 's');
    if (!place.test(page)) throw new Error(`README.md has no place for the table of ${name}`);
    return page.replace(place, (_, before: string, after: string) => `${before}${table}${after}`);
  }, text);
};
