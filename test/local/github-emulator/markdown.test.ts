import { beforeAll, describe, expect, test } from '@jest/globals';

import { createAccounts } from '../../../local/github-emulator/accounts.ts';
import { loadMarkdownRenderer, type RenderMarkdown } from '../../../local/github-emulator/page/markdown.ts';

describe('the text of a comment', () => {
  let render: RenderMarkdown;
  beforeAll(async () => {
    render = await loadMarkdownRenderer(createAccounts('coxswain'));
  });

  test.each([
    ['a script', 'a<script>alert(1)</script>b'],
    ['a handler', '<b onclick="alert(1)" onerror=alert(1)>b</b>'],
    ['a picture with a handler', '<img src=x onerror=alert(1)>'],
    [
      'a link that is a script',
      '[x](javascript:alert(1)) <a href="JaVaScRiPt:alert(1)">x</a> <a href="&#106;avascript:alert(1)">x</a>',
    ],
    ['a link that is data', '<a href="data:text/html,<script>alert(1)</script>">x</a>'],
    ['a picture from elsewhere', '![x](https://example.com/x.png)'],
    ['a frame', '<iframe src="https://example.com"></iframe><object data=x></object><embed src=x>'],
    ['a drawing', '<svg onload=alert(1)><a xlink:href="javascript:alert(1)">x</a></svg>'],
    ['a style', '<style>body{display:none}</style><p style="position:fixed">x</p>'],
    ['a form', '<form action="/"><input name=body><textarea>x</textarea><button>x</button></form>'],
    ['names that shadow those of the page', '<p id="body" class="entry" name="as">x</p>'],
    ['a hidden comment', 'shown <!-- coxswain {"v":1,"jobs":["hidden-words"]} -->'],
    ['an unfinished tag', '<a href="javascript:alert(1)'],
  ])('shows nothing that acts or hides: %s', (_what, text) => {
    const { text: shown } = render(text);
    // Text that was only escaped is harmless: what counts are tags.
    const tags = (shown.match(/<[^>]*>/g) ?? []).join('');
    expect(tags).not.toMatch(
      /<\/?(script|img|iframe|object|embed|svg|style|form|input|textarea|button)|\son\w+=|javascript:|data:|style=|\sid=|class="entry|name=/i,
    );
    expect(shown).not.toContain('hidden-words');
  });

  test.each([
    ['a table, aligned', '|a|b|\n|:-|-:|\n|1|2|', '<td align="right">2</td>'],
    ['strikethrough', '~~gone~~', '<s>gone</s>'],
    [
      'bare addresses as links',
      'see https://example.com/x',
      '<a href="https://example.com/x" rel="nofollow noopener noreferrer">',
    ],
    [
      'a fold, with Markdown in it',
      '<details><summary>Log</summary>\n\n```\nx < y\n```\n\n</details>',
      '<details><summary>Log</summary>\n<pre class="scroll" role="group" aria-label="Code" tabindex="0"><code>x &lt; y\n</code></pre>\n</details>',
    ],
    ['a line break as one', 'a\nb', 'a<br />\nb'],
    [
      'a drawn bar as a bar',
      '`███░░` 3 of 5',
      '<progress aria-label="Progress" value="3" max="5"></progress> 3 of 5',
    ],
    ['code as it is', '`<b>&amp;</b>`', '<code>&lt;b&gt;&amp;amp;&lt;/b&gt;</code>'],
  ])('shows %s', (_what, text, expected) => {
    expect(render(text).text).toContain(expected);
  });

  test('shows pictures of the given origin only, and others as links', async () => {
    const origin = 'http://127.0.0.1:9';
    const show = await loadMarkdownRenderer(createAccounts('coxswain'), origin);
    expect(show(`![a plot](${origin}/a.png?sig=1)`).text).toBe(
      `<p><img src="${origin}/a.png?sig=1" alt="a plot" /></p>\n`,
    );
    for (const address of [
      `${origin}0/a.png`,
      `${origin}@example.com/a.png`,
      'https://example.com/a.png',
      '/a.png',
    ])
      expect(show(`![a plot](${address}) <img src="${address}" onerror=alert(1)>`).text).not.toContain(
        '<img',
      );
  });

  const names = (text: string): string[] =>
    [...render(text).text.matchAll(/<strong class="mention">(.*?)<\/strong>/g)].map(
      ([, name]) => name as string,
    );

  test.each([
    ['people and teams', '@mona, @Acme/OnCall: look (@priya).', ['@mona', '@Acme/OnCall', '@priya']],
    [
      'names in bold, quotes and tables',
      '**@mona**\n\n> @rhea\n\n|a|\n|-|\n|@tomas|',
      ['@mona', '@rhea', '@tomas'],
    ],
    ['names in HTML', '<details><summary>@mona</summary></details>', ['@mona']],
    ['nobody', '@nobody @acme/nobody @acme @coxswain', []],
    ['nothing of an address', 'a@mona me@mona.example /@mona @mona/x @monas', []],
    ['nothing in code', '`@mona` <code>a <b>@mona</b></code>\n\n```\n@mona\n```\n\n    @mona', []],
    ['nothing in HTML that is code', '<pre>\n@mona\n</pre>\n\n<pre><code>x</code> @mona</pre>', []],
    ['nothing in a link', '[@mona](https://example.com/@mona) https://example.com/@mona', []],
    ['names after code', '`x` @mona', ['@mona']],
  ])('marks %s', (_what, text, expected) => {
    expect(names(text)).toEqual(expected);
  });
});
