package conf

// The options that Neutron does not have.
var (
	CheckOnly = boolOption(Option{Name: "check", Default: "false", Flags: []string{"--check"}, Reload: Hot,
		Help: "Check the configuration, print every finding as file:line: severity: text, and start nothing."})
)

func hadronOptions() []Handle { return []Handle{CheckOnly} }
