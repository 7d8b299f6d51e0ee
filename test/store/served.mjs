import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

/** The emulator on a file, over plain HTTP: `node served.mjs ENTRY FILE RELEASE`. Without TLS it starts sooner. */
const [entry, db, pceVersion] = process.argv.slice(2);
const { startEmulator } = await import(pathToFileURL(entry).href);
const apiKey = { name: 'api_1', secret: 'secret' };
const emulator = await startEmulator({ world: 'empty', db, listen: false, apiKey, pceVersion, checkReplies: true });
const server = createServer(emulator.app).listen(0, '127.0.0.1', () => {
  process.stdout.write(`${server.address().port}\n`);
});
