package conf

// The options of the server process: sockets, workers, the WSGI side.
var (
	// ConfigFile and ConfigDir hold what the command line named. Files set the value that is shown, not what is read.
	ConfigFile = listOption(Option{Name: "config-file", Reload: Hot, Metavar: "PATH",
		Help: "Configuration file to read; may be repeated, and later files win over earlier ones."})
	ConfigDir = listOption(Option{Name: "config-dir", Reload: Hot, Metavar: "DIR",
		Help: "Directory of *.conf files to read in the order of their names; may be repeated."})
	ShellCompletion = textOption(Option{Name: "shell_completion", Type: Text{Choices: completionShells}, NoDefault: true, Reload: Hot,
		Flags: []string{"--shell_completion"},
		Help:  "Print a completion script for this shell, if the command line begins with it, and start nothing."})
	StatePath = textOption(Option{Name: "state_path", Default: "/var/lib/neutron", Reload: Restart,
		Flags: []string{"--state_path", "--state-path"},
		Help:  "Directory for the files the server keeps; it must be writable."})
	Host = textOption(Option{Name: "host", Type: HostAddress{}, NoDefault: true, Reload: Restart,
		Help: "Name of this host as other services see it; the machine's host name if unset."})

	// Newton's bind_host is any text, so that a link-local address may have its scope.
	BindHost = textOption(Option{Name: "bind_host", Type: HostAddress{Scoped: true}, Default: "0.0.0.0", Reload: Rebind,
		Help: "Address the API listens on."})
	BindPort = intOption(Option{Name: "bind_port", Type: Port{}, Default: "9696", Reload: Rebind,
		Help: "Port the API listens on."})
	Backlog = intOption(Option{Name: "backlog", Default: "4096", Reload: Rebind,
		Help: "Connections the kernel queues before they are accepted."})
	TCPKeepidle = intOption(Option{Name: "tcp_keepidle", Default: "600", Reload: Rebind,
		Help: "Seconds a connection is idle before TCP probes it."})
	RetryUntilWindow = intOption(Option{Name: "retry_until_window", Default: "30", Reload: Hot,
		Help: "Seconds to keep trying when the address is in use."})
	UseSSL = boolOption(Option{Name: "use_ssl", Default: "false", Reload: Rebind,
		Help: "Serve TLS with the certificate of [ssl]."})

	APIWorkers = intOption(Option{Name: "api_workers", Type: Integer{Min: bound(1)}, NoDefault: true,
		Help: "Number of API workers; one per CPU if unset."})
	WebFramework = textOption(Option{Name: "web_framework", Type: Text{Choices: []string{"legacy", "pecan"}},
		Default: "pecan", Help: "Front controller that serves the API."})
	WSGIDefaultPoolSize = intOption(Option{Name: "wsgi_default_pool_size", Default: "100",
		Help: "Requests one worker serves at the same time."})
	ClientSocketTimeout = intOption(Option{Name: "client_socket_timeout", Default: "900",
		Help: "Seconds a client's socket may be silent before it is closed; 0 waits for ever."})
	WSGIKeepAlive = boolOption(Option{Name: "wsgi_keep_alive", Default: "true",
		Help: "Keep client connections open between requests."})
	MaxHeaderLine = intOption(Option{Name: "max_header_line", Default: "16384",
		Help: "Longest request header line in bytes; tokens with a large catalog need more."})
	WSGILogFormat = textOption(Option{Name: "wsgi_log_format", Reload: Hot,
		Default: `%(client_ip)s "%(request_line)s" status: %(status_code)s  len: %(body_length)s time: %(wall_seconds).7f`,
		Help:    "Template of an access log line."})
	WSGIServerDebug = boolOption(Option{Name: "wsgi_server_debug", Default: "false",
		Why: noAPI, Help: "Show the client what went wrong inside on a 500."})
	GracefulShutdownTimeout = intOption(Option{Name: "graceful_shutdown_timeout", Default: "60", Reload: Hot,
		Help: "Seconds requests in flight may take to finish on a stop; 0 waits for ever."})
	LogOptions = boolOption(Option{Name: "log_options", Default: "true", Reload: Hot,
		Help: "Log the value of every option at start, at DEBUG."})
	APIPasteConfig = textOption(Option{Name: "api_paste_config", Default: "api-paste.ini",
		Help: "File that describes the API's pipelines."})
	AuthStrategy = textOption(Option{Name: "auth_strategy", Default: "keystone",
		Help: "Pipeline of the paste file to serve, such as keystone or noauth."})
	APIExtensionsPath = textOption(Option{Name: "api_extensions_path",
		Why: python, Help: "Further directories of API extensions, separated by colons."})
	Verbose = boolOption(Option{Name: "verbose", Default: "true", Obsolete: true, Reload: Hot,
		Flags: []string{"--verbose", "-v"}, Why: gone, Help: "Log at INFO; accepted from old configurations."})

	SSLCertFile = textOption(Option{Group: "ssl", Name: "cert_file", NoDefault: true, Reload: Rebind,
		Deprecated: []Name{{"DEFAULT", "ssl_cert_file"}}, Help: "Certificate of the server."})
	SSLKeyFile = textOption(Option{Group: "ssl", Name: "key_file", NoDefault: true, Reload: Rebind,
		Deprecated: []Name{{"DEFAULT", "ssl_key_file"}}, Help: "Private key of the server."})
	SSLCAFile = textOption(Option{Group: "ssl", Name: "ca_file", NoDefault: true, Reload: Rebind,
		Deprecated: []Name{{"DEFAULT", "ssl_ca_file"}},
		Help:       "Authorities that client certificates must come from; asking for them if set."})
	SSLVersion = textOption(Option{Group: "ssl", Name: "version", NoDefault: true, Reload: Rebind,
		Help: "TLS version to insist on."})
	SSLCiphers = textOption(Option{Group: "ssl", Name: "ciphers", NoDefault: true, Reload: Rebind,
		Help: "Ciphers to offer, in OpenSSL's list format."})
)

func serverOptions() []Handle {
	return []Handle{
		ConfigFile, ConfigDir, StatePath, Host, BindHost, BindPort, Backlog, TCPKeepidle, RetryUntilWindow, UseSSL,
		APIWorkers, WebFramework, WSGIDefaultPoolSize, ClientSocketTimeout, WSGIKeepAlive, MaxHeaderLine,
		WSGILogFormat, WSGIServerDebug, GracefulShutdownTimeout, LogOptions, APIPasteConfig, AuthStrategy,
		APIExtensionsPath, Verbose, SSLCertFile, SSLKeyFile, SSLCAFile, SSLVersion, SSLCiphers, ShellCompletion,
	}
}
