package conf

// The options of filters that operators add to api-paste.ini.
var (
	HealthcheckPath = textOption(Option{Group: "healthcheck", Name: "path", Default: "/healthcheck", Obsolete: true,
		Help: "Where the healthcheck answers when it is a filter."})
	SecureProxySSLHeader = textOption(Option{Group: "oslo_middleware", Name: "secure_proxy_ssl_header",
		Default: "X-Forwarded-Proto", Obsolete: true, Help: "Header that tells the ssl filter the scheme a client used."})
	HTTPBasicAuthUserFile = textOption(Option{Group: "oslo_middleware", Name: "http_basic_auth_user_file",
		Default: "/etc/htpasswd", Help: "File of users and bcrypt passwords for the basic_auth filter."})
)
