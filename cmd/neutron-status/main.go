// Command neutron-status looks into a running neutron-server through its admin socket.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/mattn/go-isatty"

	"github.com/seed-a8f20362/hadron/supervisor/admin/status"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return status.Command{
		Args: os.Args[1:], Socket: os.Getenv(status.SocketVariable), Stdout: os.Stdout, Stderr: os.Stderr,
		Terminal: isatty.IsTerminal(os.Stdout.Fd()),
	}.Run(ctx)
}
