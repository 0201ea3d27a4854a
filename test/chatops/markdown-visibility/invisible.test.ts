import { expect, test } from '@jest/globals';
import { parseCommands } from '../../../chatops/command/index.ts';
import { parseErrors, summarizeCommands } from '../../fixtures/comments/parsed-commands.ts';

/* Commands that GitHub's rendering of a comment does not show as text, though each stands in a paragraph of its own. */

/** Texts before a command. Other text can follow it. */
const before: Record<string, string> = {
  'a comment that a list item leaves open': 'LGTM, thanks!\n\n- <!--',
  'a comment that a quote leaves open': '> <!--',
  'a comment that is closed as text': '- <!--\n\n-->',
  'a quote of an attribute': '<div>\n<a title="',
  'another quote of an attribute': "<div>\n<a title='",
  'a quote that only text closes': '<div title="\n\n"></div>',
  'a quote that a link’s own HTML closes': '<div>\n<a title="\n\n[x](y)\n\n<b>"></a></div></b>',
  'a tag': '<div\n\n>',
  'a tag with an attribute without quotes': '<div>\n<a title=x',
  'a processing instruction that browsers end sooner': 'a <?x ><b title=" ?>',
  'a declaration that a comment ends sooner': 'a <!-- --!><b title=" -->',
  'a declaration in small letters that hides what follows to some': '<!x\n<details>',
  'a section that is new to GitHub’s parser': '<details>\n\n<search>\n`</details>`',
  'a folded section with a bracket in its tag': '<details a="<"><summary>log</summary>',
  'a folded section with a blank that not all parsers know': 'a <details\f>',
  'a folded section after a mark of byte order': '\uFEFF- <!--',
  'a folded section that is closed in a table': '<details>\n\n| a |\n| - |\n| </details> |',
  'a folded section that is closed in a footnote': '<details>\n\n[^1]: </details>\n\nNote[^1].',
  'a folded section that is closed in a barrier': '<details><table><tr><td></details></table>',
  'a folded section that is closed in a text area': '<details><textarea></details></textarea>',
  'a folded section that is opened in a text area': '<textarea><details></textarea>',
  'a folded section that is closed in code': '<details>\n\n`</details>`',
  'a folded section that is closed in a link’s title': '<details>\n\n[a](b "</details>")',
  'a folded section that is closed in an image': '<details>\n\n![</details>](b)',
  'a folded section that is closed with another': '<section><details></section><del></details></section>',
  'struck text that is closed in a list': '<del>\n\n- </del>',
  'struck text that is closed with a block': '<p><hr><del></p>',
  'struck text around a block': '<del><div></del></div>',
  'struck text after a line': 'a <hr><del>',
  'struck text after a line, closed in another paragraph': 'a <hr><del>\n\n</del> b',
  'struck text after a heading that ends in a paragraph': '<h2>\n\na </h2><del>',
  'struck text before the end of a section that a list has ended': '- <section>\n\n<x-y>\n<del></section>',
  'struck text in a list that does not end': '- <del>\n\n  <!--\n\n<!-- -->',
  'struck text that begins in a table': 'a <s>\n\n| x </s> |\n| - |',
  'formatting in another cell': '<s>\n\n| </s> |\n| - |',
  'a quote that goes on around a comment': '> <!--\n\n<!-- -->',
  'a quote that an object keeps open': '> a <object>\n\n</object>',
  'character data in a drawing': '<svg><![CDATA[ > </svg> ]]>',
  'a list in a template': '<template>\n<dd></template>',
  'more elements than anyone nests': '<b>'.repeat(70) + '</b>'.repeat(70),
};

test.each(Object.entries(before))('no command after %s', (_, text) => {
  for (const body of [`${text}\n\n/run Hello who=x\n`, `${text}\n\n/approve 3k7v9q2m4x\n\n<!-- -->\n\nBye.`])
    expect([parseCommands(body), parseCommands(body.replaceAll('\n', '\r\n'))]).toEqual([[], []]);
});

const hiding =
  'del s strike ins ruby rp bdo video audio picture svg math details summary template pre code kbd samp object select ' +
  'button canvas textarea title style script xmp iframe noembed noframes noscript plaintext div span b table dialog';

test.each(hiding.split(' '))('no command within <%s>', (name) => {
  for (const body of [
    `<${name}>\n\n/run Hello who=x\n\n</${name}>`,
    `<div><${name} title="a">\n\n/run Hello who=x\n\n</${name}></div>`,
    `a <${name}>b\n/run Hello who=x\nc</${name}> d`,
    `<div></div><${name}>\n\n/run Hello who=x`,
  ])
    expect({ body, found: parseCommands(body) }).toEqual({ body, found: [] });
});

test.each([
  'a ~~b\n/run Hello who=x\nc~~ d',
  'a ~b\n/run Hello who=x\nc~ d',
  '$$\n/run Hello who=x\n$$',
  'a $b\n/run Hello who=x\nc$ d',
  '$$\n\n/run Hello who=x\n\n$$',
  'a ~b\n/run Hello who=x\nc\\~~ d',
  'a ~~b https://x.y/z[a][b]\n/run Hello who=x\nc~~ d',
  'a ~b\n/run Hello who=x\nwww.x.y\\~ d',
])('struck-out text and formulas are not commands: %j', (body) => expect(parseCommands(body)).toEqual([]));

test.each<[name: string, body: string]>([
  ['a folded section', '<details><summary>log</summary>\n\n/run A\n\n</details>'],
  [
    'a folded section with a bracket in its tag',
    '<details a="<"><summary>log</summary>\n\n/run A\n\n</details>',
  ],
  ['a folded section that a paragraph closes', '<details><summary>log</summary>\n\ntext</details>'],
  ['a folded section with code that looks like HTML', '<details>\n\n```\n<div>\n```\n\n</details>'],
  [
    'a folded section with names in brackets',
    '<details>\n<summary>log</summary>\nList<String> a\n</details>',
  ],
  ['a quote of an attribute', '<div>\n<a title="\n\n/run A\n\n<div>"></a>\n\n</div>'],
  ['a comment', '<!--\n\n/run A\n\n-->'],
  ['a comment in a list', '- <!--\n\n/run A\n\n<!-- -->'],
  ['void elements', 'a <br> b <hr> c <img src="x" alt="a > b"> <input>'],
  ['elements within a line', '<b>a</b> and <kbd>Ctrl</kbd>, <a href="x"><img src="y"></a>'],
  ['a placeholder', 'Use Vec<T> and <VMName>.'],
  ['paragraphs', '<p align="center">\n<img src="x">\n</p>\n\n<p>a'],
  ['a list without end tags', '<ul>\n<li>a\n<li>b\n</ul>'],
  ['a table without end tags', '<table><tr><td>a<tr><td>b</table>'],
  ['Markdown in an HTML table', '<table><tr><td>\n\n**a**\n\n</td></tr></table>'],
  ['HTML in a table', '| a | b |\n| - | - |\n| <kbd>x</kbd> | a<br>b |'],
  ['struck text', '~~a~~ b ~c~ and <del>d</del>, ~5 minutes'],
  ['sums of money', 'It was $5 and is 6$ now, or US$7.'],
  ['an HTML list item’s own end', '- <details><summary>a</summary>\n\n  b\n\n  </details>'],
])('commands count again after %s', (_, text) => {
  expect(summarizeCommands(`${text}\n\n/run Hello who=x\n`)).toEqual(['/run Hello who=x']);
});

test.each([
  '/run A who=web&#45;1',
  '/run A who=web&#x2d;1',
  '/run A who=a&amp;b',
  '/run A who=a&nbsp;b',
  '/run A a=1 <br> b=2',
  '/run A a=1<br>',
  '/run A a=1 <del> b=2 </del>',
  '/run A a=1 <b> b=2 </b>',
  '/run A a=1 ~~b~~',
  '/run A a=x[^1]\n\n[^1]: Note.',
  '/run A a=[x]\n\n[x]: /y',
  '/run A ![x](y) b=2',
  '/run A a=x![^1]\n\n[^1]: Note.',
  '/run A a=https://x.y/\\&amp;b',
  '/run A a=`x\ny`',
  '/run A a=https://x.y/`](z)`\n` b',
  '/run A a=1 <!-- x\n--> b=2',
  '/run A a=x|b\n-|-',
  '| h |\n| - |\n/run A a=x|b',
  '| h |\n| - |\n/run A a="x | b=2"',
  '| h |\n| - |\n/run A a=x\\|b',
  '| h |\n| - |\n===\n/run A a=x|b',
])('a command that readers see differently is refused: %j', (body) => {
  expect(parseErrors(body).map(({ code }) => code)).toContain('hidden-text');
});

test('entities in code, and text that only looks like one, are plain text', () => {
  expect(summarizeCommands('/run A a=`x&#45;y` b=R&D c=https://x.y/?a=1&b=2')).toEqual([
    '/run A a=`x&#45;y` b=R&D c=https://x.y/?a=1&b=2',
  ]);
});
