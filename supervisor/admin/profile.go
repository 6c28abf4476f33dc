package admin

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file does what net/http/pprof does. That package cannot be imported: it registers itself in http.DefaultServeMux.

const profilePrefix = "/debug/pprof/"

// Bounds of the profiles that take time.
const (
	defaultCPUProfile = 30 * time.Second
	defaultTrace      = time.Second
	// MaxProfile is the longest time a CPU profile or a trace may take.
	MaxProfile = 5 * time.Minute
)

// profiles is what is at a path below profilePrefix.
func profiles(name string) (methods, bool) {
	switch name {
	case "":
		return methods{http.MethodGet: listProfiles}, true
	case "profile":
		return methods{http.MethodGet: cpuProfile}, true
	case "trace":
		return methods{http.MethodGet: executionTrace}, true
	}
	p := pprof.Lookup(name)
	if p == nil {
		return nil, false
	}
	return methods{http.MethodGet: func(w http.ResponseWriter, r *http.Request) { writeProfile(p, w, r) }}, true
}

func listProfiles(w http.ResponseWriter, _ *http.Request) {
	names := []string{"profile", "trace"}
	for _, p := range pprof.Profiles() {
		names = append(names, p.Name())
	}
	slices.Sort(names)
	text(w)
	fmt.Fprintln(w, strings.Join(names, "\n"))
}

// writeProfile writes one of the runtime's profiles: in the format of go tool pprof, or with debug=1 or 2 as text.
func writeProfile(p *pprof.Profile, w http.ResponseWriter, r *http.Request) {
	debug, err := number(r, "debug", 0)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	gc, err := number(r, "gc", 0)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if p.Name() == "heap" && gc > 0 {
		runtime.GC()
	}
	if debug > 0 {
		text(w)
	} else {
		attachment(w, p.Name())
	}
	_ = p.WriteTo(w, debug) // who asked is gone if this fails
}

func cpuProfile(w http.ResponseWriter, r *http.Request) {
	record(w, r, "profile", defaultCPUProfile, func() error { return pprof.StartCPUProfile(w) }, pprof.StopCPUProfile)
}

func executionTrace(w http.ResponseWriter, r *http.Request) {
	record(w, r, "trace", defaultTrace, func() error { return trace.Start(w) }, trace.Stop)
}

// record runs what fills a profile for as long as the query says, or who asked stays.
func record(w http.ResponseWriter, r *http.Request, name string, usual time.Duration, start func() error, stop func()) {
	seconds, err := number(r, "seconds", int(usual/time.Second))
	if err == nil && (seconds < 1 || seconds > int(MaxProfile/time.Second)) {
		err = fmt.Errorf("seconds %d is not within 1 and %d", seconds, int(MaxProfile/time.Second))
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	attachment(w, name)
	if err := start(); err != nil { // another one is running; nothing was written yet
		w.Header().Del("Content-Disposition")
		refuse(w, http.StatusConflict, err.Error())
		return
	}
	defer stop()
	ctx, cancel := context.WithTimeout(r.Context(), time.Duration(seconds)*time.Second)
	defer cancel()
	<-ctx.Done()
}

func attachment(w http.ResponseWriter, name string) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// number reads a number from the query.
func number(r *http.Request, name string, missing int) (int, error) {
	given := r.URL.Query().Get(name)
	if given == "" {
		return missing, nil
	}
	n, err := strconv.Atoi(given)
	if err != nil {
		return 0, fmt.Errorf("%s is not a number: %q", name, given)
	}
	return n, nil
}
