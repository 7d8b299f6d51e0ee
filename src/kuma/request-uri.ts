// Beyond ASCII anything goes, as it is or escaped; within ASCII only %25 may be escaped.
const HOST = /^(?:[\w.~!$&'()*+,;=:[\]<>"-]|[^\0-\x7f]|%[89a-f][\da-f]|%25)*$/i;
const USER = /^[\w.~:!$&'()*+,;=%@-]*$/;
const BROKEN_ESCAPE = /%(?![\da-f]{2})/i;
const OPTIONAL_PORT = /^(:\d*)?$/;

/**
 * The port that a text names as a URL, empty where it names none; undefined where Go's `url.ParseRequestURI` refuses the
 * text. So `zipkin:9411` is the scheme `zipkin` and no port, and `/spans` is fine. It reads as Go did in 2020, which took
 * more in brackets than IPv6 and more colons than one; the escapes of an IPv6 zone are those of a host here.
 */
export function portOfRequestUri(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (text === '' || /[\0-\x1f\x7f]/.test(text)) return undefined;
  if (text === '*') return '';
  const [, scheme, afterScheme] = /^([a-z][a-z\d+.-]*):(.*)$/is.exec(text) ?? [];
  const [rest = ''] = (afterScheme ?? text).split('?');
  if (!rest.startsWith('/')) return scheme === undefined ? undefined : '';
  const [, authority = '', path = ''] = (scheme !== undefined && /^\/\/([^/]*)(.*)$/s.exec(rest)) || ['', '', rest];
  return BROKEN_ESCAPE.test(path) ? undefined : portOfAuthority(authority);
}

function portOfAuthority(authority: string): string | undefined {
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(at, 0));
  const host = authority.slice(at + 1);
  if (!USER.test(user) || BROKEN_ESCAPE.test(user) || !HOST.test(host)) return undefined;
  const endOfName = host.startsWith('[') ? host.lastIndexOf(']') + 1 : host.lastIndexOf(':');
  if (host.startsWith('[') && endOfName === 0) return undefined;
  const port = endOfName < 0 ? '' : host.slice(endOfName);
  return OPTIONAL_PORT.test(port) ? port.slice(1) : undefined;
}
