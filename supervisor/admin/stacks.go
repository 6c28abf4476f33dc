package admin

import (
	"runtime"
	"strings"
)

// maxStacks bounds the dump of all goroutines in bytes: 64 MiB hold some fifty thousand of them.
const maxStacks = 64 << 20

// stacks returns the stacks of all goroutines as the runtime prints them, and whether limit held them all.
func stacks(limit int) (dump string, whole bool) {
	for size := min(1<<20, limit); ; size = min(2*size, limit) {
		buffer := make([]byte, size)
		if n := runtime.Stack(buffer, true); n < size {
			return string(buffer[:n]), true
		}
		if size == limit {
			return string(buffer), false
		}
	}
}

// goroutine is one of them, ready to be printed.
type goroutine struct {
	id     string
	state  string   // in brackets, such as [chan receive, 5 minutes]
	frames []string // file:line in function
}

// parseStacks reads the runtime's text. What does not look as it should stays as it is: a report is no place to fail.
func parseStacks(dump string) []goroutine {
	var all []goroutine
	for block := range strings.SplitSeq(strings.TrimSpace(dump), "\n\n") {
		head, rest, _ := strings.Cut(block, "\n")
		id, state, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(head, ":"), "goroutine "), " ")
		all = append(all, goroutine{id: id, state: state, frames: parseFrames(rest)})
	}
	return all
}

// parseFrames joins each line that names a function with the indented one that follows and says where it is.
func parseFrames(text string) []string {
	var frames []string
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		call := lines[i]
		if i+1 == len(lines) || !strings.HasPrefix(lines[i+1], "\t") {
			frames = append(frames, call)
			continue
		}
		i++
		place, _, _ := strings.Cut(strings.TrimPrefix(lines[i], "\t"), " +0x")
		if creator, ok := strings.CutPrefix(call, "created by "); ok {
			frames = append(frames, place+" created by "+creator)
			continue
		}
		frames = append(frames, place+" in "+withoutArguments(call))
	}
	return frames
}

// withoutArguments cuts the hexadecimal arguments off a call; receivers are in parentheses too, but come earlier.
func withoutArguments(call string) string {
	if i := strings.LastIndexByte(call, '('); i > 0 && strings.HasSuffix(call, ")") {
		return call[:i]
	}
	return call
}
