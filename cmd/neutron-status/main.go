// Command neutron-status looks into a running neutron-server through its admin socket.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/mattn/go-isatty"
	"golang.org/x/sys/unix"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/admin/status"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return status.Command{
		Args: os.Args[1:], Socket: os.Getenv(status.SocketVariable), Stdout: os.Stdout, Stderr: os.Stderr,
		Source:   func(args []string) (conf.Source, error) { return conf.System("neutron-server", "", args) },
		Terminal: isatty.IsTerminal(os.Stdout.Fd()), Size: size,
	}.Run(ctx)
}

// size is that of the terminal, zeros when it does not say.
func size() (width, height int) {
	w, err := unix.IoctlGetWinsize(int(os.Stdout.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0, 0
	}
	return int(w.Col), int(w.Row)
}
