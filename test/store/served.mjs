import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

/** The emulator on a file, over plain HTTP: `node served.mjs ENTRY FILE RELEASE`. Without TLS it starts sooner. */
const [entry, db, pceVersion] = process.argv.slice(2);
const { startEmulator } = await import(pathToFileURL(entry).href);
const apiKey = { name: 'api_1', secret: 'secret' };
const emulator = await startEmulator({ world: 'empty', db, listen: false, apiKey, pceVersion, checkReplies: true });
// Both control planes on one port: their paths tell them apart.
const appFor = ({ url }) => (/^\/(api|_emulator)\//.test(url) ? emulator.app : emulator.kuma_app);
const server = createServer((req, res) => appFor(req)(req, res)).listen(0, '127.0.0.1', () => {
  process.stdout.write(`${server.address().port}\n`);
});
