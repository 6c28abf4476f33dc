package status

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

// call is a sub-command with its flags read.
type call struct {
	Command
	options
	client *admin.Client
	set    map[string]bool // flags that were given
}

// lookTimeout bounds commands that only look. Those that change something wait for as long as the server takes.
const lookTimeout = 10 * time.Second

func none(args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("unexpected argument %q", args[0])}
	}
	return nil
}

func (c *call) health(ctx context.Context, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	h, err := c.client.Health(ctx)
	if err != nil {
		return err
	}
	if err := c.print(healthText(h)); err != nil || h.Status == admin.StatusOK {
		return err
	}
	return errUnwell
}

func healthText(h admin.Health) string {
	var b strings.Builder
	row := func(name, format string, values ...any) {
		fmt.Fprintf(&b, "%-12s %s\n", name, fmt.Sprintf(format, values...))
	}
	row("status", "%s", h.Status)
	for _, reason := range h.Reasons {
		row("reason", "%s", reason)
	}
	row("ready", "%t", h.Ready)
	if f := h.Framework; f != nil {
		row("framework", "%s (preferred: %s)", f.Current, f.Preferred)
	}
	row("generation", "%d", h.Generation)
	switch r := h.LastReload; {
	case r == nil:
		row("last reload", "none")
	case r.OK:
		row("last reload", "%s ok", r.At.Format(time.RFC3339))
	case r.Incomplete:
		row("last reload", "%s incomplete: %s", r.At.Format(time.RFC3339), r.Error)
	default:
		row("last reload", "%s failed: %s", r.At.Format(time.RFC3339), r.Error)
	}
	return b.String()
}

func (c *call) reload(ctx context.Context, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	h, err := c.client.Reload(ctx)
	if err != nil {
		return err
	}
	if err := c.print(healthText(h)); err != nil || h.LastReload == nil || !h.LastReload.Incomplete {
		return err
	}
	return errUnwell
}

func (c *call) levels(ctx context.Context, args []string) error {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	var levels admin.LogLevels
	var err error
	switch len(args) {
	case 0:
		levels, err = c.client.LogLevels(ctx)
	case 1:
		levels, err = c.client.SetLogLevel(ctx, "", args[0])
	case 2:
		levels, err = c.client.SetLogLevel(ctx, args[0], args[1])
	default:
		return usageError{fmt.Errorf("unexpected argument %q", args[2])}
	}
	if err != nil {
		return err
	}
	text := levels.Level + "\n"
	for _, name := range slices.Sorted(maps.Keys(levels.Loggers)) {
		text += name + "=" + levels.Loggers[name] + "\n"
	}
	return c.print(text)
}

func (c *call) report(ctx context.Context, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	text, err := c.client.Report(ctx)
	if err != nil {
		return err
	}
	return c.print(text)
}

// upgrade prints nothing but the pid, for scripts. With the argument check it would be Neutron's check of a database and a
// configuration before an upgrade.
func (c *call) upgrade(ctx context.Context, args []string) error {
	if len(args) == 1 && args[0] == "check" {
		return errors.New("upgrade check is not built yet in this version")
	}
	if err := none(args); err != nil {
		return err
	}
	pid, err := c.client.Upgrade(ctx)
	if e, ok := errors.AsType[*admin.RefusedError](err); ok && e.Status == http.StatusInternalServerError {
		return fmt.Errorf("rolled back: %w", err)
	}
	if err != nil {
		return err
	}
	return c.print(strconv.Itoa(pid) + "\n")
}

func (c *call) print(text string) error {
	if _, err := fmt.Fprint(c.Stdout, text); err != nil {
		return fmt.Errorf("output: %w", err)
	}
	return nil
}
