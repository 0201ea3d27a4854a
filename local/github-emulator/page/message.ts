import { repositoryName } from '../accounts.ts';
import { markup, type Html } from './html.ts';

/** Renders a message. */
export const renderMessage = (
  title: string,
  text: string,
): Html => markup`<div class="heading"><h1>${title}</h1></div>
<p>${text}</p>
<p><a href="/${repositoryName}/issues">Go to the issues</a></p>`;
