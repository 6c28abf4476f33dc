package logging

import (
	"path"
	"runtime"
	"strconv"
	"strings"
)

// caller is where a record was logged.
type caller struct {
	function, file string
	line           int
}

// findCaller walks the stack up from zerolog's writer to the first frame that is not part of a logging library. It is called
// from Log.write, which zerolog calls in the goroutine and below the frame that logs.
func findCaller() caller {
	var pcs [24]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs[:])])
	for {
		frame, more := frames.Next()
		if !isLibrary(frame.Function) {
			return caller{function: shortName(frame.Function), file: frame.File, line: frame.Line}
		}
		if !more {
			return caller{function: "(unknown function)", file: "(unknown file)"} // Python's words
		}
	}
}

func isLibrary(function string) bool {
	return strings.HasPrefix(function, "github.com/rs/zerolog.") ||
		strings.HasPrefix(function, "log/slog.") || strings.HasPrefix(function, "log.")
}

// shortName cuts the import path and the package off a function's name: path/pkg.(*T).M is (*T).M.
func shortName(function string) string {
	function = function[strings.LastIndexByte(function, '/')+1:]
	_, name, _ := strings.Cut(function, ".")
	return name
}

// append prints one of the fields that say where a record was logged.
func (c caller) append(dst []byte, f field) []byte {
	switch f {
	case funcName:
		return append(dst, c.function...)
	case pathname:
		return append(dst, c.file...)
	case filename:
		return append(dst, path.Base(c.file)...)
	case module:
		return append(dst, strings.TrimSuffix(path.Base(c.file), ".go")...)
	case lineno:
		return strconv.AppendInt(dst, int64(c.line), 10)
	}
	return dst
}
