package status

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
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

func (c *call) tree(ctx context.Context, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	if c.watch {
		return c.watchTree(ctx)
	}
	text, err := c.treeText(ctx)
	if err != nil {
		return err
	}
	return c.print(text)
}

func (c *call) treeText(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	return c.client.TreeText(ctx, c.all)
}

// watchTree draws the tree again and again. Being interrupted is how it ends well.
func (c *call) watchTree(ctx context.Context) error {
	ticker := time.NewTicker(cmp.Or(c.Interval, watchInterval))
	defer ticker.Stop()
	for {
		text, err := c.treeText(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.print(c.frame(text)); err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// The terminal's control sequences that --watch uses: they overwrite instead of clearing, so that nothing flickers.
const (
	cursorHome   = "\x1b[H"
	clearLineEnd = "\x1b[K"
	clearBelow   = "\x1b[J"
)

// frame is one picture of --watch: over the last one on a terminal, else behind it with an empty line between.
func (c *call) frame(text string) string {
	if !c.Terminal {
		return text + "\n"
	}
	return cursorHome + strings.ReplaceAll(text, "\n", clearLineEnd+"\n") + clearBelow
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
	return c.print(healthText(h))
}

func (c *call) workers(ctx context.Context, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	workers, err := c.askWorkers(ctx)
	if err != nil {
		return err
	}
	return c.print(workersText(workers))
}

func (c *call) askWorkers(ctx context.Context) ([]admin.Worker, error) {
	if !c.set["count"] && !c.set["pool-size"] {
		ctx, cancel := context.WithTimeout(ctx, lookTimeout)
		defer cancel()
		return c.client.Workers(ctx)
	}
	if c.set["count"] && c.count < 1 || c.set["pool-size"] && c.poolSize < 1 {
		return nil, usageError{errors.New("--count and --pool-size are at least 1")}
	}
	return c.client.Resize(ctx, admin.Resize{Count: c.count, PoolSize: c.poolSize})
}

func workersText(workers []admin.Worker) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WORKER\tSTATE\tPOOL\tBUSY\tWAITING\tSERVED\tPANICS")
	for _, k := range workers {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\n", k.Name, k.State, k.PoolSize, len(k.Busy), k.Waiting, k.Served, k.Panics)
	}
	_ = w.Flush() // memory takes everything
	for _, k := range workers {
		for _, r := range k.Busy {
			fmt.Fprintf(&b, "%s %s: %s %s for %.1f s (%s)\n", k.Name, r.Handler, r.Method, r.Path, r.Seconds, r.ID)
		}
	}
	return b.String()
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

// upgrade is Neutron's check of a database and configuration before an upgrade.
func (c *call) upgrade(_ context.Context, args []string) error {
	if len(args) != 1 || args[0] != "check" {
		return usageError{errors.New("upgrade takes the argument check")}
	}
	return errors.New("upgrade check is not built yet in this version")
}

func (c *call) print(text string) error {
	if _, err := fmt.Fprint(c.Stdout, text); err != nil {
		return fmt.Errorf("output: %w", err)
	}
	return nil
}
