package conf

// The options that Neutron does not have.
var (
	CheckOnly = boolOption(Option{Name: "check", Default: "false", Flags: []string{"--check"}, Reload: Hot,
		Help: "Check the configuration, print every finding as file:line: severity: text, and start nothing."})
	UpgradeOnly = boolOption(Option{Name: "upgrade", Default: "false", Flags: []string{"--upgrade"}, Reload: Hot,
		Help: "Have the server that runs with this configuration hand over to a new process of the program, print the " +
			"pid of that process or why everything stays as it was, and start nothing else."})
	SampleOnly = boolOption(Option{Name: "sample-config", Default: "false", Flags: []string{"--sample-config"}, Reload: Hot,
		Help: "Print a configuration file with every option and its default, and start nothing."})
	AdminSocket = textOption(Option{Group: "hadron", Name: "admin_socket", Default: "$state_path/admin.sock",
		Reload: Restart, Help: "Unix socket for neutron-status, metrics and health checks; empty for none."})
	AdminBind = textOption(Option{Group: "hadron", Name: "admin_bind", Reload: Restart,
		Help: "Loopback address, as 127.0.0.1:9697, for the same; empty for none."})
	WorkerIsolation = textOption(Option{Group: "hadron", Name: "worker_isolation", Default: "actor", Reload: Restart,
		Type: Text{Choices: []string{"actor", "process"}},
		Help: "What a worker is: an actor of the one process, or a process of its own."})
	BindSocket = textOption(Option{Group: "hadron", Name: "bind_socket", Reload: Rebind,
		Help: "Unix socket that the API listens on too, without TLS whatever use_ssl says; empty for none."})
	BindSocketMode = textOption(Option{Group: "hadron", Name: "bind_socket_mode", Type: FileMode{}, Default: "0660",
		Reload: Rebind, Help: "Permissions of bind_socket in octal digits."})
)

func hadronOptions() []Handle {
	return []Handle{CheckOnly, UpgradeOnly, SampleOnly, AdminSocket, AdminBind, WorkerIsolation, BindSocket, BindSocketMode}
}
