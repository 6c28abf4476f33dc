package admin

import (
	"cmp"
	"slices"

	"github.com/seed-a8f20362/hadron/etc/conf"
)

// Options lists all options of a configuration, with secrets masked, DEFAULT first and then by group and name.
func Options(s *conf.Snapshot) []Option {
	declared := conf.Options()
	options := make([]Option, 0, len(declared))
	for _, o := range declared {
		if v, ok := s.Lookup(o.Group, o.Key()); ok {
			options = append(options, Option{Group: o.Group, Name: o.Key(), Value: v.String(), Origin: v.Origin.String()})
		}
	}
	slices.SortFunc(options, func(a, b Option) int {
		return cmp.Or(compareGroups(a.Group, b.Group), cmp.Compare(a.Name, b.Name))
	})
	return options
}

// ReportTrigger is the file that asks for a report by a configuration.
func ReportTrigger(s *conf.Snapshot) Trigger {
	return Trigger{Path: s.Text(conf.ReportsFileEventHandler), Interval: s.Seconds(conf.ReportsFileEventHandlerInterval)}
}

func compareGroups(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "DEFAULT":
		return -1
	case b == "DEFAULT":
		return 1
	}
	return cmp.Compare(a, b)
}
