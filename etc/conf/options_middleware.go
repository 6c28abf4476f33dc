package conf

// The options of the filters in front of the API, and of policy enforcement.
var (
	EnableProxyHeadersParsing = boolOption(Option{Group: "oslo_middleware", Name: "enable_proxy_headers_parsing",
		Default: "false", Help: "Believe the Forwarded and X-Forwarded-* headers of a proxy."})
	MaxRequestBodySize = intOption(Option{Group: "oslo_middleware", Name: "max_request_body_size",
		Default: "114688", Help: "Largest request body in bytes, where the sizelimit filter is used."})

	CORSAllowedOrigin = listOption(Option{Group: "cors", Name: "allowed_origin", NoDefault: true,
		Help: "Origins a browser may call from."})
	CORSAllowCredentials = boolOption(Option{Group: "cors", Name: "allow_credentials", Default: "true",
		Help: "Let browsers send credentials."})
	CORSExposeHeaders = listOption(Option{Group: "cors", Name: "expose_headers",
		Default: "X-Auth-Token,X-Subject-Token,X-Service-Token,X-OpenStack-Request-ID,OpenStack-Volume-microversion",
		Help:    "Response headers a browser may read."})
	CORSMaxAge = intOption(Option{Group: "cors", Name: "max_age", Default: "3600",
		Help: "Seconds a browser may remember a preflight."})
	CORSAllowMethods = listOption(Option{Group: "cors", Name: "allow_methods", Default: "GET,PUT,POST,DELETE,PATCH",
		Help: "Methods a browser may use."})
	CORSAllowHeaders = listOption(Option{Group: "cors", Name: "allow_headers",
		Default: "X-Auth-Token,X-Identity-Status,X-Roles,X-Service-Catalog,X-User-Id,X-Tenant-Id," +
			"X-OpenStack-Request-ID",
		Help: "Request headers a browser may send."})

	HealthcheckDetailed = boolOption(Option{Group: "healthcheck", Name: "detailed", Default: "false",
		Help: "Show what was checked; it tells strangers about the system."})
	HealthcheckBackends = listOption(Option{Group: "healthcheck", Name: "backends",
		Help: "Checks to make."})
	HealthcheckAllowedSourceRanges = listOption(Option{Group: "healthcheck", Name: "allowed_source_ranges",
		Help: "Networks that may ask; empty is any."})
	HealthcheckIgnoreProxiedRequests = boolOption(Option{Group: "healthcheck", Name: "ignore_proxied_requests",
		Default: "false", Help: "Do not answer requests that came through a proxy."})
	HealthcheckDisableByFilePath = textOption(Option{Group: "healthcheck", Name: "disable_by_file_path",
		NoDefault: true, Help: "File whose existence makes the server report itself disabled."})
	HealthcheckDisableByFilePaths = listOption(Option{Group: "healthcheck", Name: "disable_by_file_paths",
		Help: "Same, per port, as port:path."})
	HealthcheckEnableByFilePaths = listOption(Option{Group: "healthcheck", Name: "enable_by_file_paths",
		Help: "Files that must exist for the server to report itself enabled."})

	PolicyFile = textOption(Option{Group: "oslo_policy", Name: "policy_file", Default: "policy.yaml",
		Help: "File of policy rules."})
	PolicyDirs = multiOption(Option{Group: "oslo_policy", Name: "policy_dirs", Default: "policy.d",
		Help: "Directories of further policy files; may be repeated."})
	PolicyDefaultRule = textOption(Option{Group: "oslo_policy", Name: "policy_default_rule", Default: "default",
		Help: "Rule that decides when the asked one does not exist."})
	EnforceScope = boolOption(Option{Group: "oslo_policy", Name: "enforce_scope", Default: "true",
		Help: "Refuse tokens whose scope does not suit the rule."})
	EnforceNewDefaults = boolOption(Option{Group: "oslo_policy", Name: "enforce_new_defaults", Default: "true",
		Help: "Do not fall back to the deprecated default of a rule."})
	PolicyRemoteTimeout = floatOption(Option{Group: "oslo_policy", Name: "remote_timeout",
		Type: Float{Min: bound(0.0)}, Default: "60", Help: "Seconds to wait for a rule that asks a remote server."})
	PolicyRemoteContentType = textOption(Option{Group: "oslo_policy", Name: "remote_content_type",
		Type:    Text{Choices: []string{"application/x-www-form-urlencoded", "application/json"}},
		Default: "application/x-www-form-urlencoded",
		Help:    "How a rule that asks a remote server sends what it knows."})
	PolicyRemoteCA = textOption(Option{Group: "oslo_policy", Name: "remote_ssl_ca_crt_file", NoDefault: true,
		Help: "Authorities for the certificate of that server."})
	PolicyRemoteCertificate = textOption(Option{Group: "oslo_policy", Name: "remote_ssl_client_crt_file", NoDefault: true,
		Help: "Certificate for that server."})
	PolicyRemoteKey = textOption(Option{Group: "oslo_policy", Name: "remote_ssl_client_key_file", NoDefault: true,
		Help: "Key of that certificate."})
	PolicyRemoteVerify = boolOption(Option{Group: "oslo_policy", Name: "remote_ssl_verify_server_crt", Default: "false",
		Help: "Check the certificate of that server."})
)

func middlewareOptions() []Handle {
	return []Handle{
		EnableProxyHeadersParsing, MaxRequestBodySize, CORSAllowedOrigin, CORSAllowCredentials, CORSExposeHeaders,
		CORSMaxAge, CORSAllowMethods, CORSAllowHeaders, HealthcheckDetailed, HealthcheckBackends,
		HealthcheckAllowedSourceRanges, HealthcheckIgnoreProxiedRequests, HealthcheckDisableByFilePath,
		HealthcheckDisableByFilePaths, HealthcheckEnableByFilePaths, PolicyFile, PolicyDirs, PolicyDefaultRule,
		EnforceScope, EnforceNewDefaults, PolicyRemoteTimeout, PolicyRemoteContentType, PolicyRemoteCA, PolicyRemoteCertificate,
		PolicyRemoteKey, PolicyRemoteVerify,
		HealthcheckPath, SecureProxySSLHeader, HTTPBasicAuthUserFile,
	}
}
