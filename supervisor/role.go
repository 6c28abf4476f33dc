package supervisor

import "path/filepath"

// role says which services a process has.
type role struct {
	api, rpc, plugins bool
}

// roleOf is what a program of this name does (argv[0]). Neutron has a command for each part, so that a cloud can spread them over
// machines or service units; neutron-server, and any other name, is all of them.
func roleOf(program string) role {
	switch filepath.Base(program) {
	case "neutron-api":
		return role{api: true}
	case "neutron-rpc-server":
		return role{rpc: true, plugins: true}
	case "neutron-periodic-workers":
		return role{plugins: true}
	default:
		return role{api: true, rpc: true, plugins: true}
	}
}

// The kinds of workers, as callbacks and orders name them.
const (
	workerAPI     = "api"
	workerRPC     = "rpc"
	workerReports = "rpc_reports"
	workerPlugins = "plugin"
)

// title is what ps shows for a worker process of a program, in Neutron's words.
func title(program, kind string) string {
	what := map[string]string{
		workerAPI: "api worker", workerRPC: "rpc worker", workerReports: "rpc reports worker", workerPlugins: "services worker",
	}
	return filepath.Base(program) + ": " + what[kind]
}
