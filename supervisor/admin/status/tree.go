package status

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

func (c *call) tree(ctx context.Context, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	text, err := c.treeText(ctx)
	if c.watch && err != nil && ctx.Err() != nil {
		return nil // interrupted
	}
	if err != nil {
		return err
	}
	if c.watch {
		return c.watchTree(ctx, text)
	}
	return c.print(text)
}

func (c *call) treeText(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	return c.client.TreeText(ctx, c.all)
}

// watchTree draws the tree again and again, beginning with text. Being interrupted is how it ends well. A server that has
// answered once may be away for a while: it is being restarted, or upgraded.
func (c *call) watchTree(ctx context.Context, text string) error {
	ticker := time.NewTicker(cmp.Or(c.Interval, watchInterval))
	defer ticker.Stop()
	w := watched{call: c, last: text}
	var err error
	for {
		if err := w.show(text, err); err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
		if text, err = c.treeText(ctx); ctx.Err() != nil {
			return nil
		}
	}
}

// watched is what --watch has shown.
type watched struct {
	*call
	last string // the last tree
	away bool   // whether the last look failed
}

// show draws one look: the tree, or why there is none. A terminal keeps the last tree below the reason; a pipe gets the reason
// once, on stderr.
func (w *watched) show(text string, failed error) error {
	was := w.away
	w.away = failed != nil
	switch {
	case failed == nil:
		w.last = text
		return w.print(w.frame(text))
	case w.Terminal:
		return w.print(w.frame(fmt.Sprintf("no answer, trying again: %v\n%s", failed, w.last)))
	case !was:
		fmt.Fprintf(w.Stderr, "neutron-status: no answer, trying again: %v\n", failed)
	}
	return nil
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
	if c.Size != nil {
		text = fit(text, c.Size)
	}
	return cursorHome + strings.ReplaceAll(text, "\n", clearLineEnd+"\n") + clearBelow
}

// fit cuts text to what a terminal shows: a line that wraps, and a picture that scrolls, would not be overwritten by the next.
// Below the last line stands the cursor.
func fit(text string, size func() (width, height int)) string {
	width, height := size()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if room := height - 1; room > 1 && len(lines) > room {
		more := len(lines) - room + 1
		lines = append(lines[:room-1:room-1], fmt.Sprintf("... %d more lines", more))
	}
	for i, line := range lines {
		if width > 0 && utf8.RuneCountInString(line) > width {
			lines[i] = string([]rune(line)[:width])
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
