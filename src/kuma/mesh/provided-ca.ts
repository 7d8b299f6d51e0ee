import { told, under, unless } from '../causes.ts';
import type { Cause } from '../resource-type.ts';
import { type Conf, unreadableIn } from './conf.ts';

const SOURCES = ['secret', 'file', 'inline'] as const;

/**
 * What is wrong with the conf of a CA that is provided. Whether certificate and key are there where it says, and fit, is
 * not looked at: this API knows no secrets and no files.
 */
export function faultsOfProvidedCa(conf: Conf): Cause[] {
  const fault = unreadableIn(conf, { cert: 'message', key: 'message' }) ?? unreadableSource(conf.cert, conf.key);
  if (fault !== undefined) return told('', `could not convert backend config: ${fault}`);
  return [...under('cert', faultsOfSource(conf.cert)), ...under('key', faultsOfSource(conf.key))];
}

const unreadableSource = (...sources: unknown[]) =>
  sources
    .map((source) => unreadableIn((source ?? {}) as Conf, { secret: 'string', file: 'string', inline: 'string' }))
    .find((fault) => fault !== undefined);

function faultsOfSource(source: unknown): Cause[] {
  if (source == null) return told('', 'has to be defined');
  const kind = SOURCES.find((one) => Object.hasOwn(source, one));
  if (!kind) return told('', `data source has to be chosen. Available sources: ${SOURCES.join(', ')}`);
  return unless(Boolean((source as Conf)[kind]), kind, 'cannot be empty');
}
