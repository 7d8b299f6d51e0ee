/** The older names of modes, and the newer (third-party clients use both); other names are the same in both. */
const NEWER: Readonly<Record<string, string>> = { illuminated: 'visibility_only', enforced: 'full' };
const OLDER: Readonly<Record<string, string>> = { visibility_only: 'illuminated', full: 'enforced' };

/** The `enforcement_mode` of a `mode`, by its older or its newer name. */
export const enforcementModeOf = (mode: unknown): string => NEWER[String(mode)] ?? String(mode);

/** The `mode` of an `enforcement_mode`. */
export const modeOf = (enforcementMode: unknown): string => OLDER[String(enforcementMode)] ?? String(enforcementMode);
