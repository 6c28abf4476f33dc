package paste

import (
	"fmt"
	"os"
	"path/filepath"
)

// Options say what to read from a file. The zero value asks for the
// application named main.
type Options struct {
	// App is the application's name; neutron-server's is "neutron".
	App string
	// AuthStrategy picks the pipeline of neutron.auth:pipeline_factory.
	AuthStrategy string
	// Global values are handed down to the application; they win over those of
	// the file's [DEFAULT], and references see them only where it has none.
	Global map[string]string
	// ReadFile reads the files that "use = config:" includes. Load falls back
	// to os.ReadFile; Parse, without it, refuses such includes.
	ReadFile func(path string) ([]byte, error)
}

// Load reads the file at path and describes the application o.App. Where the
// text is at fault, the error joins every *Problem found.
func Load(path string, o Options) (*Description, error) {
	if o.ReadFile == nil {
		o.ReadFile = os.ReadFile
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("locate %s: %w", path, err)
	}
	data, err := o.ReadFile(abs)
	if err != nil {
		return nil, fmt.Errorf("read paste configuration: %w", err)
	}
	return describe(source{name: path, path: abs, data: data}, o)
}

// Parse describes the application o.App of a file whose content is at hand.
// Name stands for the file in every position, and, as it is, for its path: in
// "here", "__file__" and relative includes.
func Parse(name string, data []byte, o Options) (*Description, error) {
	return describe(source{name: name, path: filepath.Clean(name), data: data}, o)
}

// describe resolves one application and everything it reaches.
func describe(src source, o Options) (*Description, error) {
	r := newResolver(o)
	global := callerSettings(o.Global)
	l, err := r.open(src, global)
	if err != nil {
		return nil, err
	}
	root, err := r.application(l, target{role: wantApp, name: o.App, unnamed: o.App == "", global: global, pos: Pos{File: src.name}})
	if err != nil {
		return nil, distinct(err)
	}
	r.checkUnreached()
	return &Description{
		File:         src.name,
		App:          o.App,
		AuthStrategy: o.AuthStrategy,
		Root:         root,
		Files:        r.files,
		Warnings:     r.warnings,
	}, nil
}

func callerSettings(global map[string]string) Settings {
	s := Settings{}
	for name, value := range global {
		s[name] = Setting{Value: value}
	}
	return s
}
