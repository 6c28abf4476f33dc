// Command neutron-server is the Networking API server.
package main

import (
	"os"

	"github.com/seed-a8f20362/hadron/supervisor"
)

func main() { os.Exit(supervisor.Main(os.Args, os.Stdout, os.Stderr)) }
