package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// floor is a bare net/http server that does for every request what cannot be left out: the very statements that the server runs for
// it, through database/sql as any program would, which the server does not do for all of them, and the bytes of its answer.
type floor struct {
	addr   string
	server *http.Server
	served chan error
	replay *replayer // nil where the statements are not known
}

// newFloor serves the recording of a request at an address of its own.
func newFloor(ctx context.Context, rec recording, replay *replayer) (*floor, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &floor{addr: l.Addr().String(), served: make(chan error, 1), replay: replay}
	length := strconv.Itoa(len(rec.body))
	f.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if replay != nil {
			if err := replay.run(ctx); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		h := w.Header()
		h["Content-Type"], h["Content-Length"] = []string{"application/json"}, []string{length}
		w.WriteHeader(rec.status)
		_, _ = w.Write(rec.body) // the client counts what it gets
	})}
	go func() { f.served <- f.server.Serve(l) }()
	return f, nil
}

func (f *floor) close() error {
	err := f.server.Close()
	if served := <-f.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, fmt.Errorf("floor: %w", served))
	}
	if f.replay != nil {
		err = errors.Join(err, f.replay.close())
	}
	return err
}
