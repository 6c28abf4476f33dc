package status

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/admin"
)

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
	fmt.Fprintln(w, "WORKER\tSTATE\tPID\tSINCE\tPOOL\tBUSY\tWAITING\tSERVED\tPANICS\tLEAVING")
	for _, k := range workers {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%s\n", k.Name, k.State, pids(k.PID), since(k.Since), k.PoolSize,
			len(k.Busy), k.Waiting, k.Served, k.Panics, pids(k.Leaving...))
	}
	_ = w.Flush() // memory takes everything
	for _, k := range workers {
		for _, r := range k.Busy {
			fmt.Fprintf(&b, "%s %s: %s %s for %.1f s (%s)\n", k.Name, r.Handler, r.Method, r.Path, r.Seconds, r.ID)
		}
	}
	return b.String()
}

// nothing stands in a column that a worker has nothing for.
const nothing = "-"

// pids lists processes; 0 is none.
func pids(all ...int) string {
	var texts []string
	for _, pid := range all {
		if pid != 0 {
			texts = append(texts, strconv.Itoa(pid))
		}
	}
	if len(texts) == 0 {
		return nothing
	}
	return strings.Join(texts, ",")
}

func since(t time.Time) string {
	if t.IsZero() {
		return nothing
	}
	return t.UTC().Format(time.RFC3339)
}

// replace prints also what was done before it went wrong.
func (c *call) replace(ctx context.Context, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	made, err := c.client.Replace(ctx)
	if len(made) > 0 || err == nil {
		err = errors.Join(c.print(replacedText(made)), err)
	}
	return err
}

func replacedText(made []admin.Replacement) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WORKER\tOLD\tNEW")
	for _, r := range made {
		fmt.Fprintf(w, "%s\t%d\t%d\n", r.Name, r.Old, r.New)
	}
	_ = w.Flush() // memory takes everything
	return b.String()
}
