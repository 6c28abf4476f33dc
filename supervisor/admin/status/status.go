// Package status is the command neutron-status: it asks a running server over its admin socket and prints what people want to
// know. It owns the command line and the exit statuses, and changes nothing but what it was told to.
package status

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// The exit statuses.
const (
	ExitOK      = 0
	ExitRefused = 1   // the server is not well, or refused what was asked
	ExitUsage   = 2   // the command line is wrong
	ExitError   = 255 // there is no server, or it could not be asked
)

// SocketVariable is the environment variable that names the socket when the command line does not.
const SocketVariable = "NEUTRON_ADMIN_SOCKET"

// watchInterval is how often --watch looks.
const watchInterval = time.Second

// Command is one call of neutron-status.
type Command struct {
	// Args are the arguments behind the program's name.
	Args []string
	// Socket is where to ask when Args do not say; empty leaves it to the configuration.
	Socket string
	// Source is the world in which a server with these arguments would read its configuration.
	Source func(args []string) (conf.Source, error)
	// Stdout gets answers, Stderr errors.
	Stdout, Stderr io.Writer
	// Terminal makes --watch redraw in place; Size, if set, is how many characters and lines fit there.
	Terminal bool
	Size     func() (width, height int)
	// Interval is that of --watch; zero is a second.
	Interval time.Duration
}

// action is what a sub-command does with its arguments once its flags are read.
type action struct {
	arguments string // for the usage text
	about     string
	flags     func(*flag.FlagSet, *options)
	run       func(*call, context.Context, []string) error
}

// options are the values of all flags.
type options struct {
	socket          string
	config          []string // --config-file and --config-dir, as a server would be given them
	watch, all      bool
	count, poolSize int
}

func actions() map[string]action {
	return map[string]action{
		"tree": {arguments: "[--watch] [--all]", about: "draw the supervision tree", run: (*call).tree,
			flags: func(f *flag.FlagSet, o *options) {
				f.BoolVar(&o.watch, "watch", false, "draw again every second, until interrupted")
				f.BoolVar(&o.all, "all", false, "do not fold equal siblings")
			}},
		"health": {about: "status, framework, generation, last reload", run: (*call).health},
		"reload": {about: "read the configuration again, and wait", run: (*call).reload},
		"workers": {arguments: "[--count N] [--pool-size M]", about: "processes, pools and busy handlers; change their number", run: (*call).workers,
			flags: func(f *flag.FlagSet, o *options) {
				f.IntVar(&o.count, "count", 0, "change the number of workers")
				f.IntVar(&o.poolSize, "pool-size", 0, "change the number of handlers of each worker")
			}},
		"log-level": {arguments: "[[LOGGER] LEVEL]", about: "show the log levels; set that of a logger or of the whole log", run: (*call).levels},
		"report":    {about: "print a Guru Meditation Report", run: (*call).report},
		"replace":   {about: "give each worker process a successor, one by one, and wait", run: (*call).replace},
		"upgrade":   {about: "have a new process of the program take over, and print its pid", run: (*call).upgrade},
	}
}

// Run does what the command line says, and returns the exit status.
func (c Command) Run(ctx context.Context) int {
	var o options
	rest, err := parse(c.flagSet("neutron-status", &o), c.Args)
	if err != nil {
		return c.usage(err)
	}
	if len(rest) == 0 {
		return c.usage(errors.New("a command is missing"))
	}
	a, ok := actions()[rest[0]]
	if !ok {
		return c.usage(fmt.Errorf("unknown command %q", rest[0]))
	}
	f := c.flagSet(rest[0], &o)
	if a.flags != nil {
		a.flags(f, &o)
	}
	if rest, err = parse(f, rest[1:]); err != nil {
		return c.usage(err)
	}
	at, err := c.where(&o)
	if err != nil {
		return c.exit(err)
	}
	return c.exit(at.placed(a.run(&call{Command: c, options: o, client: admin.NewClient(at.address), set: given(f)}, ctx, rest)))
}

// flagSet has what every command takes. It prints nothing by itself.
func (c Command) flagSet(name string, o *options) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&o.socket, "socket", o.socket, "admin socket of the server")
	o.configFlags(f)
	return f
}

func parse(f *flag.FlagSet, args []string) (rest []string, err error) {
	err = f.Parse(args)
	return f.Args(), err
}

// given has the names of the flags that the command line set.
func given(f *flag.FlagSet) map[string]bool {
	set := map[string]bool{}
	f.Visit(func(f *flag.Flag) { set[f.Name] = true })
	return set
}

// usageError is a mistake in the arguments.
type usageError struct{ error }

// errUnwell makes the exit status say what was printed already.
var errUnwell = errors.New("the server is not well")

// exit prints an error and returns the exit status for it.
func (c Command) exit(err error) int {
	if err == nil {
		return ExitOK
	}
	if errors.Is(err, errUnwell) {
		return ExitRefused
	}
	if mistake, ok := errors.AsType[usageError](err); ok {
		return c.usage(mistake)
	}
	fmt.Fprintln(c.Stderr, "neutron-status:", err)
	if _, ok := errors.AsType[*admin.RefusedError](err); ok {
		return ExitRefused
	}
	return ExitError
}

// usage prints how to call the command: on demand to stdout, after a mistake to stderr with the mistake.
func (c Command) usage(err error) int {
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(c.Stdout, usageText())
		return ExitOK
	}
	fmt.Fprintf(c.Stderr, "neutron-status: %v\n%s", err, usageText())
	return ExitUsage
}

func usageText() string {
	var b strings.Builder
	b.WriteString("usage: neutron-status [--socket PATH | --config-file F... | --config-dir D...] COMMAND\n\n")
	all := actions()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "  %-38s %s\n", strings.TrimSpace(name+" "+all[name].arguments), all[name].about)
	}
	fmt.Fprintf(&b, "\nThe socket is that of --socket, of the server's configuration ([hadron] admin_socket) in the files of\n"+
		"--config-file and --config-dir, of %s, or of the configuration that neutron-server reads by\n"+
		"default. An address of the form HOST:PORT is asked over TCP.\n", SocketVariable)
	b.WriteString("Exit status: 0 success, 1 degraded or refused, 2 usage, 255 error.\n")
	return b.String()
}
