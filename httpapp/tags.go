package httpapp

import (
	"errors"
	"net/http"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/tag"
)

// taggable are the collections whose objects have tags, by the first segment of their URL.
func taggable() []string {
	return []string{"ports", "subnets", "subnetpools", "networks", "routers", "floatingips", "policies", "security-groups", "trunks",
		"network_segment_ranges"}
}

// registerTags adds the tags of every collection that is registered.
func registerTags(e *api.Engine, o Options, h *hooks) error {
	var all error
	for _, segment := range taggable() {
		if res := e.Lookup(strings.ReplaceAll(segment, "_", "-")); res != nil {
			all = errors.Join(all, tagRules(e, res, segment, o, h))
		}
	}
	return all
}

func tagRules(e *api.Engine, res *api.Resource, segment string, o Options, h *hooks) error {
	s, err := tag.New(tag.Options{DB: o.DB, Collection: res.Collection, Exists: res.Exists, List: api.CheckUniqueStrings, Hooks: &h.tags, Now: o.Now})
	if err != nil {
		return err
	}
	err = tagRulesAt(e, res, segment, s)
	if res.Prefix != "" { // where clients look for them, and Neutron fails
		err = errors.Join(err, tagRulesAt(e, res, res.Prefix+"/"+segment, s))
	}
	return err
}

// tagRulesAt adds the tags of the objects at one path.
func tagRulesAt(e *api.Engine, res *api.Resource, path string, s *tag.Service) error {
	object := "_" + res.Name + ":tags" // what the policy rules of all tags end with
	all, one := path+"/{}/tags", path+"/{}/tags/{}"
	return api.AddRules(e,
		api.Rule{Method: http.MethodGet, Path: all, Status: http.StatusOK, Policy: "get" + object, Of: res.Segment, Do: s.Index},
		api.Rule{Method: http.MethodPost, Path: all, Status: http.StatusOK, Policy: "create" + object, Of: res.Segment, Do: s.Create},
		api.Rule{Method: http.MethodPut, Path: all, Status: http.StatusOK, Policy: "update" + object, Of: res.Segment, Do: s.Replace},
		api.Rule{Method: http.MethodDelete, Path: all, Status: http.StatusNoContent, Policy: "delete" + object, Of: res.Segment, Do: s.Clear},
		api.Rule{Method: http.MethodGet, Path: one, Status: http.StatusNoContent, Policy: "get" + object, Of: res.Segment, Do: s.Show},
		api.Rule{Method: http.MethodPut, Path: one, Status: http.StatusCreated, Policy: "update" + object, Of: res.Segment, Do: s.Add},
		api.Rule{Method: http.MethodDelete, Path: one, Status: http.StatusNoContent, Policy: "delete" + object, Of: res.Segment, Do: s.Delete},
	)
}
