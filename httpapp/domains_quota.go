package httpapp

import (
	"context"
	"net/http"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/policy"
	"github.com/seed-a8f20362/hadron/httpapp/quota"
)

// newQuotas returns the limits of projects. What a rule of policy says about them is held against the project whose limits they
// are; Neutron holds it against the caller's own, so that a manager of one project reads the limits of all.
func newQuotas(s *conf.Snapshot, o Options, rules *policy.Enforcer, h *hooks) (*quota.Engine, error) {
	return quota.New(quota.Options{
		Authorize: func(ctx context.Context, rc *neutron.Context, rule, project string) error {
			caller, m := rules.Caller(rc, parents{o.DB}), policy.NewMatch(rules.Rule(rule))
			return caller.Enforce(ctx, &m, policy.AttrsObject(neutron.Attrs{"project_id": project}))
		},
		DB: o.DB, Hooks: &h.quotas, Now: o.Now, Driver: s.Text(conf.QuotaDriver), Check: api.QuotaLimits(quota.Resources()),
		Limits: quota.Limits{
			Default:           s.Int(conf.DefaultQuota),
			Network:           s.Int(conf.QuotaNetwork),
			Subnet:            s.Int(conf.QuotaSubnet),
			Port:              s.Int(conf.QuotaPort),
			Router:            s.Int(conf.QuotaRouter),
			FloatingIP:        s.Int(conf.QuotaFloatingIP),
			RBACPolicy:        s.Int(conf.QuotaRBACPolicy),
			SecurityGroup:     s.Int(conf.QuotaSecurityGroup),
			SecurityGroupRule: s.Int(conf.QuotaSecurityGroupRule),
		},
	})
}

// registerQuotas adds the URLs of quotas. Some of them reach Pecan's own controller in the original, which answers as if they
// were GET, but for DELETE of the collection only a client that errs meets them.
func registerQuotas(e *api.Engine, q *quota.Engine, details bool) error {
	rules := []api.Rule{
		{Method: http.MethodGet, Path: "quotas", Status: http.StatusOK, Do: q.List},
		{Method: http.MethodHead, Path: "quotas", Status: http.StatusOK, Do: q.List},
		{Method: http.MethodDelete, Path: "quotas", Status: http.StatusOK, Do: q.List},
		{Method: http.MethodPost, Path: "quotas", Status: http.StatusCreated, Do: q.Create},
		{Method: http.MethodGet, Path: "quotas/tenant", Status: http.StatusOK, Do: q.Tenant},
		{Method: http.MethodGet, Path: "quotas/project", Status: http.StatusOK, Do: q.Project},
		{Method: http.MethodGet, Path: "quotas/{}", Status: http.StatusOK, Do: q.Show},
		{Method: http.MethodHead, Path: "quotas/{}", Status: http.StatusOK, Do: q.Show},
		{Method: http.MethodPost, Path: "quotas/{}", Status: http.StatusOK, Do: q.Show},
		{Method: http.MethodPut, Path: "quotas/{}", Status: http.StatusOK, Do: q.Update},
		{Method: http.MethodDelete, Path: "quotas/{}", Status: http.StatusNoContent, Do: q.Delete},
		{Method: http.MethodGet, Path: "quotas/{}/default", Status: http.StatusOK, Do: q.Default},
	}
	if details {
		rules = append(rules, api.Rule{Method: http.MethodGet, Path: "quotas/{}/details", Status: http.StatusOK, Do: q.Details})
	}
	return api.AddRules(e, rules...)
}
