import type { Content, OpenApi, Operation, Parameter } from '../contract/openapi/form.ts';
import { html, type Markup } from './markup.ts';
import { anchorOf, type Definitions, hasParts, schemaView } from './schema-view.ts';
import { STYLE } from './style.ts';

/** An operation and where it is. */
interface Placed extends Operation {
  readonly method: string;
  readonly path: string;
}

const COMPONENT = '#/components/schemas/';

/** The ways to say who one is. */
function whoMayAsk(schemes: OpenApi['components']['securitySchemes']): Markup {
  const ways = Object.entries(schemes);
  if (ways.length === 0) return html`<p>Anybody: there are no credentials.</p>`;
  return html`<ul>${ways.map(([name, { description }]) => html`<li><code>${name}</code>: ${description}</li>`)}</ul>`;
}

/**
 * The documentation as one page that needs nothing beside itself: no network and no script.
 * @returns the text of an HTML document
 */
export function docsPage(openapi: OpenApi): string {
  const { info, tags, components } = openapi;
  const operations = Object.entries(openapi.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, one]): Placed => ({ ...one, method: method.toUpperCase(), path })),
  );
  const definitions: Definitions = {
    find(ref) {
      const name = ref.slice(COMPONENT.length);
      const schema = ref.startsWith(COMPONENT) ? components.schemas[name] : undefined;
      return schema && { name, schema };
    },
  };
  const groups = tags
    .map(({ name }) => ({ name, all: operations.filter(({ tags: [tag] }) => tag === name) }))
    .map(({ name, all }) => ({ name, all, done: all.filter((one) => one['x-implemented']) }));
  const implemented = groups.filter(({ done }) => done.length > 0);
  const missing = operations.filter((one) => !one['x-implemented']);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${info.title} ${info.version}</title>
${STYLE}
</head>
<body>
<header>
<h1>${info.title} <span class="soft">${info.version}</span></h1>
<p>${info.description}</p>
</header>
<h2>Who may ask</h2>
${whoMayAsk(components.securitySchemes)}
<nav>
<h2>What there is</h2>
<ul class="columns">${implemented.map(
    ({ name, done }) => html`<li><a href="#group.${name}">${name}</a><ul>${done.map(entry)}</ul></li>`,
  )}</ul>
</nav>
<main>
${implemented.map(
  ({ name, done }) => html`<section>
<h2 id="group.${name}">${name}</h2>
${done.map((one) => operationView(one, definitions))}
</section>
`,
)}
<section>
<h2 id="missing">What answers 501</h2>
<p>A real PCE has these operations, and the emulator has not.</p>
<ul>${missing.map((one) => html`<li id="${one.operationId}">${heading(one)}</li>`)}</ul>
</section>
<section>
<h2 id="schemas">Schemas</h2>
${Object.entries(components.schemas)
  .filter(([, schema]) => hasParts(schema))
  .map(
    ([name, schema]) =>
      html`<div class="operation" id="${anchorOf(name)}"><h3>${name}</h3>${schemaView(schema, definitions)}</div>`,
  )}
</section>
</main>
</body>
</html>
`;
  return page.text;
}

const entry = (one: Placed) => html`<li><a href="#${one.operationId}">${one.summary}</a></li>`;

const heading = ({ method, path }: Placed) =>
  html`<code><span class="method ${method}">${method}</span> ${path}</code>`;

function operationView(one: Placed, definitions: Definitions): Markup {
  const { operationId, summary, parameters, requestBody, responses, security } = one;
  const who = security.flatMap((scheme) => Object.keys(scheme));
  return html`<article class="operation" id="${operationId}">
<h3>${heading(one)}</h3>
<p>${summary} <span class="badge ${one['x-evidence']}">${one['x-evidence']}</span></p>
<p class="soft">${one['x-source']}. ${who.length > 0 ? `Credentials: ${who.join(' or ')}.` : 'Open to all.'}</p>
${parameters.length > 0 && html`<h4>Parameters</h4><ul class="fields">${parameters.map((parameter) => parameterView(parameter, definitions))}</ul>`}
${requestBody && html`<h4>Body</h4>${contentView(requestBody.content, definitions)}`}
<h4>Answers</h4>
<ul class="fields">${Object.entries(responses).map(
    ([status, { description, content }]) =>
      html`<li><code>${status}</code> ${description}${content && answerView(status, content, definitions)}</li>`,
  )}</ul>
</article>
`;
}

function parameterView(parameter: Parameter, definitions: Definitions): Markup {
  const { name, required, description } = parameter;
  const schema = parameter.schema ?? parameter.content?.['application/json']?.schema ?? {};
  return html`<li><code>${name}</code> <span class="soft">in the ${parameter.in}${parameter.content && ', as JSON'}</span>${
    required && html` <span class="badge">required</span>`
  }${description !== undefined && html`<p>${description}</p>`}${schemaView(schema, definitions)}</li>`;
}

/** Refusals all have one schema: what tells them apart are the examples. */
function answerView(status: string, content: Content, definitions: Definitions): Markup {
  return Number(status) < 400 ? contentView(content, definitions) : html`${Object.values(content).map(examplesView)}`;
}

function contentView(content: Content, definitions: Definitions): Markup {
  return html`${Object.values(content).map(
    (media) =>
      html`<details><summary>${shortName(media.schema)}</summary>${schemaView(media.schema, definitions)}</details>${examplesView(media)}`,
  )}`;
}

const shortName = ({ $ref }: Readonly<Record<string, unknown>>) =>
  typeof $ref === 'string' ? $ref.slice(COMPONENT.length) : 'Schema';

function examplesView({ examples = {} }: Content[string]): Markup {
  return html`${Object.values(examples).map(
    ({ summary, description, value }) =>
      html`<details><summary>Example: ${summary}</summary>${
        description !== undefined && html`<p class="soft">${description}</p>`
      }<pre>${JSON.stringify(value, null, 2)}</pre></details>`,
  )}`;
}
