/** An element of an XML document. */
export interface Element {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** Elements, or one text. */
  readonly content?: readonly Element[] | string;
}

/** An XML 1.0 document, in UTF-8. What of a text XML cannot hold is left out. */
export function xmlOf(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elementOf(root, '')}`;
}

function elementOf({ name, attributes = {}, content = [] }: Element, indent: string): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const start = `${indent}<${name}${given.join('')}`;
  if (typeof content === 'string') return `${start}>${escaped(content)}</${name}>\n`;
  if (content.length === 0) return `${start}/>\n`;
  const inside = content.map((child) => elementOf(child, `${indent}  `)).join('');
  return `${start}>\n${inside}${indent}</${name}>\n`;
}

const NAMES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

/** A text as it may stand in an element and in an attribute alike; a parser would read a bare line end as a space. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[<>&"\t\n\r]/g, (character) => NAMES[character] ?? `&#${character.charCodeAt(0)};`);
}
