import { OpenAPIRegistry, OpenApiGeneratorV31, type ResponseConfig, type ZodRequestBody } from '@asteasolutions/zod-to-openapi';
import { errorRegistry, type ErrorCode } from '../../model/errors.js';
import { isJsonObject, type Json } from '../../model/merge-patch.js';
import { problemSchema, problemType } from '../http/problem.js';
import { tags, type BodyDoc, type Operation, type ResponseDoc } from '../operation.js';
import { operations } from '../routes/index.js';
import { answeredSchema, patchSchema, requestSchema } from './derived.js';
import { describeWebhook } from './webhook.js';

/** What every operation can answer, whatever it does. */
const common: readonly ErrorCode[] = ['invalid-parameter', 'method-not-allowed', 'internal-error', 'store-unavailable'];

/** What those operations can answer beside that are not for everybody. */
const commonSignedIn: readonly ErrorCode[] = ['unauthenticated', 'forbidden', 'group-overage', 'identity-unavailable'];

/** What those can answer that ask for a change (`limitWrites`). */
const commonChanges: readonly ErrorCode[] = ['rate-limited'];

const whose = { cluster: 'the cluster\'s owner', job: 'the owner of the job\'s cluster', some: 'at least one owner', all: 'all owners' } as const;

/** The OpenAPI 3.1 document of all operations, out of the schemas that check requests and the views of answers. */
export function openApiDocument(): Json {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', signInScheme, {
    type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token of Microsoft Entra ID for the service. A service on loopback may be run without sign-in.',
  });
  for (const operation of operations.filter((candidate) => !candidate.hidden)) describe(registry, operation);
  describeWebhook(registry);
  const document = new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Clusterwright',
      version: '1',
      description: 'Production-grade Kubernetes clusters as a service: ask for a cluster, follow its job, use it, delete it. Errors are problem details (RFC 9457); '
        + 'times are RFC 3339 in UTC; lists have `limit` and `cursor`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: tags.map((name) => ({ name })),
  });
  // A plain copy: the generator's objects share parts and have undefined members.
  return withDerivedSchemas(JSON.parse(JSON.stringify(document)) as Json);
}

/** The document as it is checked in and served. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument(), undefined, 2)}\n`;
}

function withDerivedSchemas(document: Json): Json {
  const components = isJsonObject(document) ? document['components'] : undefined;
  const schemas = isJsonObject(components) ? components['schemas'] : undefined;
  if (!isJsonObject(document) || !isJsonObject(components) || !isJsonObject(schemas)) throw new TypeError('the generated document has no schemas');
  const spec = schemas['ClusterSpec'] ?? {};
  const all = { ...schemas, ClusterSpec: answeredSchema(spec), ClusterRequest: requestSchema(spec), ClusterPatch: patchSchema(spec) };
  return { ...document, components: { ...components, schemas: Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))) } };
}

function describe(registry: OpenAPIRegistry, operation: Operation): void {
  const { body } = operation;
  registry.registerPath({
    method: operation.method,
    path: operation.path,
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    ...describedWith(operation),
    request: {
      params: operation.params,
      query: operation.query,
      headers: operation.headers,
      ...(body ? { body: requestBody(body) } : {}),
    },
    responses: {
      ...Object.fromEntries(Object.entries(operation.responses).map(([status, response]) => [status, success(response)])),
      ...problems(operation),
    },
  });
}

const signInScheme = 'entra';

/** The description with the role that it takes, and how one signs in. */
function describedWith({ description, access }: Operation) {
  if (access === 'everybody') return { ...(description === undefined ? {} : { description }), security: [] };
  return { description: `${description === undefined ? '' : `${description} `}For the role \`${access.role}\` over ${whose[access.over]}.`, security: [{ [signInScheme]: [] }] };
}

function requestBody({ mediaType, description, schema, optional = false }: BodyDoc): ZodRequestBody {
  return { required: !optional, description, content: { [mediaType]: { schema: typeof schema === 'string' ? { $ref: `#/components/schemas/${schema}` } : schema } } };
}

function success({ description, headers = {}, content }: ResponseDoc): ResponseConfig {
  const named = Object.entries(headers).map(([name, text]) => [name, { description: text, schema: { type: 'string' as const } }] as const);
  return {
    description,
    ...(named.length > 0 ? { headers: Object.fromEntries(named) } : {}),
    ...(content ? { content: Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }])) } : {}),
  };
}

/** The problems of an operation by status; each names its codes. A status that is an answer already (readiness: 503) keeps its own text. */
function problems(operation: Operation): Record<string, ResponseConfig> {
  const codes = [...(operation.problems ?? []), ...common, ...(operation.access === 'everybody' ? [] : commonSignedIn), ...(operation.method === 'get' ? [] : commonChanges)];
  const statuses = [...new Set(codes.map((code) => errorRegistry[code].status))].filter((status) => !(status in operation.responses)).sort();
  return Object.fromEntries(statuses.map((status) => {
    const here = codes.filter((code) => errorRegistry[code].status === status);
    const description = here.map((code) => `\`${code}\`: ${errorRegistry[code].title}.`).join(' ');
    return [String(status), { description, content: { [problemType]: { schema: problemSchema } } }];
  }));
}
