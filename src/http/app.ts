import express, { type Express } from 'express';
import { authenticate, authorise, keepPagesOut } from './access.ts';
import { readBody } from './body.ts';
import type { Context } from './context.ts';
import { inOrder } from './in-order.ts';
import { answer, arrive, blame, match, meet, refuse, validate } from './stages.ts';
import { strike, strikeRefused } from './striking.ts';

/** The way of every request, in order. What is sent, `replies.ts` sends, and the journal keeps. */
export function createApp(context: Context): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use(
    inOrder(
      ...[arrive(context), match(context), meet, keepPagesOut(context), authenticate(context), authorise],
      ...[readBody, strike(context), validate(context), answer(context)],
    ),
  );
  app.use(blame(context), strikeRefused(context), refuse(context));
  return app;
}
