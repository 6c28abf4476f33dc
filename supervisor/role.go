package supervisor

import (
	"path/filepath"

	"github.com/seed-a8f20362/hadron/actors"
)

// Role says which services a server has.
type Role struct {
	// API serves requests, RPC the agents' calls and reports, Plugins runs what is done again and again.
	API, RPC, Plugins bool
}

// RoleOf is what a program of this name does (argv[0]). Neutron has a command for each part, so that a cloud can spread them over
// machines or service units; neutron-server, and any other name, is all of them.
func RoleOf(program string) Role {
	switch filepath.Base(program) {
	case "neutron-api":
		return Role{API: true}
	case "neutron-rpc-server":
		return Role{RPC: true, Plugins: true}
	case "neutron-periodic-workers":
		return Role{Plugins: true}
	default:
		return Role{API: true, RPC: true, Plugins: true}
	}
}

func (o Options) role() Role {
	if o.Role != nil {
		return *o.Role
	}
	return RoleOf(o.Source.Prog)
}

// The kinds of workers, as callbacks and orders name them.
const (
	workerAPI     = "api"
	workerRPC     = actors.KindRPC
	workerReports = actors.KindRPCReports
	workerPlugins = "plugin"
)

// title is what ps shows for a worker process of a program, in Neutron's words.
func title(program, kind string) string {
	what := map[string]string{
		workerAPI: "api worker", workerRPC: "rpc worker", workerReports: "rpc reports worker", workerPlugins: "services worker",
	}
	return filepath.Base(program) + ": " + what[kind]
}
