package conf

import "slices"

// accountOptions are those by which Neutron logs in at Keystone to call other services: each of these groups may have the
// options of every authentication plugin.
func accountOptions() []Option {
	var all []Option
	for _, service := range []string{"nova", "placement", "ironic", "designate"} {
		all = append(all, slices.Concat(authOptions(service, noOthers), sessionOptions(service))...)
	}
	// Designate had an option url before there was a plugin of which it is an old option.
	for i, o := range all {
		if o.Group == "designate" && o.Name == "endpoint" {
			all[i].Deprecated = nil
		}
	}
	return all
}

// authOptions are those of the authentication plugins.
func authOptions(group string, why Reason) []Option {
	former := func(keys ...string) []Name {
		names := make([]Name, len(keys))
		for i, key := range keys {
			names[i] = Name{Group: group, Key: key}
		}
		return names
	}
	return in(group, why,
		Option{Name: "auth_type", NoDefault: true, Deprecated: former("auth_plugin"), Help: "How to log in, such as password."},
		Option{Name: "auth_section", NoDefault: true, Help: "Section in which the options of auth_type stand instead."},
		Option{Name: "auth-url", NoDefault: true, Help: "Where Keystone is."},
		Option{Name: "username", NoDefault: true, Deprecated: former("user-name", "user_name"), Help: "User, by name."},
		Option{Name: "user-id", NoDefault: true, Help: "User, by id."},
		Option{Name: "password", NoDefault: true, Secret: true, Help: "Password of the user."},
		Option{Name: "user-domain-name", NoDefault: true, Help: "Domain of the user, by name."},
		Option{Name: "user-domain-id", NoDefault: true, Help: "Domain of the user, by id."},
		Option{Name: "project-name", NoDefault: true, Deprecated: former("tenant-name", "tenant_name"),
			Help: "Project to act in, by name."},
		Option{Name: "project-id", NoDefault: true, Deprecated: former("tenant-id", "tenant_id"),
			Help: "Project to act in, by id."},
		Option{Name: "project-domain-name", NoDefault: true, Help: "Domain of the project, by name."},
		Option{Name: "project-domain-id", NoDefault: true, Help: "Domain of the project, by id."},
		Option{Name: "domain-name", NoDefault: true, Help: "Domain to act in, by name."},
		Option{Name: "domain-id", NoDefault: true, Help: "Domain to act in, by id."},
		Option{Name: "default-domain-name", NoDefault: true, Help: "Domain of whatever names none, by name."},
		Option{Name: "default-domain-id", NoDefault: true, Help: "Domain of whatever names none, by id."},
		Option{Name: "system-scope", NoDefault: true, Help: "Act in the whole system: all."},
		Option{Name: "trust-id", NoDefault: true, Help: "Trust to act by."},
		Option{Name: "token", NoDefault: true, Secret: true, Help: "Token to use instead of a password."},
		Option{Name: "endpoint", NoDefault: true, Deprecated: former("url"), Help: "Where the service is, if there is no catalog."},
		Option{Name: "application_credential_id", NoDefault: true, Help: "Application credential, by id."},
		Option{Name: "application_credential_name", NoDefault: true, Help: "Application credential, by name."},
		Option{Name: "application_credential_secret", NoDefault: true, Secret: true, Help: "Secret of that credential."},
	)
}

// sessionOptions are those of the connection to a service.
func sessionOptions(group string) []Option {
	return in(group, noOthers,
		Option{Name: "cafile", NoDefault: true, Help: "Authorities for the certificate of the service."},
		Option{Name: "certfile", NoDefault: true, Help: "Certificate for the service."},
		Option{Name: "keyfile", NoDefault: true, Help: "Key of that certificate."},
		Option{Name: "insecure", Type: Boolean{}, Default: "false", Help: "Do not check the certificate of the service."},
		Option{Name: "timeout", Type: Float{}, NoDefault: true, Help: "Seconds that a call may take."},
		Option{Name: "collect-timing", Type: Boolean{}, Default: "false", Help: "Measure how long calls take."},
		Option{Name: "split-loggers", Type: Boolean{}, Default: "false", Help: "Log the parts of a call with a logger each."},
		Option{Name: "tls-ciphers", NoDefault: true, Help: "Ciphers to offer."},
		Option{Name: "tls-min-version", Type: Text{Choices: []string{"1.2", "1.3"}}, NoDefault: true,
			Help: "Oldest TLS version to accept."},
	)
}

// privsepOptions are those of the daemons that do for agents what only root may do.
func privsepOptions() []Option {
	var all []Option
	for _, group := range []string{
		"privsep", "privsep_conntrack", "privsep_dhcp_release", "privsep_link", "privsep_namespace", "privsep_ovs_vsctl",
	} {
		all = append(all, in(group, agentSide,
			Option{Name: "user", NoDefault: true, Help: "User that the daemon runs as."},
			Option{Name: "group", NoDefault: true, Help: "Group that the daemon runs as."},
			Option{Name: "capabilities", Type: List{}, Help: "Capabilities that the daemon keeps."},
			Option{Name: "thread_pool_size", Type: Integer{Min: bound(1)}, ByMachine: true,
				Help: "Commands that the daemon runs at the same time."},
			Option{Name: "helper_command", NoDefault: true, Help: "Command that starts the daemon."},
			Option{Name: "logger_name", Default: "oslo_privsep.daemon", Help: "Name of the daemon's logger."},
			Option{Name: "log_daemon_traceback", Type: Boolean{}, Default: "false", Help: "Log the daemon's tracebacks."},
		)...)
	}
	return all
}
