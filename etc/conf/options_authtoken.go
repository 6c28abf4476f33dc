package conf

// The options of the filter auth_token, which asks Keystone who sends a request.
var (
	AuthTokenAuthVersion = textOption(Option{Group: "keystone_authtoken", Name: "auth_version", NoDefault: true,
		Help: "Version of the identity API; the newest if unset."})
	AuthTokenCAFile = textOption(Option{Group: "keystone_authtoken", Name: "cafile", NoDefault: true,
		Help: "Authorities for the certificate of Keystone."})
	AuthTokenCertFile = textOption(Option{Group: "keystone_authtoken", Name: "certfile", NoDefault: true,
		Help: "Certificate for Keystone."})
	AuthTokenDelayAuthDecision = boolOption(Option{Group: "keystone_authtoken", Name: "delay_auth_decision", Default: "false",
		Help: "Let requests without a valid token pass, marked as such."})
	AuthTokenEnforceTokenBind = textOption(Option{Group: "keystone_authtoken", Name: "enforce_token_bind", Default: "permissive",
		Help: "What to do about bound tokens: disabled, permissive, strict, required or a method."})
	AuthTokenConnectTimeout = intOption(Option{Group: "keystone_authtoken", Name: "http_connect_timeout", NoDefault: true,
		Help: "Seconds to wait for Keystone."})
	AuthTokenMaxRetries = intOption(Option{Group: "keystone_authtoken", Name: "http_request_max_retries", Default: "3",
		Help: "How often a failed call to Keystone is repeated."})
	AuthTokenIncludeServiceCatalog = boolOption(Option{Group: "keystone_authtoken", Name: "include_service_catalog", Default: "true",
		Help: "Ask for the service catalog along with a token."})
	AuthTokenInsecure = boolOption(Option{Group: "keystone_authtoken", Name: "insecure", Default: "false",
		Help: "Do not check the certificate of Keystone."})
	AuthTokenInterface = textOption(Option{Group: "keystone_authtoken", Name: "interface", Default: "internal",
		Help: "Interface of Keystone's endpoint: public, internal or admin."})
	AuthTokenKeyFile = textOption(Option{Group: "keystone_authtoken", Name: "keyfile", NoDefault: true,
		Help: "Key of the certificate."})
	AuthTokenRegion = textOption(Option{Group: "keystone_authtoken", Name: "region_name", NoDefault: true,
		Help: "Region of Keystone's endpoint."})
	AuthTokenServiceTokenRoles = listOption(Option{Group: "keystone_authtoken", Name: "service_token_roles", Default: "service",
		Help: "Roles of which a service's token must have one."})
	AuthTokenServiceTokenRolesRequired = boolOption(Option{Group: "keystone_authtoken", Name: "service_token_roles_required", Default: "true",
		Help: "Refuse service tokens without such a role."})
	AuthTokenServiceType = textOption(Option{Group: "keystone_authtoken", Name: "service_type", NoDefault: true,
		Help: "Service that access rules of application credentials know this one as."})
	AuthTokenTokenCacheTime = intOption(Option{Group: "keystone_authtoken", Name: "token_cache_time", Default: "300",
		Help: "Seconds that a token is kept; -1 is not at all."})
	AuthTokenWWWAuthenticateURI = textOption(Option{Group: "keystone_authtoken", Name: "www_authenticate_uri", NoDefault: true,
		Deprecated: []Name{{"keystone_authtoken", "auth_uri"}},
		Help:       "Where clients are told to get a token."})
	AuthTokenAdminToken = textOption(Option{Group: "keystone_authtoken", Name: "admin_token", NoDefault: true, Secret: true, Obsolete: true,
		Help: "Token of an administrator."})
	AuthTokenAdminUser = textOption(Option{Group: "keystone_authtoken", Name: "admin_user", NoDefault: true, Obsolete: true,
		Help: "Name of an administrator."})
	AuthTokenAdminPassword = textOption(Option{Group: "keystone_authtoken", Name: "admin_password", NoDefault: true, Secret: true, Obsolete: true,
		Help: "Password of an administrator."})
	AuthTokenAdminTenantName = textOption(Option{Group: "keystone_authtoken", Name: "admin_tenant_name", Default: "admin", Obsolete: true,
		Help: "Project of an administrator."})
	AuthTokenAuthAdminPrefix = textOption(Option{Group: "keystone_authtoken", Name: "auth_admin_prefix", Obsolete: true,
		Help: "First part of the paths of the identity API."})
	AuthTokenAuthHost = textOption(Option{Group: "keystone_authtoken", Name: "auth_host", Default: "127.0.0.1", Obsolete: true,
		Help: "Host of the identity API."})
	AuthTokenAuthPort = intOption(Option{Group: "keystone_authtoken", Name: "auth_port", Default: "35357", Obsolete: true,
		Help: "Port of the identity API."})
	AuthTokenAuthProtocol = textOption(Option{Group: "keystone_authtoken", Name: "auth_protocol", Type: Text{Choices: []string{"http", "https"}}, Default: "https", Obsolete: true,
		Help: "Scheme of the identity API."})
	AuthTokenIdentityURI = textOption(Option{Group: "keystone_authtoken", Name: "identity_uri", NoDefault: true, Obsolete: true,
		Help: "Where the identity API is."})
)

// The account by which that filter logs in at Keystone.
var (
	AuthTokenAuthType = textOption(Option{Group: "keystone_authtoken", Name: "auth_type", NoDefault: true,
		Deprecated: []Name{{"keystone_authtoken", "auth_plugin"}},
		Help:       "How to log in, such as password."})
	AuthTokenAuthSection = textOption(Option{Group: "keystone_authtoken", Name: "auth_section", NoDefault: true,
		Help: "Section in which the options of auth_type stand instead."})
	AuthTokenAuthURL = textOption(Option{Group: "keystone_authtoken", Name: "auth-url", NoDefault: true,
		Help: "Where Keystone is."})
	AuthTokenUsername = textOption(Option{Group: "keystone_authtoken", Name: "username", NoDefault: true,
		Deprecated: []Name{{"keystone_authtoken", "user-name"}, {"keystone_authtoken", "user_name"}},
		Help:       "User, by name."})
	AuthTokenUserID = textOption(Option{Group: "keystone_authtoken", Name: "user-id", NoDefault: true,
		Help: "User, by id."})
	AuthTokenPassword = textOption(Option{Group: "keystone_authtoken", Name: "password", NoDefault: true, Secret: true,
		Help: "Password of the user."})
	AuthTokenUserDomainName = textOption(Option{Group: "keystone_authtoken", Name: "user-domain-name", NoDefault: true,
		Help: "Domain of the user, by name."})
	AuthTokenUserDomainID = textOption(Option{Group: "keystone_authtoken", Name: "user-domain-id", NoDefault: true,
		Help: "Domain of the user, by id."})
	AuthTokenProjectName = textOption(Option{Group: "keystone_authtoken", Name: "project-name", NoDefault: true,
		Deprecated: []Name{{"keystone_authtoken", "tenant-name"}, {"keystone_authtoken", "tenant_name"}},
		Help:       "Project to act in, by name."})
	AuthTokenProjectID = textOption(Option{Group: "keystone_authtoken", Name: "project-id", NoDefault: true,
		Deprecated: []Name{{"keystone_authtoken", "tenant-id"}, {"keystone_authtoken", "tenant_id"}},
		Help:       "Project to act in, by id."})
	AuthTokenProjectDomainName = textOption(Option{Group: "keystone_authtoken", Name: "project-domain-name", NoDefault: true,
		Help: "Domain of the project, by name."})
	AuthTokenProjectDomainID = textOption(Option{Group: "keystone_authtoken", Name: "project-domain-id", NoDefault: true,
		Help: "Domain of the project, by id."})
	AuthTokenDomainName = textOption(Option{Group: "keystone_authtoken", Name: "domain-name", NoDefault: true,
		Help: "Domain to act in, by name."})
	AuthTokenDomainID = textOption(Option{Group: "keystone_authtoken", Name: "domain-id", NoDefault: true,
		Help: "Domain to act in, by id."})
	AuthTokenDefaultDomainName = textOption(Option{Group: "keystone_authtoken", Name: "default-domain-name", NoDefault: true,
		Help: "Domain of whatever names none, by name."})
	AuthTokenDefaultDomainID = textOption(Option{Group: "keystone_authtoken", Name: "default-domain-id", NoDefault: true,
		Help: "Domain of whatever names none, by id."})
	AuthTokenSystemScope = textOption(Option{Group: "keystone_authtoken", Name: "system-scope", NoDefault: true,
		Help: "Act in the whole system: all."})
	AuthTokenTrustID = textOption(Option{Group: "keystone_authtoken", Name: "trust-id", NoDefault: true,
		Help: "Trust to act by."})
	AuthTokenToken = textOption(Option{Group: "keystone_authtoken", Name: "token", NoDefault: true, Secret: true,
		Help: "Token to use instead of a password."})
	AuthTokenEndpoint = textOption(Option{Group: "keystone_authtoken", Name: "endpoint", NoDefault: true,
		Deprecated: []Name{{"keystone_authtoken", "url"}},
		Help:       "Where the service is, if there is no catalog."})
	AuthTokenApplicationCredentialID = textOption(Option{Group: "keystone_authtoken", Name: "application_credential_id", NoDefault: true,
		Help: "Application credential, by id."})
	AuthTokenApplicationCredentialName = textOption(Option{Group: "keystone_authtoken", Name: "application_credential_name", NoDefault: true,
		Help: "Application credential, by name."})
	AuthTokenApplicationCredentialSecret = textOption(Option{Group: "keystone_authtoken", Name: "application_credential_secret", NoDefault: true, Secret: true,
		Help: "Secret of that credential."})
)

func authTokenOptions() []Handle {
	return []Handle{
		AuthTokenAuthVersion, AuthTokenCAFile, AuthTokenCertFile, AuthTokenDelayAuthDecision,
		AuthTokenEnforceTokenBind, AuthTokenConnectTimeout, AuthTokenMaxRetries, AuthTokenIncludeServiceCatalog,
		AuthTokenInsecure, AuthTokenInterface, AuthTokenKeyFile, AuthTokenRegion,
		AuthTokenServiceTokenRoles, AuthTokenServiceTokenRolesRequired, AuthTokenServiceType, AuthTokenTokenCacheTime,
		AuthTokenWWWAuthenticateURI, AuthTokenAdminToken, AuthTokenAdminUser, AuthTokenAdminPassword,
		AuthTokenAdminTenantName, AuthTokenAuthAdminPrefix, AuthTokenAuthHost, AuthTokenAuthPort,
		AuthTokenAuthProtocol, AuthTokenIdentityURI, AuthTokenAuthType, AuthTokenAuthSection,
		AuthTokenAuthURL, AuthTokenUsername, AuthTokenUserID, AuthTokenPassword,
		AuthTokenUserDomainName, AuthTokenUserDomainID, AuthTokenProjectName, AuthTokenProjectID,
		AuthTokenProjectDomainName, AuthTokenProjectDomainID, AuthTokenDomainName, AuthTokenDomainID,
		AuthTokenDefaultDomainName, AuthTokenDefaultDomainID, AuthTokenSystemScope, AuthTokenTrustID,
		AuthTokenToken, AuthTokenEndpoint, AuthTokenApplicationCredentialID, AuthTokenApplicationCredentialName,
		AuthTokenApplicationCredentialSecret,
	}
}
