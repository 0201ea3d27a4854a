import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

type Node = ReturnType<typeof fromMarkdown> | ReturnType<typeof fromMarkdown>['children'][number];

/** GitHub's Markdown, read by somebody else's parser; every node knows its place (links made of plain text would not). */
const parse = (body: string): Node => {
  const mdastExtensions = gfmFromMarkdown().map((extension) => ({ ...extension, transforms: [] }));
  return fromMarkdown(body, { extensions: [gfm()], mdastExtensions });
};

/** The kinds of the nodes around an offset, outermost first. */
const pathTo = (root: Node, offset: number): string[] => {
  const path: string[] = [];
  for (let node: Node | undefined = root; node;) {
    path.push(node.type);
    const children: Node[] = 'children' in node ? node.children : [];
    node = children.find(({ position }) => {
      const [start, end] = [position?.start.offset ?? 0, position?.end.offset ?? 0];
      return start <= offset && offset < end;
    });
  }
  return path;
};

/** Where no command is, whatever it looks like. */
const elsewhere = [
  'code',
  'inlineCode',
  'html',
  'blockquote',
  'definition',
  'footnoteDefinition',
  'image',
  'imageReference',
];

/** The places in a comment where a line begins with a slash, as the real parser sees them. */
export const slashes = (body: string): { offset: number; isText: boolean; isPlain: boolean }[] => {
  const tree = parse(body);
  return [...body.matchAll(/^ {0,3}\//gm)].map((found) => {
    const offset = found.index + found[0].length - 1;
    const path = pathTo(tree, offset);
    const isText = path.at(-1) === 'text' && !path.some((kind) => elsewhere.includes(kind));
    return { offset, isText, isPlain: path.join(' ') === 'root paragraph text' };
  });
};
