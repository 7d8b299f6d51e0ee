import { type Area, INDEX } from './area.ts';

/** Who may do what, and how they prove who they are. */
export const access: Area = {
  ...INDEX,
  rows: [
    ['/authentication_settings', 'GET PUT'],
    ['/authentication_settings/ldap_configs', 'GET POST'],
    ['/authentication_settings/ldap_configs/{ldap_config_id}', 'GET PUT DELETE'],
    ['/authentication_settings/ldap_configs/{ldap_config_id}/verify_connection', 'POST'],
    ['/authentication_settings/password_policy', 'GET PUT'],
    ['/authentication_settings/saml_configs', 'GET'],
    ['/authentication_settings/saml_configs/{saml_config_id}', 'GET PUT'],
    ['/authentication_settings/saml_configs/{saml_config_id}/pce_signing_cert', 'POST'],
    ['/login_users/{login_user_id}/password', 'PUT', 'nobody'],
    ['/orgs/{org_id}/access_restrictions', 'GET POST'],
    ['/orgs/{org_id}/access_restrictions/{access_restriction_id}', 'GET PUT DELETE'],
    ['/orgs/{org_id}/auth_security_principals', 'GET POST'],
    ['/orgs/{org_id}/auth_security_principals/{auth_security_principal_id}', 'GET PUT DELETE'],
    ['/orgs/{org_id}/permissions', 'GET POST'],
    ['/orgs/{org_id}/permissions/{permission_id}', 'GET PUT DELETE'],
    ['/orgs/{org_id}/roles', 'GET'],
    ['/orgs/{org_id}/roles/{role_name}', 'GET'],
    ['/orgs/{org_id}/security_principals/bulk_create', 'PUT'],
    ['/users', 'POST'],
    ['/users/{user_id}', 'PUT'],
    ['/users/{user_id}/local_profile', 'POST DELETE'],
    ['/users/{user_id}/local_profile/password', 'PUT'],
    ['/users/{user_id}/local_profile/reinvite', 'PUT'],
  ],
};
