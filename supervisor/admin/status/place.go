package status

import (
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// place is where to ask, and who says so.
type place struct {
	address string
	why     string // empty where the command line itself names the address
}

// configFlags collects --config-file and --config-dir as the server would be given them: their order counts.
func (o *options) configFlags(f *flag.FlagSet) {
	for name, about := range map[string]string{
		"config-file": "configuration file of the server, more than once if there are several",
		"config-dir":  "configuration folder of the server",
	} {
		f.Func(name, about, func(value string) error {
			o.config = append(o.config, "--"+name+"="+value)
			return nil
		})
	}
}

// where finds the socket: on the command line, in its configuration files, in the environment, else in the configuration
// that a server reads by default.
func (c Command) where(o *options) (place, error) {
	switch {
	case o.socket != "":
		return place{address: o.socket}, nil
	case len(o.config) == 0 && c.Socket != "":
		return place{address: c.Socket, why: SocketVariable}, nil
	default:
		return c.configured(o.config)
	}
}

// configured reads the configuration as a server with these arguments does, so that both mean the same socket.
func (c Command) configured(args []string) (place, error) {
	source, err := c.Source(args)
	if err != nil {
		return place{}, err
	}
	s, err := conf.Load(source)
	if err != nil {
		return place{}, fmt.Errorf("the configuration does not tell the admin socket (--socket PATH does): %s",
			strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
	}
	option := conf.AdminSocket
	if s.Text(option) == "" {
		option = conf.AdminBind
	}
	files := strings.Join(s.ConfigFiles(), ", ")
	if s.Text(option) == "" {
		return place{}, fmt.Errorf("a server with the configuration %s has no admin socket: [hadron] admin_socket and admin_bind are empty",
			files)
	}
	why := fmt.Sprintf("[hadron] %s of the configuration %s", option.Option().Name, files)
	return place{address: s.Text(option), why: why}, nil
}

// placed adds to an error of a server that is not there who said that it would be.
func (p place) placed(err error) error {
	if err == nil || p.why == "" {
		return err
	}
	if _, ok := errors.AsType[*admin.UnreachableError](err); !ok {
		return err
	}
	return fmt.Errorf("%w (the address is that of %s; --socket says another one)", err, p.why)
}
