import express, { type Express } from 'express';
import { answer, authenticate, authorise, type Context, match, readBody, refuse, validate } from './stages.ts';

/** The way of every request, in order. */
export function createApp(context: Context): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use(match(context), authenticate(context), authorise, readBody, validate(context), answer(context));
  app.use(refuse(context));
  return app;
}
