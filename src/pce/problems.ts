import { Problem } from '../contract/problem.ts';
import type { Refusals } from '../contract/route.ts';
import { inWordsOfThePce } from './validation-messages.ts';

/**
 * Every way in which the PCE says no: its tokens and statuses stand here and nowhere else. Validation
 * and conflicts are 406, never 400, 409 or 422 (observed). Tokens marked "ours" stand where no public
 * source tells the PCE's own.
 */
const refuse = (status: number, token: string, message: string, headers?: Record<string, string>) =>
  new Problem(status, message, [{ token, message }], headers);

/** How the PCE refuses what breaks its rules. */
export const notAcceptable = (token: string, message: string) => refuse(406, token, message);

/** What no schema says, and what is refused as if one did; for the reasons that are our own, inferred. */
export const invalidInput = (why: string) =>
  notAcceptable('input_validation_error', `Input validation failed. Details: {${why}}`);

/**
 * What comes with statuses that no handler answers. The token of 429 is documented; clients look at the status alone
 * of the others, for which no public source tells the PCE's own (inferred).
 */
const INJECTED: Readonly<Record<number, readonly [token: string, message: string]>> = {
  401: ['authentication_failed', 'Authentication failed'],
  403: ['authorization_failed', 'Not permitted with these credentials'],
  405: ['method_not_allowed_error', 'Method not allowed'],
  406: ['input_validation_error', 'Input validation failed'],
  429: ['too_many_requests_error', 'Too many requests'],
  500: ['internal_server_error', 'Internal server error'],
  502: ['bad_gateway_error', 'Bad gateway'],
  503: ['service_unavailable_error', 'Service unavailable'],
  504: ['gateway_timeout_error', 'Gateway timeout'],
};

/** The clients ignore the body of 401, 403 and 405; the form and the tokens are ours (inferred). */
export const pceRefusals: Refusals = {
  unauthenticated: () =>
    refuse(401, 'authentication_failed', 'Authentication failed', { 'WWW-Authenticate': 'Basic realm="PCE"' }),
  forbidden: (message) => refuse(403, 'authorization_failed', message),
  // Empty and not JSON: a live PCE answers so, and the official Ansible modules compare the resulting text.
  notFound: (hint) => new Problem(404, 'Not Found', undefined, hint ? { 'X-Emulator-Hint': hint } : {}),
  methodNotAllowed: (method, allowed) =>
    refuse(405, 'method_not_allowed_error', `${method} is not possible here; ${allowed.join(', ')} is`, {
      Allow: allowed.join(', '),
    }),
  malformedJson: (message) => invalidInput(message),
  invalid: (violations, schema) => invalidInput(inWordsOfThePce(violations, schema)),
  tooLarge: (limit) => refuse(413, 'request_entity_too_large_error', `The body is larger than ${limit} bytes`),
  unsupportedMediaType: (given) =>
    refuse(415, 'unsupported_media_type_error', `Send application/json, uncompressed, not ${given}`),
  notImplemented: (route) =>
    refuse(501, 'emulator_not_implemented', `pce-emulator does not implement ${route.id} (${route.summary})`),
  injected(status, token, message) {
    if (token === undefined && status === 404) return notFound();
    const [usual = 'emulator_injected_error', text = `An error ${status}, as a fault asks for it`] =
      INJECTED[status] ?? [];
    return refuse(status, token ?? usual, message ?? text);
  },
  bug: (message) => refuse(500, 'emulator_bug', message),
};

export const notFound = () => pceRefusals.notFound();

/** What has the form of a time and is none, such as the second 60 of a day that has no such. */
export const notAMoment = (text: string) => invalidInput(`There is no moment ${text}`);

/** Observed on a PCE 26.3. */
export const labelNotUnique = () =>
  notAcceptable('label_key_and_value_must_be_unique', 'Label key and value must be unique');

/** Observed; asserted by the official Ansible collection. */
export const labelKeyNotSupported = () => notAcceptable('label_key_not_supported', 'Label key is not supported');

/** Observed on a PCE 26.3; the official Terraform provider looks for the token. */
export const labelAlreadyDeleted = () => notAcceptable('label_already_deleted', 'Label already deleted');

/** Documented that it is refused; the token is ours. */
export const labelValueReserved = (value: string) =>
  notAcceptable('label_value_reserved', `Label value ${value} is reserved`);

/** The tokens for rule sets and label groups are observed (PCE 25.2 and 26.3), those for other users of a label ours. */
export const labelInUse = (by: string) =>
  by === 'label_group'
    ? notAcceptable('label_referenced_by_label_group', 'Label is referenced by a label group')
    : notAcceptable(`label_still_has_associated_${by}`, `Label still has an associated ${by.replaceAll('_', ' ')}`);

/** Observed for labels, from where the official Terraform provider knows such tokens; for these it is inferred. */
export const labelDimensionAlreadyDeleted = () =>
  notAcceptable('label_dimension_already_deleted', 'Label dimension already deleted');

/** Ours: what the PCE answers is not public. */
export const labelDimensionKeyNotUnique = () =>
  notAcceptable('label_dimension_key_must_be_unique', 'Label dimension key must be unique');

/** Documented that there are no more; the token is ours. */
export const tooManyLabelDimensions = (most: number) =>
  notAcceptable('label_dimension_limit_exceeded', `There can be no more than ${most} label dimensions`);

/** That it is refused is observed by their `caps`; the token is ours. */
export const builtInDimensionStays = () =>
  notAcceptable('label_dimension_built_in_cannot_be_deleted', 'A built-in label dimension cannot be deleted');

/** Ours, after the tokens of labels. */
export const labelDimensionInUse = (by: string) =>
  notAcceptable(
    `label_dimension_still_has_associated_${by}`,
    `Label dimension still has associated ${by.replaceAll('_', ' ')}`,
  );

/** Observed. */
export const externalReferenceNotUnique = () =>
  notAcceptable('external_reference_not_unique', 'External data set and external data reference must be unique');

/** Observed for pairing profiles and label groups. */
export const nameNotUnique = () => notAcceptable('name_must_be_unique', 'Name must be unique');

/** Ours: what the PCE answers is not public. */
export const defaultPairingProfileStays = () =>
  notAcceptable('pairing_profile_default_cannot_be_deleted', 'The default pairing profile cannot be deleted');

/** That it is refused is inferred; the token is ours. */
export const invalidLabel = (message: string) => notAcceptable('invalid_label_href', message);

/** Observed against PCE 24.5. */
export const managedProfileIsIdle = () =>
  notAcceptable(
    'container_workload_profile_invalid_managed_idle',
    'A managed container workload profile cannot have enforcement mode idle',
  );

/** Two forms of the same setting in one request; refused by inference, as the official Terraform provider does. */
export const oneOrTheOther = (first: string, second: string) => invalidInput(`Send ${first} or ${second}, not both`);

/** Ours: what the PCE answers is not public. */
export const defaultProfileStays = () =>
  notAcceptable('container_workload_profile_default_cannot_be_deleted', 'The Default Profile cannot be deleted');

/** Ours: what the PCE answers is not public. */
export const linkedProfileStays = () =>
  notAcceptable(
    'container_workload_profile_linked_cannot_be_deleted',
    'A profile cannot be deleted while its namespace exists in the cluster',
  );

/** Documented that a key is needed; what the PCE answers without one is not public, and ours. */
export const featureNeedsKey = (name: string) =>
  notAcceptable('optional_feature_key_required', `Optional feature ${name} can be enabled only with a key`);

/** Ours: what the PCE answers is not public. */
export const clusterNotInClasMode = () =>
  notAcceptable(
    'container_cluster_not_in_clas_mode',
    'The cluster is not in CLAS mode; report cluster_mode clas with put_from_cluster first',
  );

/** Ours: what the PCE answers is not public. */
export const invalidKubernetesWorkload = (href: string) =>
  notAcceptable('invalid_kubernetes_workload_href', `${href} is not a Kubernetes workload of this cluster`);

/** Ours: what the PCE answers is not public. */
export const invalidProfile = (href: string) =>
  notAcceptable(
    'invalid_container_workload_profile_href',
    `${href} is not a container workload profile of this cluster`,
  );

/** After the token of labels; the official Terraform provider takes any with `already_deleted` for a success (inferred). */
export const workloadAlreadyDeleted = () => notAcceptable('workload_already_deleted', 'Workload already deleted');

/** Documented that it is refused; the token is one of the PCE's, its use here inferred. */
export const managedWorkloadStays = () =>
  notAcceptable('method_not_allowed_error', 'A managed workload cannot be deleted; unpair it');

/** Public clients leave these out for managed workloads; that they are refused, and the token, are inferred. */
export const setByVen = (fields: readonly string[]) =>
  notAcceptable('workload_property_set_by_ven', `The VEN of a managed workload says its ${fields.join(', ')}`);

/** Ours: what the PCE answers is not public. */
export const noSuchWorkload = (href: string) =>
  notAcceptable('invalid_workload_href', `${href} is not a workload of this organisation`);

/** Only managed workloads can be unpaired (documented); the token is ours. */
export const notManaged = (href: string) =>
  notAcceptable('workload_not_managed', `${href} has no VEN that could be unpaired`);

/** Ours: what the PCE answers is not public. */
export const noSuchVen = (href: string) =>
  notAcceptable('invalid_ven_href', `${href} is not a VEN of this organisation`);

/** Documented that it is refused; the token is ours. */
export const venIsSuspended = (href: string) =>
  notAcceptable('ven_suspended', `${href} is suspended and cannot be unpaired`);

/** Ours: what the PCE answers is not public. */
export const sidNotUnique = () => notAcceptable('security_principal_sid_not_unique', 'SID must be unique');

/** Ours: what the PCE answers is not public. */
export const securityPrincipalInUse = () =>
  notAcceptable('security_principal_referenced', 'The security principal is still used by a rule');

/** Ours: what the PCE answers is not public; it has finer roles, which the emulator does not tell apart. */
export const invalidRole = (href: string, known: readonly string[]) =>
  notAcceptable(
    'invalid_role_href',
    `${href} is no role of this organisation that the emulator knows: ${known.join(', ')}`,
  );

/** That a binding needs what is in force is documented; the token is ours. */
export const noSuchActiveVirtualService = (href: string) =>
  notAcceptable(
    'invalid_virtual_service_href',
    `${href} is not a virtual service in force; provision it, and name its active version`,
  );

/** Ours: what the PCE answers is not public. */
export const noSuchContainerWorkload = (href: string) =>
  notAcceptable('invalid_container_workload_href', `${href} is not a container workload of this organisation`);

/** Ours: what the PCE answers is not public. */
export const alreadyBound = () =>
  notAcceptable('service_binding_already_exists', 'The workload is bound to the virtual service already');
