package api

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// revisionTag begins the entity tags that name a revision; others are for somebody else.
const revisionTag = "revision_number="

// readMatch reads the header If-Match. What only reads has nothing to constrain, but a header that is wrong is refused
// everywhere, as in Neutron.
func (c *call) readMatch() error {
	values := c.request.Header.Values("If-Match")
	if len(values) == 0 {
		return nil
	}
	revision, ok, err := matchedRevision(strings.Join(values, ","))
	if err != nil || !ok || c.reads() {
		return err
	}
	collection := "if-match"
	if c.resource != nil {
		collection = c.resource.Collection
	}
	if c.resource == nil || c.action == create || c.front.engine.options.IfMatch == nil {
		return errUnmatched(collection)
	}
	ctx, err := c.front.engine.options.IfMatch(c.context(), collection, c.id, revision)
	if err == nil {
		c.limited = ctx
	}
	return err
}

func (c *call) reads() bool {
	return c.action == index || c.action == show || c.action == follow && c.rule.Method == http.MethodGet
}

// matchedRevision returns the revision that the header's value names; ok is false when it names none.
func matchedRevision(value string) (revision int64, ok bool, err error) {
	for _, tag := range entityTags(value) {
		text, found := strings.CutPrefix(tag, revisionTag)
		switch {
		case !found:
			continue
		case ok:
			return 0, false, badMatch("Multiple revision_number etags are not supported.")
		}
		if revision, ok = wholeNumber(text); !ok {
			return 0, false, badMatch("Revision number etag must be in the format of revision_number=<int>")
		}
	}
	return revision, ok, nil
}

// entityTags returns the strong tags of an If-Match header. A value without a quoted one is a tag itself; * is none.
func entityTags(value string) []string {
	if value == "*" {
		return nil
	}
	quoted := regexp.MustCompile(`(?:^|[\s,])(W/)?"((?:\\"|.)*?)"`).FindAllStringSubmatch(value, -1)
	if len(quoted) == 0 {
		return []string{value}
	}
	var tags []string
	for _, m := range quoted {
		if m[1] == "" {
			tags = append(tags, m[2])
		}
	}
	return tags
}

// wholeNumber reads a whole number as Python's int() does, as far as it has 64 bits.
func wholeNumber(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "_") || strings.HasSuffix(s, "_") || strings.Contains(s, "__") {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 64)
	return n, err == nil
}

func badMatch(msg string) error {
	return neutron.NewError(neutron.BadRequest, "BadRequest", "Bad if-match request: %s.", msg)
}

// errUnmatched refuses a constraint that nothing could keep, where Neutron fails with 500.
func errUnmatched(collection string) error {
	return neutron.NewError(neutron.BadRequest, "BadRequest", "Bad %s request: Revision matching not supported for this resource.", collection)
}
