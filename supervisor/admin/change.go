package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// postReload waits for the reload, and answers with the health after it, which says so where the reload is not complete.
func (h *handler) postReload(w http.ResponseWriter, r *http.Request) {
	if err := h.subject.Reloader.Reload(r.Context()); err != nil && !incomplete(err) {
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	answer(w, http.StatusOK, h.subject.health())
}

// LevelChange is the wish for another log level.
type LevelChange struct {
	// Logger is empty for the whole log.
	Logger string `json:"logger,omitempty"`
	Level  string `json:"level"`
}

func (h *handler) putLevel(w http.ResponseWriter, r *http.Request) {
	var change LevelChange
	if err := decode(w, r, &change); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if change.Level == "" {
		refuse(w, http.StatusBadRequest, "level is missing")
		return
	}
	if err := h.subject.Levels.SetLogLevel(change.Logger, change.Level); err != nil {
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	h.getLevels(w, r)
}

// The most that PUT /workers takes. They only keep a slip of the finger from taking the machine's memory.
const (
	MaxWorkers  = 1024
	MaxPoolSize = 100_000
)

func (h *handler) putWorkers(w http.ResponseWriter, r *http.Request) {
	var change resizeRequest
	err := decode(w, r, &change)
	if err == nil {
		err = change.validate()
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if err := h.subject.Workers.Resize(r.Context(), change.resize()); err != nil {
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	h.getWorkers(w, r)
}

// resizeRequest tells a zero that was asked for, which is refused, from what was left out.
type resizeRequest struct {
	Count    *int `json:"count"`
	PoolSize *int `json:"pool_size"`
}

func (c resizeRequest) validate() error {
	if c.Count == nil && c.PoolSize == nil {
		return errors.New("neither count nor pool_size is given")
	}
	if n := c.Count; n != nil && (*n < 1 || *n > MaxWorkers) {
		return fmt.Errorf("count %d is not within 1 and %d", *n, MaxWorkers)
	}
	if n := c.PoolSize; n != nil && (*n < 1 || *n > MaxPoolSize) {
		return fmt.Errorf("pool_size %d is not within 1 and %d", *n, MaxPoolSize)
	}
	return nil
}

func (c resizeRequest) resize() Resize {
	var r Resize
	if c.Count != nil {
		r.Count = *c.Count
	}
	if c.PoolSize != nil {
		r.PoolSize = *c.PoolSize
	}
	return r
}

// maxBody bounds the body of a request in bytes: the largest is one small object.
const maxBody = 4 << 10

// decode reads one JSON object, and nothing it does not know.
func decode(w http.ResponseWriter, r *http.Request, v any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("body: there is more after the object")
	}
	return nil
}
