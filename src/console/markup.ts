/** HTML that may stand in a page as it is. Everything else that comes into a page is text, and is escaped. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | undefined | false | Markup | readonly Part[];

/** A template of HTML: what is put in is escaped, unless it is Markup; undefined and false are nothing. */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(template.map((text, index) => text + (index < parts.length ? told(parts[index]) : '')).join(''));
}

function told(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(told).join('');
  return String(part).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
