package supervisor

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/seed-a8f20362/hadron/etc/conf"
)

// orders are what a worker process is told by its parent, on its standard input, as JSON: everything that it must not find
// out by itself, because the parent has already decided it. So a worker that is started again while a file is being edited
// serves the configuration in force, as its siblings do.
type orders struct {
	// Kind is the worker's, Number its place among those of its kind, from 1.
	Kind   string
	Number int
	// Framework is the front controller to serve with, Handlers the size of the pool of an API worker.
	Framework string
	Handlers  int
	// World is the configuration as the parent has read and checked it.
	World *conf.Recording
}

func (o *orders) encode() ([]byte, error) { return json.Marshal(o) }

// readOrders reads them to the end of the stream.
func readOrders(r io.Reader) (*orders, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("the orders of the parent: %w", err)
	}
	o := &orders{World: &conf.Recording{}}
	if err := json.Unmarshal(data, o); err != nil {
		return nil, fmt.Errorf("the orders of the parent: %w", err)
	}
	return o, nil
}
